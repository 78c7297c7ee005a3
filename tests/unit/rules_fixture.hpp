// The rule tables of formats' plugins, run as `validate` runs them over a file's own rows.
#pragma once

#include <utility>

#include "data/check.hpp"
#include "plugin_fixture.hpp"

namespace fthost::test {

class Rules {
 public:
  explicit Rules(const std::string& format)
      : checker_("rows", {.messages = false, .messages_needed = false, .duplicates = false},
                 {data::RuleTable::load(plugins_.registry().find(FT_FORMATTER, format).value().desc->rules, format,
                                        "formatter \"" + format + "\"")
                      .value()},
                 [this](const data::Finding& finding) { found_.push_back(finding); }) {}

  // "code:path" of what is found in the row.
  std::vector<std::string> row(const std::string& text) {
    checker_.row(++rows_, text);
    std::vector<std::string> all;
    for (const data::Finding& finding : std::exchange(found_, {})) all.push_back(finding.code + ":" + finding.path);
    return all;
  }
  // "code: message" of what is found in the file of these rows.
  std::vector<std::string> file() {
    checker_.finish();
    std::vector<std::string> all;
    for (const data::Finding& finding : std::exchange(found_, {})) all.push_back(finding.code + ": " + finding.message);
    return all;
  }

 private:
  Plugins plugins_;
  std::vector<data::Finding> found_;
  data::Checker checker_;
  std::uint64_t rows_ = 0;
};

inline std::vector<std::string> rule_findings(const std::string& format, const std::vector<std::string>& rows) {
  Rules rules(format);
  std::vector<std::string> all;
  for (const std::string& text : rows) {
    for (std::string& finding : rules.row(text)) all.push_back(std::move(finding));
  }
  return all;
}

// Rows and the finding that each must give, among others; "" where there may be none. What does not hold, by row.
inline std::vector<std::string> wrong_findings(const std::string& format,
                                               const std::vector<std::pair<std::string, std::string>>& expected) {
  std::vector<std::string> wrong;
  for (const auto& [row, finding] : expected) {
    const auto found = rule_findings(format, {row});
    const bool is_right =
        finding.empty() ? found.empty() : std::find(found.begin(), found.end(), finding) != found.end();
    if (!is_right) wrong.push_back(row + " gives " + (found.empty() ? "nothing" : found.front()));
  }
  return wrong;
}

inline std::vector<std::string> file_findings(const std::string& format, const std::vector<std::string>& rows) {
  Rules rules(format);
  for (const std::string& text : rows) rules.row(text);
  return rules.file();
}

}  // namespace fthost::test
