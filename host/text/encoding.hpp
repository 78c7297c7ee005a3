// Encoding: byte-pair encodings that come as ranks (o200k_base, cl100k_base): text to token ids and back, or only
// counted, fast. The encoding is immutable and may be used from any number of threads; each has a Scratch of its own.
//
// Text that is not UTF-8 counts as with U+FFFD in place of what is wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "text/encoding/table.hpp"

namespace fthost::text {

class Encoding {
 public:
  // What a thread keeps from text to text: the tokens of short pieces that it has met, and room to work. Good for any
  // encoding; what it knows of another one is forgotten.
  class Scratch {
   public:
    Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    ~Scratch();

   private:
    friend class Encoding;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  // A table file; `name` chooses among the encodings that it serves, which differ in their special tokens. Empty: the
  // first.
  static Result<Encoding> open(const std::string& path, std::string_view name = {});
  static Result<Encoding> make(RankTable table, std::string_view name, const std::string& where);

  // Text as it stands: what looks like a special token is text.
  std::uint64_t count(std::string_view text, Scratch& scratch) const;
  // Appends the ids.
  void encode_to(std::string_view text, Scratch& scratch, std::vector<std::int32_t>& ids) const;
  // The same, but these special tokens become their ids; those that the encoding does not have are text.
  void encode_to(std::string_view text, std::span<const std::string> specials, Scratch& scratch,
                 std::vector<std::int32_t>& ids) const;
  // The first special token that stands in the text, or empty.
  std::string_view find_special(std::string_view text) const;

  // The bytes of the ids, perhaps not UTF-8; an id that there is not is an Error.
  Result<std::string> decode_bytes(std::span<const std::int32_t> ids) const;
  // Always UTF-8: U+FFFD for what is cut off.
  Result<std::string> decode(std::span<const std::int32_t> ids) const;

  const std::string& name() const { return name_; }
  const std::vector<std::pair<std::string, std::int32_t>>& special_tokens() const { return specials_; }
  std::uint32_t vocab_size() const { return vocab_size_; }  // highest id + 1

 private:
  explicit Encoding(RankTable table) : table_(std::move(table)) {}
  template <class Sink>
  bool run(std::string_view text, Scratch::Impl& scratch, Sink& sink) const;
  template <class Sink>
  void encode_any(std::string_view text, Scratch& scratch, Sink& sink) const;
  std::uint32_t longest(const char* begin, const char* end) const;
  bool stay_apart(std::uint32_t left, std::uint32_t right) const;
  void merge(std::string_view piece, Scratch::Impl& scratch) const;

  RankTable table_;
  std::string name_;
  std::vector<std::pair<std::string, std::int32_t>> specials_;
  std::uint32_t vocab_size_ = 0;
};

}  // namespace fthost::text
