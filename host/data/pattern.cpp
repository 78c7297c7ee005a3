#include "data/pattern.hpp"

#include <stdexcept>

namespace fthost::data {

Pattern::Pattern(std::string_view text) : text_(text) {
  if (text.empty()) return;
  if (text.front() != '/') throw std::invalid_argument("a pattern begins with '/'");
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t length = std::min(text.find('/'), text.size());
    const std::string_view raw = text.substr(0, length);
    text.remove_prefix(length);
    Token token;
    token.any = raw == "*";
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool pair = raw[i] == '~' && i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1');
      token.key += pair ? (raw[++i] == '1' ? '/' : '~') : raw[i];
    }
    const auto parsed = std::from_chars(raw.data(), raw.data() + raw.size(), token.index);
    token.is_index = parsed.ec == std::errc() && parsed.ptr == raw.data() + raw.size();
    tokens_.push_back(std::move(token));
  }
}

Value Pattern::first(const Value& value) const {
  Value found;
  visit(value, [&](const Value& here) {
    if (!found) found = here;
  });
  return found;
}

}  // namespace fthost::data
