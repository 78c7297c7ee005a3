// Regex: a compiled PCRE2 pattern over UTF-8, with the classes of Oniguruma, which Hugging Face tokenizers use.
// Immutable; any number of threads may match with it, each through a Scan of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace fthost::text {

class Regex {
 public:
  // The pattern in Oniguruma's (Ruby's) syntax as far as PCRE2 shares it; the rest is refused with a sentence.
  static Result<Regex> compile(std::string_view pattern, const std::string& where);
  static std::string escape(std::string_view literal);

  // Walks the matches in a text, which must be valid UTF-8 and outlive the scan.
  class Scan {
   public:
    Scan(const Regex& regex, std::string_view text);
    // The next match that is not empty, as byte offsets. Throws Failure when the pattern needs too many steps.
    bool next(std::size_t& begin, std::size_t& end);

   private:
    struct Deleter {
      void operator()(void* match_data) const;
    };
    const Regex& regex_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::unique_ptr<void, Deleter> match_data_;
  };

 private:
  struct Deleter {
    void operator()(void* code) const;
  };
  explicit Regex(void* code, std::string pattern) : code_(code), pattern_(std::move(pattern)) {}

  std::unique_ptr<void, Deleter> code_;
  std::string pattern_;
  bool jit_ = false;
};

}  // namespace fthost::text
