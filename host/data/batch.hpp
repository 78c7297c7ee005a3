// Batch: rows cut into columns, with everything that the slices point to. Made on one thread, it may then be given to
// another; it does not change once it is taken from its builder.
#pragma once

#include <ft_plugin.h>

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <vector>

#include "data/json.hpp"
#include "data/row.hpp"

namespace fthost::data {

class Batch {
 public:
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  const ft_batch* get() const { return &state_->view; }
  std::size_t size() const { return state_->rows.size(); }

 private:
  friend class BatchBuilder;
  struct State {
    std::pmr::monotonic_buffer_resource arena;      // decoded strings and copied rows
    std::vector<std::shared_ptr<const void>> kept;  // memory of others that slices point to
    std::vector<std::uint64_t> rows;
    std::vector<std::vector<ft_str>> columns;
    std::vector<const ft_str*> pointers;
    ft_batch view{};
    std::size_t bytes = 0;
  };
  explicit Batch(std::unique_ptr<State> state) : state_(std::move(state)) {}
  std::unique_ptr<State> state_;
};

class BatchBuilder {
 public:
  struct Limits {
    std::size_t rows = 4096;
    std::size_t bytes = std::size_t{8} << 20;  // of the rows' text
  };

  explicit BatchBuilder(std::span<const ft_column> columns) : BatchBuilder(columns, Limits()) {}
  BatchBuilder(std::span<const ft_column> columns, Limits limits);

  // `number` is the row's source line. With `owner`, who keeps the row's text alive (JsonlReader::chunk), slices borrow
  // from it; without, the text is copied.
  void add(std::uint64_t number, const Value& row, std::shared_ptr<const void> owner = nullptr);

  bool full() const;
  bool empty() const { return state_->rows.empty(); }
  Batch take();  // and begins the next one

 private:
  Columns columns_;
  Limits limits_;
  std::vector<ft_str> cut_;
  std::unique_ptr<Batch::State> state_;
};

}  // namespace fthost::data
