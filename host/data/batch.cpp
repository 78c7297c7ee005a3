#include "data/batch.hpp"

#include <cstring>
#include <utility>

namespace fthost::data {

BatchBuilder::BatchBuilder(std::span<const ft_column> columns, Limits limits)
    : columns_(columns), limits_(limits), cut_(columns.size()), state_(std::make_unique<Batch::State>()) {
  state_->columns.resize(columns.size());
}

void BatchBuilder::add(std::uint64_t number, const Value& row, std::shared_ptr<const void> owner) {
  Batch::State& state = *state_;
  columns_.cut(row, state.arena, cut_.data());
  const std::string_view text = row.raw();
  if (owner) {
    if (state.kept.empty() || state.kept.back() != owner) state.kept.push_back(std::move(owner));
  } else if (!cut_.empty()) {
    // One copy of the row; its slices move with it, decoded strings are the arena's already.
    char* copy = static_cast<char*>(state.arena.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    for (ft_str& slice : cut_) {
      const auto offset = reinterpret_cast<std::uintptr_t>(slice.data) - reinterpret_cast<std::uintptr_t>(text.data());
      if (slice.data && offset < text.size()) slice.data = copy + offset;
    }
  }
  for (std::size_t c = 0; c < cut_.size(); ++c) state.columns[c].push_back(cut_[c]);
  state.rows.push_back(number);
  state.bytes += text.size();
}

bool BatchBuilder::full() const { return state_->rows.size() >= limits_.rows || state_->bytes >= limits_.bytes; }

Batch BatchBuilder::take() {
  auto next = std::make_unique<Batch::State>();
  next->columns.resize(columns_.size());
  std::unique_ptr<Batch::State> state = std::exchange(state_, std::move(next));
  for (const std::vector<ft_str>& column : state->columns) state->pointers.push_back(column.data());
  state->view = ft_batch{sizeof(ft_batch), static_cast<std::uint32_t>(state->columns.size()), state->rows.size(),
                         state->rows.data(), state->pointers.data()};
  return Batch(std::move(state));
}

}  // namespace fthost::data
