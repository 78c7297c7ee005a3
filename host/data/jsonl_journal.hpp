// JsonlJournal: changes to records of a JSONL file that are not in the file yet. One line a batch, so a batch is there
// or is not; on the disk before it counts. Applying a journal twice is applying it once. Guarded by the collection's
// lock.
//
// A line: {"v": 1, "file": "examples.jsonl", "changes": [{"id", "base", "record"}, ...]}. `base` is the revision that
// the record had (null: it was not there), `record` what it became (null: removed).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/hash.hpp"
#include "data/jsonl_index.hpp"
#include "io/files.hpp"

namespace fthost::data {

// What a record is by the journal.
struct JsonlPending {
  std::uint64_t revision = 0;  // 0: removed
  std::uint64_t offset = 0;    // of the record within the journal
  std::uint32_t length = 0;
};

class JsonlJournal {
 public:
  using Notify = io::AppendFile::Notify;
  static constexpr std::size_t kLineLimit = std::size_t{1} << 30;

  JsonlJournal(std::filesystem::path path, std::string file_name, Notify notify);

  struct Change {
    std::string_view id;
    std::uint64_t base = 0;   // 0: was not there
    std::string_view record;  // one line
    bool removed = false;
    JsonlPending pending;  // filled in by write()
  };
  // All of them or none; on the disk when it returns.
  Result<void> write(std::span<Change> changes);

  struct State {
    // In the order of the journal; an id comes once.
    std::vector<std::pair<Hash128, JsonlPending>> pending;
    // Changes as they stand in the journal, where the file has neither what they began with nor what they made of it.
    std::vector<std::string> conflicts;
  };
  // What of the journal is not in the file that `index` describes and whose stamp is `file`.
  Result<State> replay(const JsonlIndex& index, const std::string& file);
  // The changes so far are in the file of this stamp: where the journal is found beside it, they are not made again.
  Result<void> mark_folded(const std::string& file);

  bool exists() const;
  std::uint64_t size() const;
  Result<io::Descriptor> open() const;
  Result<void> remove();
  const std::filesystem::path& path() const { return path_; }

 private:
  Result<std::uint64_t> append(const std::string& line);

  std::filesystem::path path_;
  std::string file_name_;
  Notify notify_;
  std::optional<io::AppendFile> file_;
};

}  // namespace fthost::data
