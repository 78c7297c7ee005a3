#include <filesystem>

#include "base/time.hpp"
#include "data/record.hpp"
#include "flow/transfer.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

constexpr std::size_t kBatchRows = 1024;
constexpr std::size_t kBatchBytes = 8u << 20;

std::string now() { return format_utc(std::chrono::system_clock::now()); }

plugin::Context context_for(const io::CancelToken& cancel) {
  auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  return context;
}

// Collects normalised records and appends them by batches.
class Appender {
 public:
  Appender(const Target& target, const io::CancelToken& cancel)
      : target_(target), cancel_(cancel), normaliser_(now()) {}

  Result<void> add(std::string_view raw) {
    auto record = normaliser_.normalise(raw);
    if (!record) return record.error();
    bytes_ += record->text.size();
    ids_.push_back(std::move(record->id));
    texts_.push_back(std::move(record->text));
    if (ids_.size() < kBatchRows && bytes_ < kBatchBytes) return {};
    return flush();
  }

  Result<void> flush() {
    if (ids_.empty()) return {};
    auto result = plugin::storage_write(*target_.storage, plugin::StorageWrite::append, target_.collection,
                                        {ids_, texts_}, context_for(cancel_));
    if (!result) return result.error();
    appended += result->value("appended", std::size_t{0});
    known += result->value("known", std::size_t{0});
    ids_.clear();
    texts_.clear();
    bytes_ = 0;
    return {};
  }

  const std::vector<std::string>& pending_ids() const { return ids_; }
  std::size_t appended = 0, known = 0;

 private:
  const Target& target_;
  io::CancelToken cancel_;
  data::Normaliser normaliser_;
  std::vector<std::string> ids_, texts_;
  std::size_t bytes_ = 0;
};

// The record with the fields of `set` that it lacks.
Result<std::string> with_fields(data::Document& document, std::string_view raw, const Json& set) {
  std::string text(raw);
  if (set.empty()) return text;
  if (!document.parse_object(raw))
    return make_error(Code::internal, "the format's plugin gave what is no record: " + document.problem().message);
  bool has_fields = static_cast<bool>(document.root().first());
  const std::size_t end = text.rfind('}');
  text.erase(end);
  for (const auto& [key, value] : set.items()) {
    if (document.find(key)) continue;
    text += (has_fields ? "," : "") + Json(key).dump() + ":" + value.dump();
    has_fields = true;
  }
  return text + "}";
}

}  // namespace

Result<Json> append_records(const Target& target, const Json& records, const io::CancelToken& cancel) {
  Appender appender(target, cancel);
  Json ids = Json::array();
  std::size_t index = 0;
  for (const auto& record : records) {
    ++index;
    if (!record.is_object())
      return make_error(Code::input, "record " + std::to_string(index) + " is not a table of fields");
    const std::size_t before = appender.pending_ids().size();
    if (auto added = appender.add(record.dump()); !added) return added.error();
    if (appender.pending_ids().size() > before) ids.push_back(appender.pending_ids().back());
  }
  if (auto flushed = appender.flush(); !flushed) return flushed.error();
  return Json{{"appended", appender.appended}, {"known", appender.known}, {"ids", ids}};
}

Result<Json> put_records(const Target& target, const Json& records, const io::CancelToken& cancel) {
  std::vector<std::string> ids, texts, revisions;
  for (const auto& item : records) {
    const bool wrapped = item.is_object() && item.contains("record") && item["record"].is_object();
    const Json& record = wrapped ? item["record"] : item;
    if (!record.is_object() || !record.contains("id") || !record["id"].is_string()) {
      return make_error(Code::input, "a record that is put must have its id", {}, "read it first: dataset:get(id)");
    }
    ids.push_back(record["id"].get<std::string>());
    texts.push_back(record.dump());
    revisions.push_back(wrapped ? item.value("revision", "") : "");
  }
  return plugin::storage_write(*target.storage, plugin::StorageWrite::put, target.collection, {ids, texts, revisions},
                               context_for(cancel));
}

Result<Json> import_files(plugin::Registry& registry, const ImportRequest& request, const Target& target,
                          const io::CancelToken& cancel) {
  auto files = input_files(request.path);
  if (!files) return files.error();
  Notes notes;
  std::size_t read = 0;
  Appender appender(target, cancel);
  data::Document document;
  Format format;
  // With --strict the first pass only looks.
  std::vector<std::string> kept;  // of standard input, which cannot be read twice
  const auto pass = [&](bool look_only) -> Result<void> {
    for (const auto& file : *files) {
      auto recognised = recognise(registry, file, request.format, cancel);
      if (!recognised) return recognised.error();
      format = *recognised;
      auto done = decode_file(registry, format, request.format_options, file, cancel, notes,
                              [&](std::uint64_t line, std::string_view raw) -> Result<void> {
                                ++read;
                                auto whole = with_fields(document, raw, request.set);
                                if (!whole) return whole.error();
                                if (look_only) {
                                  if (file == "-") kept.push_back(std::move(*whole));
                                  return {};
                                }
                                auto added = appender.add(*whole);
                                if (!added && added.error().where.empty()) {
                                  Error error = added.error();
                                  error.where = file + ":" + std::to_string(line);
                                  return error;
                                }
                                return added;
                              });
      if (!done) return done;
    }
    return {};
  };
  bool refused = false;
  if (request.strict) {
    if (auto looked = pass(true); !looked) return looked.error();
    refused = notes.errors() > 0 || notes.lost();
    if (!refused && !kept.empty()) {
      for (const auto& raw : kept) {
        if (auto added = appender.add(raw); !added) return added.error();
      }
    } else if (!refused) {
      notes = Notes();
      read = 0;
      if (auto done = pass(false); !done) return done.error();
    }
  } else if (auto done = pass(false); !done) {
    // What has been read is kept, so that nothing is lost by a fault further on.
    if (auto flushed = appender.flush(); !flushed) return flushed.error();
    return done.error();
  }
  if (auto flushed = appender.flush(); !flushed) return flushed.error();
  return Json{{"path", request.path},
              {"format", format.name},
              {"why", format.why},
              {"files", files->size()},
              {"read", read},
              {"appended", appender.appended},
              {"known", appender.known},
              {"errors", notes.errors()},
              {"warnings", notes.warnings()},
              {"findings", notes.findings()},
              {"losses", notes.losses()},
              {"refused", refused}};
}

}  // namespace fthost::flow
