#include "data/edit.hpp"

#include <algorithm>

namespace fthost::data {

namespace {

bool is_gap(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

bool Edits::remove(const Value& value) {
  if (value.index() == 0) return false;
  const Value key = value.key();
  const std::uint32_t begin = static_cast<std::uint32_t>(key ? key.begin() : value.begin());
  edits_.push_back({begin, static_cast<std::uint32_t>(value.begin() + value.raw().size()), "", true});
  return true;
}

void Edits::replace(const Value& value, std::string json) {
  const std::uint32_t begin = static_cast<std::uint32_t>(value.begin());
  edits_.push_back({begin, static_cast<std::uint32_t>(begin + value.raw().size()), std::move(json)});
}

void Edits::append(const Value& container, std::string_view json, bool first) {
  std::uint32_t end = static_cast<std::uint32_t>(container.begin() + container.raw().size() - 1);
  for (Value last = container.first(); last; last = last.next())
    end = static_cast<std::uint32_t>(last.begin() + last.raw().size());
  edits_.push_back({end, end, (first ? "" : ",") + std::string(json)});
}

void Edits::clear() {
  edits_.clear();
  dropped_ = false;
}

std::string Edits::apply(std::string_view text, std::size_t base) {
  std::stable_sort(edits_.begin(), edits_.end(),
                   [](const Edit& a, const Edit& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits_) {
    const std::size_t begin = edit.begin - base;
    if (begin < at) continue;
    out.append(text, at, begin - at);
    at = edit.end - base;
    if (!edit.removes) {
      out += edit.text;
      continue;
    }
    // The comma behind it goes too; where there is none, the one before.
    std::size_t after = at;
    while (after < text.size() && is_gap(text[after])) ++after;
    if (after < text.size() && text[after] == ',') {
      at = after + 1;
      while (at < text.size() && is_gap(text[at])) ++at;
      continue;
    }
    std::size_t before = out.size();
    while (before > 0 && is_gap(out[before - 1])) --before;
    if (before > 0 && out[before - 1] == ',') out.resize(before - 1);
  }
  out.append(text, at);
  return out;
}

}  // namespace fthost::data
