// Typed calls into an instance: what the C tables take and give, as C++ values. All block and belong on a worker.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/registry.hpp"

namespace fthost::plugin {

using Context = std::shared_ptr<CallContext>;
using Cell = std::optional<std::string>;  // nothing: absent

// A batch that owns its cells: columns[c][r].
class Batch {
 public:
  explicit Batch(std::vector<std::vector<Cell>> columns);
  const ft_batch* get() const { return &batch_; }
  std::size_t rows() const { return batch_.row_count; }

 private:
  std::vector<std::vector<Cell>> cells_;
  std::vector<std::vector<ft_str>> views_;
  std::vector<const ft_str*> pointers_;
  std::vector<std::uint64_t> numbers_;
  ft_batch batch_{};
};

// A column of each of `rows` (JSON objects) as a plugin asked for it.
std::vector<Cell> cut_column(const Json& rows, const ft_column& column);

// One number a row, or a list of them for a scorer of several outputs; null where there is no score.
Result<Json> score_rows(Instance& scorer, const Json& rows, const Context& context);

// [{"collection", "count"}]
Result<Json> storage_list(Instance& storage, const Context& context);

// Each {"id", "revision", "record"}, until `item` returns false.
Result<void> storage_read(Instance& storage, const std::string& collection, const Json& query, const Context& context,
                          const std::function<bool(std::string_view item)>& item);

enum class StorageWrite { append, put, remove };
// Columns as in ft_plugin.h, without absent cells (a revision "" is absent). Returns what the storage says.
Result<Json> storage_write(Instance& storage, StorageWrite what, const std::string& collection,
                           const std::vector<std::vector<std::string>>& columns, const Context& context);

struct Detection {
  double confidence = 0;
  std::string why;
};
Result<Detection> detect_format(Instance& formatter, std::string_view sample, const std::string& name,
                                const Context& context);

}  // namespace fthost::plugin
