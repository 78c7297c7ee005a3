// JsonlCollection, the part that brings file, journal and index together: what is read when the file has changed, what
// a killed process left, and the fold. All of it under the collection's lock.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "data/json_text.hpp"
#include "data/jsonl_collection.hpp"
#include "data/window.hpp"

namespace fthost::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kBefore = 4096;  // bytes before an append that its intent remembers

std::uint64_t number_in(const Value& value) {
  return value.is(Kind::number) ? static_cast<std::uint64_t>(value.number()) : 0;
}

}  // namespace

JsonlCollection::Stamp JsonlCollection::stamp_of(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec,
          info.st_mtim.tv_nsec};
}

std::string JsonlCollection::Stamp::text() const {
  std::string text;
  for (const std::uint64_t part : {device, inode, size, static_cast<std::uint64_t>(seconds)})
    text += std::to_string(part) + "/";
  return text + std::to_string(nanoseconds);
}

Result<void> JsonlCollection::refresh() {
  std::error_code ec;
  if (fs::exists(file_, ec) && !fs::is_regular_file(file_, ec)) {
    return at_file(Code::input, "is not a regular file, so it cannot hold records",
                   "move it away; fthost import reads pipes and other files");
  }
  if (!read_only_) {
    if (auto recovered = recover_append(); !recovered) return recovered;
  }
  if (loaded_ && stamp_of(file_) == file_stamp_ && stamp_of(journal_.path()) == journal_stamp_) return {};
  if (auto read = load(); !read) return read;
  const bool first = !std::exchange(folded_once_, true);
  if (read_only_ || !(first || !conflicts_.empty()) || !journal_.exists()) return {};
  if (auto folded = fold_locked(); !folded) {
    // What the journal holds is seen all the same.
    options_.notify(folded.error().sentence());
    return {};
  }
  return load();
}

// A batch of lines is appended whole or not at all: an intent says where it begins until it is complete.
Result<std::uint64_t> JsonlCollection::append_lines(const std::string& lines, bool many) {
  if (!appender_) {
    auto appender = io::AppendFile::open(file_, is_whole_object, options_.notify);
    if (!appender) return appender.error();
    appender_ = std::move(*appender);
  }
  if (many) {
    const std::uint64_t at = stamp_of(file_).size, before = std::min(at, kBefore);
    WindowReader reader(appender_->descriptor(), file_);
    auto tail = reader.at(at - before, before);
    if (!tail) return tail.error();
    const std::string intent = "{\"v\":1,\"at\":" + std::to_string(at) + ",\"size\":" + std::to_string(lines.size()) +
                               ",\"hash\":\"" + hex(hash64(lines)) + "\",\"before\":\"" + hex(hash64(*tail)) + "\"}\n";
    if (auto written = io::write_atomic(intent_path_, intent); !written) return written.error();
  }
  auto offset = appender_->append(lines);
  if (many && offset) {
    // Not waited for: an intent that a power cut brings back is seen to be complete.
    std::error_code ec;
    fs::remove(intent_path_, ec);
  } else if (many) {
    if (auto removed = io::remove_file(intent_path_); !removed) return removed.error();
  }
  return offset;
}

Result<void> JsonlCollection::recover_append() {
  if (::access(intent_path_.c_str(), F_OK) != 0) return {};
  auto intent = io::read_file(intent_path_);
  if (!intent) return intent.error();
  const std::uint64_t end = stamp_of(file_).size;
  if (document_.parse_object(*intent)) {
    const std::uint64_t at = number_in(document_.find("at")), size = number_in(document_.find("size"));
    const std::string before = document_.find("before").text();
    if (end > at && end < at + size) {
      const io::Descriptor fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd) return errno_error(errno, "cannot open", file_.string());
      WindowReader reader(fd.get(), file_);
      const std::uint64_t length = std::min(at, kBefore);
      auto tail = reader.at(at - length, length);
      if (!tail) return tail.error();
      // Not so if somebody has edited the file since: then it is theirs.
      if (tail->size() == length && hex(hash64(*tail)) == before) {
        auto appender = io::AppendFile::open(file_, [](std::string_view) { return true; }, [](const std::string&) {});
        if (!appender) return appender.error();
        if (auto cut = appender->cut(at); !cut) return cut;
        options_.notify(file_.string() + ": a batch that was being appended when its process ended was not complete; " +
                        "its lines were moved to " + file_.string() + ".torn");
      }
    }
  }
  return io::remove_file(intent_path_);
}

Result<void> JsonlCollection::load() {
  loaded_ = false;
  appender_.reset();
  if (!read_only_ && ::access(file_.c_str(), W_OK) == 0) {
    auto appender = io::AppendFile::open(file_, is_whole_object, options_.notify);  // repairs a torn last line
    if (!appender) return appender.error();
    appender_ = std::move(*appender);
  }
  // Taken before the reading: what is written meanwhile is seen as a change the next time.
  const Stamp file = stamp_of(file_), journal = stamp_of(journal_.path());
  index_.clear();
  if (file.inode != 0) {
    auto reader = JsonlReader::open(file_);
    if (!reader) return reader.error();
    if (auto read = index_.load(*reader); !read) return read;
  }
  auto state = journal_.replay(index_, file.text());
  if (!state) return state.error();
  live_ = index_.entries().size();
  pending_.clear();
  has_additions_ = false;
  for (const auto& [id, pending] : state->pending) {
    std::uint32_t entry = index_.find(id);
    const bool in_file = entry != JsonlIndex::kNone;
    if (!in_file) entry = index_.append({id});
    has_additions_ = has_additions_ || !in_file;
    live_ += (pending.revision != 0 ? 1 : 0);
    live_ -= in_file ? 1 : 0;
    pending_[entry] = pending;
  }
  conflicts_ = std::move(state->conflicts);
  file_stamp_ = file;
  journal_stamp_ = journal;
  loaded_ = true;
  if (!index_.findings().empty()) {
    const LineFinding& first = index_.findings().front();
    const std::uint64_t others = index_.findings().size() - 1;
    options_.notify(
        file_.string() + ":" + std::to_string(first.line) + ": " + first.message +
        (others == 0 ? "" : " (and " + std::to_string(others) + (others == 1 ? " more line)" : " more lines)")) +
        "; it stays in the file as it is");
  }
  return {};
}

Result<void> JsonlCollection::fold_if_large() {
  const std::uint64_t limit = std::max(options_.fold_at, file_stamp_.size / 4);
  if (journal_.size() <= limit) return {};
  if (auto folded = fold_locked(); !folded) return folded;
  return load();
}

Result<void> JsonlCollection::fold_locked() {
  if (!journal_.exists()) return {};
  constexpr int kAttempts = 3;
  for (int attempt = 0;; ++attempt) {
    if (auto saved = save_conflicts(); !saved) return saved;
    auto folded = write_folded();
    if (!folded) return folded.error();
    if (*folded) break;
    if (attempt + 1 == kAttempts) {
      return at_file(Code::conflict, "somebody keeps changing it",
                     "close the other program; the changes wait in the journal");
    }
    if (auto read = load(); !read) return read;
  }
  // From here on the journal says what the file says: if it stays behind, applying it changes nothing.
  loaded_ = false;
  conflicts_.clear();
  return journal_.remove();
}

Result<void> JsonlCollection::save_conflicts() {
  if (conflicts_.empty()) return {};
  fs::path path = file_;
  path.replace_extension(".conflicts.jsonl");
  // A kill after this and before the journal is gone brings us here again: each is written once.
  std::string lines;
  for (const std::string& change : conflicts_) lines += change + "\n";
  if (fs::exists(path)) {
    auto reader = JsonlReader::open(path);
    if (!reader) return reader.error();
    Line line;
    for (;;) {
      auto more = reader->next(line);
      if (!more) return more.error();
      if (!*more) break;
      const std::size_t at = line.text.empty() ? std::string::npos : lines.find(std::string(line.text) + "\n");
      if (at != std::string::npos && (at == 0 || lines[at - 1] == '\n')) lines.erase(at, line.text.size() + 1);
    }
  }
  if (lines.empty()) return {};
  auto file = io::AppendFile::open(path, is_whole_object, options_.notify);
  if (!file) return file.error();
  if (auto written = file->append(lines); !written) return written.error();
  options_.notify(file_.string() + ": " + std::to_string(std::count(lines.begin(), lines.end(), '\n')) +
                  " records were changed both in the file and by fthost; the file's version stays, the other is in " +
                  path.string());
  return {};
}

// False: the file was changed by somebody meanwhile, and nothing was done.
Result<bool> JsonlCollection::write_folded() {
  if (pending_.empty()) return true;
  io::remove_stale_temporaries(file_);
  auto out = io::AtomicFile::create(file_);
  if (!out) return out.error();
  auto journal = journal_.open();
  if (!journal) return journal.error();
  const io::Descriptor file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT) return errno_error(errno, "cannot open", file_.string());
  WindowReader in_file(file.get(), file_), in_journal(journal->get(), journal_.path());
  std::uint64_t copied = 0;
  const auto copy_to = [&](std::uint64_t end) -> Result<void> {
    while (copied < end) {
      auto piece = in_file.at(copied, static_cast<std::size_t>(std::min<std::uint64_t>(end - copied, 65536)));
      if (!piece) return piece.error();
      if (piece->empty()) return at_file(Code::retry, "became shorter while it was read", "run it again");
      if (auto written = out->write(*piece); !written) return written;
      copied += piece->size();
    }
    return {};
  };
  const auto write_pending = [&](const JsonlPending& pending) -> Result<void> {
    auto record = in_journal.at(pending.offset, pending.length);
    if (!record) return record.error();
    if (revision_of(*record) != pending.revision)
      return at_file(Code::io, "its journal was changed by somebody", "run it again");
    return out->write(*record);
  };
  const std::vector<JsonlEntry>& entries = index_.entries();
  // In the file's order: everything between two changed records is copied as it stands.
  for (std::uint32_t entry = 0; entry < entries.size() && entries[entry].revision != 0; ++entry) {
    const auto pending = pending_.find(entry);
    if (pending == pending_.end()) continue;
    if (auto done = copy_to(entries[entry].offset); !done) return done.error();
    copied += entries[entry].length;
    if (pending->second.revision != 0) {
      if (auto done = write_pending(pending->second); !done) return done.error();
      continue;
    }
    auto line_end = in_file.at(copied, 2);
    if (!line_end) return line_end.error();
    copied += line_end->starts_with("\r\n") ? 2 : line_end->starts_with("\n") ? 1 : 0;
  }
  if (auto done = copy_to(file_stamp_.size); !done) return done.error();
  if (copied > 0) {
    auto last = in_file.at(copied - 1, 1);
    if (!last) return last.error();
    if (*last != "\n") {
      if (auto done = out->write("\n"); !done) return done.error();
    }
  }
  for (std::uint32_t entry = 0; entry < entries.size(); ++entry) {
    const auto pending = pending_.find(entry);
    if (entries[entry].revision != 0 || pending == pending_.end() || pending->second.revision == 0) continue;
    if (auto done = write_pending(pending->second); !done) return done.error();
    if (auto done = out->write("\n"); !done) return done.error();
  }
  if (auto done = out->sync(); !done) return done.error();  // which takes time in which somebody may edit the file
  if (!(stamp_of(file_) == file_stamp_)) return false;
  if (auto done = journal_.mark_folded(stamp_of(out->temporary()).text()); !done) return done.error();
  if (auto done = out->commit(); !done) return done.error();
  return true;
}

}  // namespace fthost::data
