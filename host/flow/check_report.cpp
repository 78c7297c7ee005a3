#include "flow/check_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "data/json_text.hpp"
#include "io/files.hpp"

namespace fthost::flow {

void FindingStream::add(const data::Finding& finding, std::string_view id) {
  constexpr std::size_t kBuffer = std::size_t{64} << 10;
  if (listed_ == max_) return;
  buffer_ += listed_++ == 0 ? "{\"findings\":[\n" : ",\n";
  buffer_ += data::to_json(finding);
  if (!id.empty()) {
    buffer_.back() = ',';
    buffer_ += "\"id\":" + data::json_string(id) + "}";
  }
  if (buffer_.size() > kBuffer) (void)flush();  // failed() tells
}

Result<void> FindingStream::flush() {
  if (!failed_ && !buffer_.empty()) {
    if (auto done = io::write_all(STDOUT_FILENO, buffer_, "standard output"); !done) failed_ = done.error();
  }
  buffer_.clear();
  return failed_ ? Result<void>(*failed_) : Result<void>();
}

Result<void> FindingStream::end(const Json& rest) {
  buffer_ += listed_ == 0 ? "{\"findings\":[]" : "\n]";
  if (!rest.empty()) buffer_ += "," + rest.dump().substr(1);
  buffer_ += "\n";
  return flush();
}

void FindingGroups::add(const data::Finding& finding, std::string_view id) {
  const auto known = places_.find({finding.file, finding.code, finding.message, finding.hint});
  if (known == places_.end()) {
    if (groups_.size() == kMost) {
      ++left_out_;
      return;
    }
    places_.emplace(std::tuple(finding.file, finding.code, finding.message, finding.hint), groups_.size());
    const std::size_t file = files_.try_emplace(finding.file, files_.size()).first->second;
    groups_.push_back({finding, std::string(id), file, false, 1, {finding.line}});
    return;
  }
  Group& group = groups_[known->second];
  ++group.count;
  group.places_differ = group.places_differ || group.first.path != finding.path;
  if (group.lines.size() < kLines && group.lines.back() != finding.line) group.lines.push_back(finding.line);
}

Json FindingGroups::json() const {
  std::vector<const Group*> order;
  for (const Group& group : groups_) order.push_back(&group);
  std::stable_sort(order.begin(), order.end(), [](const Group* a, const Group* b) {
    return std::pair(a->file, a->first.line - 1) < std::pair(b->file, b->first.line - 1);  // 0 comes last
  });
  Json all = Json::array();
  for (const Group* group : order) {
    Json json = Json::parse(data::to_json(group->first));
    if (group->places_differ) json["path"] = "";
    if (!group->id.empty()) json["id"] = group->id;
    json["count"] = group->count;
    json["lines"] = group->lines;
    all.push_back(std::move(json));
  }
  return all;
}

CheckReport::CheckReport(const CheckRequest& request)
    : streamed_(request.stream),
      grouped_(request.grouped),
      stream_(request.max_findings),
      notes_(!streamed_ && !grouped_ ? Notes::Sink()
                                     : Notes::Sink([this](const data::Finding& finding, std::string_view id) {
                                         streamed_ ? stream_.add(finding, id) : groups_.add(finding, id);
                                       })) {}

Result<void> CheckReport::trouble() const {
  return stream_.failed() ? Result<void>(*stream_.failed()) : Result<void>();
}

Result<Json> CheckReport::finish(Json more, const std::optional<Error>& failed) {
  if (failed && (failed->code == Code::cancelled ? !stream_.begun() : rows_ == 0 && notes_.by_code().empty()))
    return *failed;
  Json report{{"rows", rows_},
              {"valid", valid_},
              {"invalid", rows_ - valid_},
              {"errors", notes_.errors()},
              {"warnings", notes_.warnings()},
              {"summary", notes_.by_code()}};
  report.update(more);
  if (failed) {
    report["incomplete"] = {{"code", code_name(failed->code)},
                            {"message", failed->message},
                            {"where", failed->where},
                            {"hint", failed->hint}};
  }
  if (streamed_) {
    if (auto written = stream_.end(report); !written) return written.error();
  } else if (grouped_) {
    report["groups"] = groups_.json();
    report["left_out"] = groups_.left_out();
  } else {
    report["findings"] = notes_.findings();
  }
  return report;
}

}  // namespace fthost::flow
