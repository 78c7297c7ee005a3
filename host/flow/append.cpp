// Records of a script into a storage.
#include "base/time.hpp"
#include "data/record.hpp"
#include "flow/appender.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

plugin::Context context_for(const io::CancelToken& cancel) {
  auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  return context;
}

std::string ordinal(std::size_t position) { return "record " + std::to_string(position + 1); }

}  // namespace

std::string now() { return format_utc(std::chrono::system_clock::now()); }

Result<std::size_t> Appender::flush() {
  if (ids_.empty()) return std::size_t{0};
  auto result = plugin::storage_write(*target_.storage, plugin::StorageWrite::append, target_.collection,
                                      {ids_, texts_}, context_for(cancel_));
  if (!result) return result.error();
  const auto were_known = result->value("known", std::size_t{0});
  appended += result->value("appended", std::size_t{0});
  known += were_known;
  ids_.clear();
  texts_.clear();
  bytes_ = 0;
  return were_known;
}

Result<Json> append_records(const Target& target, const Json& records, const io::CancelToken& cancel) {
  data::Normaliser normaliser(now());
  std::vector<data::Normaliser::Record> all;
  Json ids = Json::array();
  for (const auto& record : records) {
    if (!record.is_object())
      return make_error(Code::input, ordinal(all.size()) + " is not a table of fields", {}, "nothing was added");
    auto normal = normaliser.normalise(record.dump());
    if (!normal) {
      Error error = normal.error();
      error.message = ordinal(all.size()) + ": " + error.message;
      return error;
    }
    ids.push_back(normal->id);
    all.push_back(std::move(*normal));
  }
  Appender appender(target, cancel);
  for (auto& record : all) {
    appender.add(std::move(record.id), std::move(record.text));
    if (!appender.full()) continue;
    if (auto flushed = appender.flush(); !flushed) return flushed.error();
  }
  if (auto flushed = appender.flush(); !flushed) return flushed.error();
  return Json{{"appended", appender.appended}, {"known", appender.known}, {"ids", ids}};
}

Result<Json> put_records(const Target& target, const Json& records, const io::CancelToken& cancel) {
  std::vector<std::string> ids, texts, revisions;
  for (const auto& item : records) {
    // {record, revision} alone is a record with its revision; a record may have a field `record` among others.
    const bool wrapped = item.is_object() && item.contains("record") && item["record"].is_object() &&
                         item.size() == 1u + item.count("revision");
    const Json& record = wrapped ? item["record"] : item;
    if (!record.is_object() || !record.contains("id") || !record["id"].is_string()) {
      return make_error(Code::input, ordinal(ids.size()) + " that is put has no id that is a string", {},
                        "read it first: dataset:get(id)");
    }
    const Json revision = wrapped && item.contains("revision") ? item["revision"] : Json(nullptr);
    if (!revision.is_null() && !revision.is_string()) {
      return make_error(Code::input, ordinal(ids.size()) + ": the revision is of type " + revision.type_name(), {},
                        "give back the one that dataset:get(id) gave");
    }
    ids.push_back(record["id"].get<std::string>());
    texts.push_back(record.dump());
    revisions.push_back(revision.is_string() ? revision.get<std::string>() : "");
  }
  return plugin::storage_write(*target.storage, plugin::StorageWrite::put, target.collection, {ids, texts, revisions},
                               context_for(cancel));
}

}  // namespace fthost::flow
