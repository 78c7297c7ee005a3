// Added tokens: the ones that are found in the text before anything else looks at it. Read only once built; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fthost::text {

struct AddedToken {
  std::int32_t id = 0;
  std::string content;
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // and after it
  bool normalized = false;   // looked for after normalisation
  bool special = false;
};

// Finds the longest of a set of tokens at each place, leftmost first.
class TokenMatcher {
 public:
  // A stretch of the text: an added token's id, or -1 for text between tokens.
  struct Part {
    std::int32_t id;
    std::string_view text;
  };
  // `pattern` is what to look for: the content, or what the normalizer makes of it. Empty patterns are left out.
  void add(const AddedToken& token, std::string_view pattern);
  bool empty() const { return tokens_.empty(); }
  void split(std::string_view text, std::vector<Part>& parts) const;

 private:
  struct Entry {
    std::int32_t id;
    bool single_word, lstrip, rstrip;
  };
  const Entry* longest_at(std::string_view text, std::size_t at, std::size_t& end) const;

  std::vector<Entry> tokens_;
  bool starts_[256] = {};                                   // bytes that begin a token
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;  // node << 8 | byte -> node; the root is 0
  std::vector<std::int32_t> ends_ = {-1};                   // of a node: index into tokens_, -1: none
};

}  // namespace fthost::text
