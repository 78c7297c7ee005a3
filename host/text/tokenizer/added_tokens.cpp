#include "text/tokenizer/added_tokens.hpp"

#include <utf8proc.h>

#include <algorithm>

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

bool is_word(char32_t c) {
  if (c == 0x200C || c == 0x200D) return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

bool ends_with_word(std::string_view text) {
  if (text.empty()) return false;
  std::size_t start = text.size() - 1;
  while (start > 0 && (static_cast<std::uint8_t>(text[start]) & 0xC0) == 0x80) --start;
  return is_word(code_point_at(text, start).value);
}

bool starts_with_word(std::string_view text) { return !text.empty() && is_word(code_point_at(text, 0).value); }

}  // namespace

void TokenMatcher::add(const AddedToken& token, std::string_view pattern) {
  if (pattern.empty()) return;
  starts_[static_cast<std::uint8_t>(pattern[0])] = true;
  std::uint32_t node = 0;
  for (const char c : pattern) {
    const auto [edge, fresh] = edges_.try_emplace(std::uint64_t{node} << 8 | static_cast<std::uint8_t>(c),
                                                  static_cast<std::uint32_t>(ends_.size()));
    if (fresh) ends_.push_back(-1);
    node = edge->second;
  }
  ends_[node] = static_cast<std::int32_t>(tokens_.size());
  tokens_.push_back({token.id, token.single_word, token.lstrip, token.rstrip});
}

const TokenMatcher::Entry* TokenMatcher::longest_at(std::string_view text, std::size_t at, std::size_t& end) const {
  const Entry* found = nullptr;
  std::uint32_t node = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const auto edge = edges_.find(std::uint64_t{node} << 8 | static_cast<std::uint8_t>(text[i]));
    if (edge == edges_.end()) break;
    node = edge->second;
    if (ends_[node] >= 0) {
      found = &tokens_[static_cast<std::size_t>(ends_[node])];
      end = i + 1;
    }
  }
  return found;
}

void TokenMatcher::split(std::string_view text, std::vector<Part>& parts) const {
  std::size_t done = 0;  // everything before is in `parts`
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = 0;
    const Entry* token = starts_[static_cast<std::uint8_t>(text[at])] ? longest_at(text, at, end) : nullptr;
    if (!token) {
      ++at;
      continue;
    }
    std::size_t start = at;
    at = end;
    if (token->single_word && (ends_with_word(text.substr(0, start)) || starts_with_word(text.substr(end)))) continue;
    if (token->lstrip) start = std::max(done, trim_end(text.substr(0, start), Space::unicode).size());
    if (token->rstrip) end = text.size() - trim_start(text.substr(end), Space::unicode).size();
    if (start > done) parts.push_back({-1, text.substr(done, start - done)});
    if (start < end) parts.push_back({token->id, text.substr(start, end - start)});
    done = end;
  }
  if (done < text.size()) parts.push_back({-1, text.substr(done)});
}

}  // namespace fthost::text
