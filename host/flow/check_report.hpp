// CheckReport: what a check finds, on its way to whoever asked: as one JSON document on standard output, written as it
// goes; as groups of equal findings; or kept as they are, the first of them. Memory is bounded whatever is found. One
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "flow/check.hpp"
#include "flow/notes.hpp"

namespace fthost::flow {

// {"findings": [...], "rows": ...} on standard output.
class FindingStream {
 public:
  explicit FindingStream(std::uint64_t max) : max_(max) {}
  void add(const data::Finding& finding, std::string_view id);
  // `rest` stands beside the findings.
  Result<void> end(const Json& rest);
  bool begun() const { return listed_ > 0; }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  Result<void> flush();

  const std::uint64_t max_;
  std::uint64_t listed_ = 0;
  std::string buffer_;
  std::optional<Error> failed_;
};

// Findings of one file that say the same in the same words are one group, by the line of their first ones; what is
// about a file as a whole follows its lines.
class FindingGroups {
 public:
  void add(const data::Finding& finding, std::string_view id);
  // [{a finding's fields, id, count, lines[] of the first]; `path` is that of the first, or empty where they differ.
  Json json() const;
  std::uint64_t left_out() const { return left_out_; }  // findings beyond the groups that are kept

 private:
  static constexpr std::size_t kMost = 1000, kLines = 5;
  struct Group {
    data::Finding first;
    std::string id;
    std::size_t file = 0;  // which, in the order in which they came
    bool places_differ = false;
    std::uint64_t count = 0;
    std::vector<std::uint64_t> lines;
  };
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> places_;
  std::vector<Group> groups_;
  std::map<std::string, std::size_t> files_;
  std::uint64_t left_out_ = 0;
};

class CheckReport {
 public:
  explicit CheckReport(const CheckRequest& request);
  CheckReport(const CheckReport&) = delete;
  CheckReport& operator=(const CheckReport&) = delete;

  Notes& notes() { return notes_; }
  void about(std::string_view id) { id_.assign(id); }  // the record that the findings to come are about
  data::FindingSink sink() {
    return [this](const data::Finding& finding) { notes_.finding(finding, id_); };
  }
  void add_rows(std::uint64_t rows, std::uint64_t valid) {
    rows_ += rows;
    valid_ += valid;
  }
  // Why findings cannot be told any more.
  Result<void> trouble() const;
  // `failed`: why it was not read to its end. Where there is something to tell all the same, it is told.
  Result<Json> finish(Json more, const std::optional<Error>& failed = {});

 private:
  const bool streamed_, grouped_;
  FindingStream stream_;
  FindingGroups groups_;
  Notes notes_;
  std::string id_;
  std::uint64_t rows_ = 0, valid_ = 0;
};

}  // namespace fthost::flow
