// @NAME@: collections of records as one JSON file a collection, written whole each time. Small and easy to read; for
// many records or several programs at once, look at the storage "sqlite".
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ft/storage.hpp>
#include <functional>
#include <set>

namespace {

namespace fs = std::filesystem;

template <class Records>
auto find(Records& records, std::string_view id) {
  return std::find_if(records.begin(), records.end(),
                      [&](const ft::Json& item) { return item["id"].template get_ref<const std::string&>() == id; });
}

class @CLASS@ : public ft::Storage {
 public:
  static constexpr ft::Info info{
      .name = "@NAME@",
      .version = "0.1.0",
      .summary = "one JSON file a collection, in a folder",
      .config_schema = R"({"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "string", "format": "path", "minLength": 1, "description": "the folder; made if it is not there"}}})"};

  explicit @CLASS@(const ft::Config& config) : folder_(config["path"].get<std::string>()) {
    fs::create_directories(folder_);
  }

  ft::Json list(const ft::Call&) {
    ft::Json all = ft::Json::array();
    for (const auto& item : fs::directory_iterator(folder_)) {
      if (item.path().extension() != ".json") continue;
      const std::string name = item.path().stem().string();
      all.push_back({{"collection", name}, {"count", load(name).size()}});
    }
    return all;
  }

  ft::Json append(const ft::Call&, std::string_view collection, const ft::Rows& rows) {
    const Lock lock(folder_);
    ft::Json records = load(collection);
    std::int64_t appended = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (find(records, rows.get(0, row)) != records.end()) continue;
      records.push_back(make(rows, row));
      ++appended;
    }
    save(collection, records);
    return {{"appended", appended}, {"known", static_cast<std::int64_t>(rows.size()) - appended}};
  }

  void put(const ft::Call&, std::string_view collection, const ft::Rows& rows) {
    const Lock lock(folder_);
    ft::Json records = load(collection);
    std::set<std::string_view> in_batch;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (!in_batch.insert(rows.get(0, row)).second) {
        throw ft::Error(FT_E_INPUT, "record \"" + std::string(rows.get(0, row)) + "\" comes twice in one batch",
                        std::string(collection), "give each record once; nothing was written");
      }
      const auto found = find(records, rows.get(0, row));
      if (rows.has(2, row) && (found == records.end() || revision(*found) != rows.get(2, row))) {
        throw ft::Error(FT_E_CONFLICT, "record \"" + std::string(rows.get(0, row)) + "\" was changed by somebody else",
                        std::string(collection), "read it again; nothing was written");
      }
      if (found != records.end())
        *found = make(rows, row);
      else
        records.push_back(make(rows, row));
    }
    save(collection, records);
  }

  void read(const ft::Call& call, std::string_view collection, const ft::Json& query) {
    const ft::Json records = load(collection);
    const auto emit = [&](std::size_t index) {
      const ft::Json& item = records[index];
      call.record(index + 1,
                  ft::stored_item(item["id"].get<std::string>(), revision(item), item["record"].get<std::string>()));
    };
    const ft::Query wanted(query, collection);
    std::uint64_t left = wanted.limit;
    if (wanted.ids) {
      for (const std::string& id : *wanted.ids) {
        const auto found = find(records, id);
        if (found == records.end()) continue;
        if (left-- == 0) return;
        emit(static_cast<std::size_t>(found - records.begin()));
      }
      return;
    }
    std::size_t next = 0;
    if (!wanted.after.empty()) {
      const auto found = find(records, wanted.after);
      if (found == records.end())
        throw ft::Error(FT_E_INPUT, "there is no record \"" + wanted.after + "\" to read after", std::string(collection));
      next = static_cast<std::size_t>(found - records.begin()) + 1;
    }
    for (; next < records.size() && left > 0; ++next, --left) emit(next);
  }

  ft::Json remove(const ft::Call&, std::string_view collection, const ft::Rows& rows) {
    const Lock lock(folder_);
    ft::Json records = load(collection);
    std::int64_t removed = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto found = find(records, rows.get(0, row));
      if (found == records.end()) continue;
      records.erase(found);
      ++removed;
    }
    if (removed) save(collection, records);
    return {{"removed", removed}};
  }

 private:
  // One writer at a time, in this program and in others.
  class Lock {
   public:
    explicit Lock(const fs::path& folder)
        : file_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
      if (file_ < 0 || ::flock(file_, LOCK_EX) != 0)
        throw ft::Error(FT_E_IO, "cannot lock the folder", folder.string());
    }
    ~Lock() { ::close(file_); }
    Lock(const Lock&) = delete;

   private:
    int file_;
  };

  fs::path file(std::string_view collection) const {
    if (collection.empty() || collection.front() == '.' || collection.find('/') != std::string_view::npos) {
      throw ft::Error(FT_E_INPUT, "\"" + std::string(collection) + "\" is no name for a collection", "@NAME@",
                      "leave out '/' and a '.' in front");
    }
    return folder_ / (std::string(collection) + ".json");
  }

  // [{"id": id, "record": the record's text}], in append order.
  ft::Json load(std::string_view collection) const {
    std::ifstream stream(file(collection), std::ios::binary);
    return stream ? ft::Json::parse(stream) : ft::Json::array();
  }

  // To a temporary file that takes the place of the old one, so that a reader sees the one or the other.
  void save(std::string_view collection, const ft::Json& records) const {
    const fs::path path = file(collection), temporary = path.string() + ".tmp";
    const std::string text = records.dump(1);
    const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    std::size_t written = 0;
    for (ssize_t n = 1; out >= 0 && n > 0 && written < text.size();
         written += n > 0 ? static_cast<std::size_t>(n) : 0) {
      n = ::write(out, text.data() + written, text.size() - written);
    }
    const bool durable = out >= 0 && written == text.size() && ::fsync(out) == 0;
    if (out >= 0) ::close(out);
    if (!durable)
      throw ft::Error(FT_E_IO, "cannot be written", temporary.string(),
                      "see that the disk has space; nothing was changed");
    fs::rename(temporary, path);
  }

  static ft::Json make(const ft::Rows& rows, std::size_t row) {
    if (rows.get(0, row).empty() || rows.get(1, row).empty())
      throw ft::Error(FT_E_INPUT, "a record or its id is missing", "row " + std::to_string(rows.line(row)));
    return {{"id", rows.get(0, row)}, {"record", rows.get(1, row)}};
  }

  static std::string revision(const ft::Json& item) {
    return std::to_string(std::hash<std::string>{}(item["record"].get_ref<const std::string&>()));
  }

  fs::path folder_;
};

}  // namespace

FT_PLUGIN(@CLASS@)
