#include "flow/notes.hpp"

#include <algorithm>

namespace fthost::flow {
namespace {

std::string text_of(const Json& object, const char* key, const char* fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

// The path with * for each place in a list: what names a field of every row alike.
std::string any_place(std::string_view path) {
  std::string all;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin + 1), path.size());
    const std::string_view token = path.substr(begin, end - begin);
    const bool place = begin > 0 && token.size() > 1 && token.find_first_not_of("0123456789", 1) == token.npos;
    all += place ? "/*" : token;
    begin = end;
  }
  return all;
}

}  // namespace

data::Finding finding_of(const std::string& file, std::uint64_t line, std::string_view json) {
  const Json given = Json::parse(json, nullptr, false);
  data::Finding finding;
  finding.file = file;
  finding.line = line;
  if (!given.is_object()) {
    finding.message = "is reported in a way that cannot be read";
    return finding;
  }
  const std::string severity = text_of(given, "severity", "error");
  for (const auto one : {data::Severity::warning, data::Severity::info}) {
    if (severity == data::severity_name(one)) finding.severity = one;
  }
  finding.code = text_of(given, "code", "");
  finding.path = text_of(given, "path", "");
  finding.message = text_of(given, "message", "");
  finding.hint = text_of(given, "hint", "");
  return finding;
}

void Notes::unread(const std::string& file, std::uint64_t line, std::string_view json) {
  data::Finding finding = finding_of(file, line, json);
  // Within a string its quotes would be escaped.
  if (!damage_ && json.find(R"("damaged":true)") != std::string_view::npos) damage_ = finding;
  unread(std::move(finding));
}

void Notes::unread(data::Finding finding) {
  if (finding.severity == data::Severity::error && finding.line > 0) {
    // A list may have all its rows in one line: then a record between two errors, or one that is said again, parts
    // them.
    std::string said = finding.code + "\n" + finding.path + "\n" + finding.message;
    const bool same = finding.line == last_line_ && finding.file == last_file_ && row_ == last_row_;
    if (!same || said_.contains(said)) {
      ++broken_rows_;
      said_.clear();
    }
    said_.insert(std::move(said));
    last_line_ = finding.line;
    last_file_ = finding.file;
    last_row_ = row_;
  }
  if (place_) place_(finding);
  this->finding(finding);
}

std::size_t Notes::no_objects() const {
  std::size_t count = 0;
  for (const char* code : {"broken_json", "invalid_utf8", "not_an_object", "too_deep", "line_too_long"}) {
    if (const auto found = by_code_.find(code); found != by_code_.end()) count += found->second;
  }
  return count;
}

void Notes::finding(const data::Finding& finding, std::string_view id) {
  if (finding.severity != data::Severity::info) ++(finding.severity == data::Severity::warning ? warnings_ : errors_);
  ++by_code_[finding.code];
  if (sink_) return sink_(finding, id);
  if (findings_.size() >= kLimit) return;
  Json json = Json::parse(data::to_json(finding));
  if (!id.empty()) json["id"] = id;
  findings_.push_back({finding.file, finding.line, std::move(json)});
}

void Notes::loss(std::string_view json, std::uint64_t row) {
  // Row after row loses the same: what has been read before is counted as it is.
  const auto known = known_losses_.find(json);
  Loss* entry = known != known_losses_.end() ? known->second : nullptr;
  if (!entry) {
    const Json loss = Json::parse(json, nullptr, false);
    if (!loss.is_object()) return;
    std::string message = text_of(loss, "message", "");
    // Formatters note in metadata how a row was spelled, which is no loss to another format.
    const bool spelling = text_of(loss, "path", "").starts_with("/metadata");
    if (message == "bookkeeping" && !bookkeeping_.empty() && !spelling) message = bookkeeping_;
    if (message != "bookkeeping") lost_ = true;
    std::tuple key(any_place(text_of(loss, "path", "")), text_of(loss, "action", "dropped"), std::move(message));
    if (losses_.size() >= kLossLimit && !losses_.contains(key)) key = {"/*", std::get<1>(key), "and other fields"};
    entry = &losses_[std::move(key)];
    if (known_losses_.size() < kLimit) known_losses_.emplace(json, entry);
  }
  if (entry->last_row != row) ++entry->rows;
  entry->last_row = row;
}

Json Notes::findings() const {
  std::vector<const Kept*> order;
  order.reserve(findings_.size());
  for (const Kept& kept : findings_) order.push_back(&kept);
  std::stable_sort(order.begin(), order.end(), [](const Kept* a, const Kept* b) {
    const int order = a->file.compare(b->file);
    return order != 0 ? order < 0 : a->line - 1 < b->line - 1;  // 0 comes last
  });
  Json all = Json::array();
  for (const Kept* kept : order) all.push_back(kept->json);
  return all;
}

Json Notes::losses() const {
  Json all = Json::array();
  for (const auto& [key, loss] : losses_) {
    all.push_back(
        {{"path", std::get<0>(key)}, {"action", std::get<1>(key)}, {"message", std::get<2>(key)}, {"rows", loss.rows}});
  }
  return all;
}

}  // namespace fthost::flow
