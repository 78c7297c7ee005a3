#include "data/shape.hpp"

#include <cstring>

#include "data/hash.hpp"
#include "data/json_text.hpp"

namespace fthost::data {

namespace {

constexpr std::size_t kShortNumber = 3;  // characters that count
constexpr std::size_t kEscape = 6;       // bytes at most that an escaped character takes

std::uint64_t mixed(std::uint64_t state, std::uint64_t value) {
  return fold64(state ^ value, 0x9E3779B97F4A7C15u) + value;
}

// Up to eight bytes at `at`, as a number; what lies behind them in the text may be read, not what lies behind that.
std::uint64_t few_bytes(std::string_view text, std::size_t at, std::size_t size) {
  std::uint64_t bytes = 0;
  if (at + 8 <= text.size()) {
    std::memcpy(&bytes, text.data() + at, 8);
    return size == 8 ? bytes : bytes & ((std::uint64_t{1} << (size * 8)) - 1);
  }
  std::memcpy(&bytes, text.data() + at, size);
  return bytes;
}

}  // namespace

void Shapes::finish() { all_known_ = words_.finish() && numeric_keys_.finish() && all_known_; }

bool Shapes::counts_under(std::string_view text, const Document::Node& key) const {
  return key.escaped_key || numeric_keys_.number(text.substr(key.begin + 1, key.end - key.begin - 2)).has_value();
}

// Bit 0: it is blank; above it 1 for some text, else the number of the word that it is.
std::uint64_t Shapes::word_of(std::string_view inner) {
  const unsigned char first = inner.empty() ? 0 : static_cast<unsigned char>(inner.front());
  // Most strings begin with a letter, and the words that rules know are short.
  if (first > 0x20 && first < 0x80 && first != '\\') {
    if (inner.size() > longest_ * kEscape) return 2;
    if (inner.find('\\') == std::string_view::npos) return word_number(inner) << 1;
  }
  scratch_.clear();
  append_decoded(scratch_, inner);
  return word_number(scratch_) << 1 | (is_blank(scratch_) ? 1 : 0);
}

std::optional<std::uint64_t> Shapes::of(const Document& row) {
  if (!all_known_) return {};
  const std::string_view text = row.text();
  const std::span<const Document::Node> nodes = row.nodes();
  std::uint64_t state = nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Document::Node& node = nodes[i];
    const std::size_t size = node.end - node.begin;
    const auto kind = static_cast<std::uint64_t>(node.kind);
    if (node.is_key) {
      const std::string_view key = text.substr(node.begin + 1, size - 2);
      state = mixed(state, key.size() << 8 | 0x80);
      state = mixed(state, key.size() <= 8 ? few_bytes(text, node.begin + 1, key.size()) : hash64(key));
      continue;
    }
    switch (node.kind) {
      case Kind::string: {
        state = mixed(state, kind | word_of(text.substr(node.begin + 1, size - 2)) << 8);
        break;
      }
      case Kind::number: {
        const bool counts = all_numbers_ || (i > 0 && nodes[i - 1].is_key && counts_under(text, nodes[i - 1]));
        if (counts && size > kShortNumber) return {};
        const std::string_view token = text.substr(node.begin, size);
        const bool whole = token.find_first_of(".eE") == std::string_view::npos;
        state = mixed(state, kind | (whole ? 0x10 : 0));
        if (counts) state = mixed(state, few_bytes(text, node.begin, size));
        break;
      }
      case Kind::boolean:
        state = mixed(state, kind | (text[node.begin] == 't' ? 0x10 : 0));
        break;
      case Kind::null:
        state = mixed(state, kind);
        break;
      case Kind::array:
      case Kind::object:
        state = mixed(state, kind | static_cast<std::uint64_t>(node.next - i) << 8);
        break;
    }
  }
  return state;
}

const Shapes::Known* Shapes::find(std::uint64_t shape) const {
  const std::uint32_t at = index_.find(shape);
  return at == HashIndex::kNone ? nullptr : &known_[at];
}

void Shapes::remember(std::uint64_t shape, Known known) {
  if (known_.size() == kMost) return;
  if (index_.insert(shape, static_cast<std::uint32_t>(known_.size())) == HashIndex::kNone)
    known_.push_back(std::move(known));
}

}  // namespace fthost::data
