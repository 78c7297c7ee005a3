// JsonlCollection: the records of one JSONL file that people edit too. New records are appended to the file; changes
// and removals go to a journal, are seen at once, and are folded into the file when it is opened, closed, or the
// journal has grown. Used by one thread; a lock makes the processes take turns, and each looks again when the file has
// changed.
//
// What has been acknowledged survives a kill at any instant, and the file is whole lines at any instant but that of a
// kill within an append, which the next opening repairs. A person's edit is never overwritten: where the journal and
// the person changed the same record, the person's stays and the journal's is kept in <name>.conflicts.jsonl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "data/jsonl_index.hpp"
#include "data/jsonl_journal.hpp"
#include "io/files.hpp"
#include "io/lock.hpp"

namespace fthost::data {

struct StoreOptions {
  std::filesystem::path folder;   // of the collections' files
  std::filesystem::path journal;  // folder of journals and locks
  std::function<void(const std::string& sentence)> notify = [](const std::string&) {};
  std::uint64_t fold_at = std::uint64_t{4} << 20;  // bytes of a journal, or a quarter of the file if that is more
};

struct StoreItem {
  std::string_view id, record;  // the record gets this id if it has none or another
  std::string_view revision;    // put: the one it must have now; empty: whatever is there
};

struct StoreQuery {
  std::optional<std::vector<std::string>> ids = {};  // in this order; unknown ones are passed over
  std::string after = {};                            // an id; empty: from the beginning
  std::uint64_t limit = UINT64_MAX;
};

struct StoredRecord {
  std::uint64_t line;  // of the file, from 1; ascending in append order
  std::string_view id, revision, record;
};

class JsonlCollection {
 public:
  using Cancelled = std::function<bool()>;
  using Sink = std::function<bool(const StoredRecord&)>;  // false: stop

  JsonlCollection(std::filesystem::path file, std::string name, const StoreOptions& options);

  struct Appended {
    std::uint64_t appended = 0, known = 0;
  };
  Result<Appended> append(std::span<const StoreItem> items, const Cancelled& cancelled = {});
  // Code::conflict, and nothing written, where a revision is not the present one.
  Result<void> put(std::span<const StoreItem> items, const Cancelled& cancelled = {});
  // How many there were.
  Result<std::uint64_t> remove(std::span<const std::string_view> ids, const Cancelled& cancelled = {});
  // The records as they are at the beginning of the call, whatever others do meanwhile.
  Result<void> read(const StoreQuery& query, const Sink& sink, const Cancelled& cancelled = {});
  Result<std::uint64_t> count(const Cancelled& cancelled = {});
  // Brings the journal into the file.
  Result<void> fold(const Cancelled& cancelled = {});

  // Lines of the file that are no records, or not under their own id; as of the last call.
  const std::vector<LineFinding>& findings() const { return index_.findings(); }
  bool has_journal() const { return journal_.exists(); }

 private:
  struct Stamp {  // what tells that somebody else has written
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Stamp& other) const = default;
    std::string text() const;
  };
  struct Found {
    std::uint32_t entry = JsonlIndex::kNone;
    std::uint64_t revision = 0;  // 0: not there
  };
  static Stamp stamp_of(const std::filesystem::path& path);

  Result<std::optional<io::FileLock>> lock(const Cancelled& cancelled, bool to_write);
  Result<void> refresh();
  Result<void> recover_append();
  Result<void> load();
  Result<void> fold_locked();
  Result<void> fold_if_large();
  Result<void> save_conflicts();
  Result<bool> write_folded();
  Result<std::uint64_t> append_lines(const std::string& lines, bool many);
  Result<void> write_changes(std::vector<JsonlJournal::Change>& changes);
  Result<void> bring_back(std::span<const StoreItem> items);
  Found present(std::string_view id) const;
  Result<std::string> checked_record(const StoreItem& item, std::size_t position);
  Error at_file(Code code, std::string message, std::string hint = {}) const;

  std::filesystem::path file_;
  std::string name_;
  StoreOptions options_;
  std::filesystem::path lock_path_, intent_path_;
  JsonlJournal journal_;
  JsonlIndex index_;
  std::unordered_map<std::uint32_t, JsonlPending> pending_;  // by entry
  std::vector<std::string> conflicts_;                       // changes that cannot be folded
  std::uint64_t live_ = 0;                                   // records, the journal counted in
  bool has_additions_ = false;                               // the journal has records that the file has not
  Stamp file_stamp_, journal_stamp_;
  bool loaded_ = false, folded_once_ = false, read_only_ = false;
  std::optional<io::AppendFile> appender_;
  Document document_;
};

}  // namespace fthost::data
