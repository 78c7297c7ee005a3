#include "data/jsonl_storage.hpp"

#include <ft_services.h>

#include <filesystem>
#include <ft/storage.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "data/jsonl_store.hpp"

namespace fthost::data {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void raise(const Error& error) {
  throw ft::Error(status_of(error.code), error.message, error.where, error.hint);
}

template <class T>
T checked(Result<T> result) {
  if (!result) raise(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string absolute(const ft::Call& call, const std::string& path) {
  const void* found = call.host()->service(call.host()->ctx, "ft.path/1");
  if (!found) return path;
  const auto& paths = *static_cast<const ft_path*>(found);
  ft_str resolved{};
  call.checked(paths.resolve(paths.ctx, call.id(), ft::str(path), &resolved));
  return std::string(ft::view(resolved));
}

// Asks for every link among `entries`: under --sandbox none may lead out of the project.
template <class Entries>
void allow_links(const ft::Call& call, Entries entries, const std::string& prefix, const std::string& suffix) {
  std::error_code ec;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (entry.is_symlink(ec) && name.starts_with(prefix) && name.ends_with(suffix))
      absolute(call, entry.path().string());
  }
}

// Unknown keys are refused: a query that is not understood must not read everything.
StoreQuery query_of(const ft::Json& json) {
  StoreQuery query;
  if (!json.is_object()) throw ft::Error(FT_E_INPUT, "the query is no object");
  for (const auto& [key, value] : json.items()) {
    if (key == "ids" && value.is_array()) {
      query.ids.emplace();
      for (const ft::Json& id : value) query.ids->push_back(id.get<std::string>());
    } else if (key == "after" && value.is_string()) {
      query.after = value.get<std::string>();
    } else if (key == "limit" && value.is_number_unsigned()) {
      query.limit = value.get<std::uint64_t>();
    } else {
      throw ft::Error(FT_E_INPUT, "the query's " + key + " is not understood", {},
                      "a query is {\"ids\": [...]}, {\"after\": id, \"limit\": n} or {}");
    }
  }
  return query;
}

class JsonlStorage : public ft::Storage {
 public:
  static constexpr ft::Info info = {.name = "jsonl",
                                    .version = "1.0",
                                    .summary = "records as lines of JSON files that people can edit",
                                    .config_schema = R"({
        "type": "object",
        "properties": {
          "path": {"type": "string", "format": "path", "minLength": 1, "description": "folder of the collections: examples is examples.jsonl in it"},
          "journal": {"type": "string", "format": "path", "minLength": 1, "description": "folder of the journals and locks"}
        },
        "required": ["path", "journal"],
        "additionalProperties": false
      })",
                                    .flags = FT_DETERMINISTIC};

  JsonlStorage(const ft::Call& call, const ft::Config& config) : options_(options_of(call, config)), store_(options_) {}

  ft::Json list(const ft::Call& call) {
    std::error_code ec;
    allow_links(call, fs::recursive_directory_iterator(options_.folder, ec), "", ".jsonl");
    allow_links(call, fs::directory_iterator(options_.journal, ec), "", "");
    ft::Json result = ft::Json::array();
    for (const JsonlStore::Listed& listed : checked(store_.list(cancelled(call)))) {
      result.push_back({{"collection", listed.name}, {"count", listed.count}});
    }
    return result;
  }

  ft::Json append(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    allow(call, collection);
    const auto done = checked(store_.append(collection, items_of(rows), cancelled(call)));
    return {{"appended", done.appended}, {"known", done.known}};
  }

  void put(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    allow(call, collection);
    checked(store_.put(collection, items_of(rows), cancelled(call)));
  }

  void read(const ft::Call& call, std::string_view collection, const ft::Json& json) {
    const StoreQuery query = query_of(json);
    allow(call, collection);
    const auto sink = [&](const StoredRecord& record) {
      call.record(record.line, ft::stored_item(record.id, record.revision, record.record));
      return true;
    };
    checked(store_.read(collection, query, sink, cancelled(call)));
    if (query.ids || !query.after.empty()) return;
    for (const LineFinding& finding : store_.findings(collection)) {
      call.finding(finding.line, finding.code, "error", "", finding.message,
                   "mend the line; it stays as it is until then");
    }
  }

  ft::Json remove(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    allow(call, collection);
    std::vector<std::string_view> ids;
    for (std::size_t row = 0; row < rows.size(); ++row) ids.push_back(rows.get(0, row));
    return {{"removed", checked(store_.remove(collection, ids, cancelled(call)))}};
  }

 private:
  // Before the first use of a collection: its file, through whatever links, and the files kept beside it and for it.
  void allow(const ft::Call& call, std::string_view collection) {
    if (allowed_.contains(collection)) return;
    const fs::path file(absolute(call, (options_.folder / collection).string() + ".jsonl"));
    std::error_code ec;
    allow_links(call, fs::directory_iterator(file.parent_path(), ec), file.stem().string() + ".", "");
    allow_links(call, fs::directory_iterator(options_.journal, ec), file.stem().string() + "-", "");
    allowed_.emplace(collection);
  }

  static StoreOptions options_of(const ft::Call& call, const ft::Config& config) {
    StoreOptions options;
    options.folder = absolute(call, config.at("path").get<std::string>());
    options.journal = absolute(call, config.at("journal").get<std::string>());
    options.notify = [host = call.host()](const std::string& sentence) {
      host->log(host->ctx, FT_LOG_WARNING, ft::str(sentence));
    };
    return options;
  }

  static JsonlStore::Cancelled cancelled(const ft::Call& call) {
    return [&call] { return call.cancelled(); };
  }

  static std::vector<StoreItem> items_of(const ft::Rows& rows) {
    std::vector<StoreItem> items;
    items.reserve(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row)
      items.push_back({rows.get(0, row), rows.get(1, row), rows.get(2, row)});
    return items;
  }

  const StoreOptions options_;
  std::set<std::string, std::less<>> allowed_;
  JsonlStore store_;
};

}  // namespace

const ft_entry* jsonl_storage_entry() { return &ft::detail::Entry<JsonlStorage>::entry; }

}  // namespace fthost::data
