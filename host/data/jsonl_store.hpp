// JsonlStore: the collections in a folder; "examples" is <folder>/examples.jsonl. One thread at a time. Closing brings
// the journals into the files.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/jsonl_collection.hpp"

namespace fthost::data {

class JsonlStore {
 public:
  using Cancelled = JsonlCollection::Cancelled;

  explicit JsonlStore(StoreOptions options) : options_(std::move(options)) {}
  JsonlStore(const JsonlStore&) = delete;
  JsonlStore& operator=(const JsonlStore&) = delete;
  ~JsonlStore();  // closes; what does not work is told to notify

  struct Listed {
    std::string name;
    std::uint64_t count;
  };
  // By name. Files that are not open are counted as they are, without repairing anything.
  Result<std::vector<Listed>> list(const Cancelled& cancelled = {});

  // As in JsonlCollection. A name is letters, digits and other visible characters, with '/' for folders; no part of it
  // begins with a dot.
  Result<JsonlCollection::Appended> append(std::string_view collection, std::span<const StoreItem> items,
                                           const Cancelled& cancelled = {});
  Result<void> put(std::string_view collection, std::span<const StoreItem> items, const Cancelled& cancelled = {});
  Result<std::uint64_t> remove(std::string_view collection, std::span<const std::string_view> ids,
                               const Cancelled& cancelled = {});
  Result<void> read(std::string_view collection, const StoreQuery& query, const JsonlCollection::Sink& sink,
                    const Cancelled& cancelled = {});
  Result<void> fold(std::string_view collection, const Cancelled& cancelled = {});
  // Lines of the file that are no records, as of the last call.
  std::span<const LineFinding> findings(std::string_view collection) const;

  // Folds every collection that was changed. The store can be used on afterwards.
  Result<void> close();

 private:
  Result<JsonlCollection*> collection(std::string_view name);

  StoreOptions options_;
  std::map<std::string, std::unique_ptr<JsonlCollection>, std::less<>> open_;
};

}  // namespace fthost::data
