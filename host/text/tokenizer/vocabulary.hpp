// Vocabulary: token texts by id and ids by text, in one arena with one open-addressing table. Filled once, then read
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fthost::text {

class Vocabulary {
 public:
  static constexpr std::int32_t kMaxId = 1 << 24;  // a larger id in a file is a mistake, not a vocabulary

  // Ids in 0..kMaxId. A token added twice keeps both ids, the later one is found by text.
  void add(std::string_view token, std::int32_t id);
  // Builds the table; call once after the last add().
  void finish();

  std::size_t size() const { return spans_.size(); }  // highest id + 1
  std::string_view text(std::int32_t id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= spans_.size()) return {};
    const Span& span = spans_[static_cast<std::size_t>(id)];
    return std::string_view(arena_).substr(span.offset, span.size);
  }
  bool has(std::int32_t id) const {
    return id >= 0 && static_cast<std::size_t>(id) < spans_.size() && spans_[static_cast<std::size_t>(id)].present;
  }
  std::int32_t find(std::string_view token) const;  // -1: not there

 private:
  struct Span {
    std::size_t offset = 0;
    std::uint32_t size = 0;
    bool present = false;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t id = -1;
  };
  static std::uint32_t hash(std::string_view token) {
    const std::size_t full = std::hash<std::string_view>{}(token);
    return static_cast<std::uint32_t>(full ^ full >> 32);
  }
  std::string arena_;
  std::vector<Span> spans_;
  std::vector<std::int32_t> order_;  // ids as added
  std::vector<Slot> slots_;          // a power of two, at most half full
};

inline void Vocabulary::add(std::string_view token, std::int32_t id) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= spans_.size()) spans_.resize(index + 1);
  spans_[index] = {arena_.size(), static_cast<std::uint32_t>(token.size()), true};
  arena_ += token;
  order_.push_back(id);
}

inline void Vocabulary::finish() {
  std::size_t capacity = 16;
  while (capacity < order_.size() * 2) capacity *= 2;
  slots_.assign(capacity, {});
  for (const std::int32_t id : order_) {
    const std::string_view token = text(id);
    const std::uint32_t key = hash(token);
    std::size_t at = key & (capacity - 1);
    while (slots_[at].id >= 0 && !(slots_[at].hash == key && text(slots_[at].id) == token))
      at = (at + 1) & (capacity - 1);
    slots_[at] = {key, id};
  }
  order_ = {};
}

inline std::int32_t Vocabulary::find(std::string_view token) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t key = hash(token);
  for (std::size_t at = key & mask; slots_[at].id >= 0; at = (at + 1) & mask) {
    if (slots_[at].hash == key && text(slots_[at].id) == token) return slots_[at].id;
  }
  return -1;
}

}  // namespace fthost::text
