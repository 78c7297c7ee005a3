#include "data/jsonl_journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "data/json_text.hpp"
#include "data/record.hpp"
#include "data/window.hpp"

namespace fthost::data {

namespace {

struct HashOfHash {
  std::size_t operator()(const Hash128& hash) const { return static_cast<std::size_t>(hash.low); }
};

// Everything the journal says about one id.
struct Chain {
  std::size_t order = 0;                                       // of its first change
  std::vector<std::pair<std::uint64_t, std::uint64_t>> steps;  // base, revision
  JsonlPending last;
  std::uint64_t offset = 0;  // of the last change as it stands
  std::size_t length = 0;
};

std::uint64_t revision_in(const Value& base) {
  std::uint64_t revision = 0;
  const std::string text = base.is(Kind::string) ? base.text() : "";
  std::from_chars(text.data(), text.data() + text.size(), revision, 16);
  return revision;
}

}  // namespace

JsonlJournal::JsonlJournal(std::filesystem::path path, std::string file_name, Notify notify)
    : path_(std::move(path)), file_name_(std::move(file_name)), notify_(std::move(notify)) {}

Result<void> JsonlJournal::write(std::span<Change> changes) {
  std::string line = "{\"v\":1,\"file\":" + json_string(file_name_) + ",\"changes\":[";
  for (Change& change : changes) {
    if (&change != changes.data()) line += ',';
    line += "{\"id\":";
    append_quoted(line, change.id);
    line += ",\"base\":" + (change.base == 0 ? std::string("null") : "\"" + hex(change.base) + "\"") + ",\"record\":";
    change.pending = {change.removed ? 0 : revision_of(change.record), line.size(),
                      static_cast<std::uint32_t>(change.record.size())};
    line += change.removed ? std::string_view("null") : change.record;
    line += '}';
  }
  line += "]}\n";
  if (line.size() > kLineLimit) {
    return make_error(Code::input, "a batch of " + std::to_string(line.size()) + " bytes is too large", path_.string(),
                      "write fewer records at a time");
  }
  auto offset = append(line);
  if (!offset) return offset.error();
  for (Change& change : changes) change.pending.offset += *offset;
  return {};
}

Result<void> JsonlJournal::mark_folded(const std::string& file) {
  auto offset = append("{\"v\":1,\"file\":" + json_string(file_name_) + ",\"folded\":" + json_string(file) +
                       ",\"changes\":[]}\n");
  if (!offset) return offset.error();
  return {};
}

Result<std::uint64_t> JsonlJournal::append(const std::string& line) {
  if (!file_) {
    auto file = io::AppendFile::open(path_, is_whole_object, notify_);
    if (!file) return file.error();
    file_ = std::move(*file);
  }
  return file_->append(line);
}

Result<JsonlJournal::State> JsonlJournal::replay(const JsonlIndex& index, const std::string& file) {
  State state;
  if (!exists()) return state;
  auto reader = JsonlReader::open(path_, kLineLimit);
  if (!reader) return reader.error();
  std::unordered_map<Hash128, Chain, HashOfHash> chains;
  std::vector<Hash128> order;
  Document document;
  Line line;
  for (;;) {
    auto more = reader->next(line);
    if (!more) return more.error();
    if (!*more) break;
    const bool whole = !line.too_long && document.parse_object(line.text);
    // A torn last line was never acknowledged. Anything else that cannot be read is damage, and is not guessed at.
    if (!whole && !line.terminated) break;
    if (!whole || !document.find("changes").is(Kind::array)) {
      return make_error(Code::io, "the journal's line " + std::to_string(line.number) + " is damaged", path_.string(),
                        "move the journal away to go on without the changes in it, and look into it for them");
    }
    if (document.find("folded").equals(file)) {  // killed after the fold and before the journal was removed
      chains.clear();
      order.clear();
    }
    for (Value change = document.find("changes").first(); change; change = change.next()) {
      const Value record = change.find("record");
      const Hash128 id = hash128(change.find("id").is(Kind::string) ? change.find("id").text() : "");
      auto [found, is_new] = chains.try_emplace(id);
      if (is_new) order.push_back(id);
      Chain& chain = found->second;
      const bool removed = !record.is(Kind::object);
      chain.last = {removed ? 0 : revision_of(record.raw()), removed ? 0 : line.offset + record.begin(),
                    removed ? 0 : static_cast<std::uint32_t>(record.raw().size())};
      chain.steps.emplace_back(revision_in(change.find("base")), chain.last.revision);
      chain.offset = line.offset + change.begin();
      chain.length = change.raw().size();
    }
  }
  auto journal = open();
  if (!journal) return journal.error();
  WindowReader window(journal->get(), path_);
  for (const Hash128& id : order) {
    const Chain& chain = chains.at(id);
    const std::uint32_t entry = index.find(id);
    const std::uint64_t in_file = entry == JsonlIndex::kNone ? 0 : index.entries()[entry].revision;
    if (in_file == chain.last.revision) continue;  // folded before the journal was removed
    bool known = in_file == chain.steps.front().first;
    for (const auto& [base, revision] : chain.steps) known = known || in_file == revision;
    if (known) {
      state.pending.emplace_back(id, chain.last);
    } else {
      auto change = window.at(chain.offset, chain.length);
      if (!change) return change.error();
      state.conflicts.emplace_back(*change);
    }
  }
  return state;
}

bool JsonlJournal::exists() const { return size() > 0; }

std::uint64_t JsonlJournal::size() const {
  struct stat info{};
  return ::stat(path_.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

Result<io::Descriptor> JsonlJournal::open() const {
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open the journal", path_.string());
  return io::Descriptor(fd);
}

Result<void> JsonlJournal::remove() {
  file_.reset();
  return io::remove_file(path_);
}

}  // namespace fthost::data
