#include "data/check.hpp"

#include <algorithm>

#include "flow/inspect.hpp"
#include "plugin/loader.hpp"

namespace fthost::flow {
namespace {

// The rules of these formats, where they have some.
Result<std::vector<data::RuleTable>> tables_of(plugin::Registry& registry, const std::vector<std::string>& formats) {
  std::vector<data::RuleTable> tables;
  for (const auto& name : formats) {
    auto found = registry.find(FT_FORMATTER, name);
    if (!found) return found.error();
    if (!found->desc->rules) continue;
    auto table = data::RuleTable::load(found->desc->rules, name, "formatter \"" + name + "\"");
    if (!table) return table.error();
    tables.push_back(std::move(*table));
  }
  return tables;
}

Json report_of(const data::CheckSummary& summary, std::uint64_t rows, std::uint64_t more_errors,
               std::uint64_t more_warnings, Json findings) {
  return Json{{"rows", rows},
              {"valid", summary.valid},
              {"errors", summary.errors + more_errors},
              {"warnings", summary.warnings + more_warnings},
              {"findings", std::move(findings)}};
}

}  // namespace

Result<Json> check_rows(plugin::Registry& registry, const Source& source, const std::vector<std::string>& formats,
                        const io::CancelToken& cancel) {
  auto tables = tables_of(registry, formats);
  if (!tables) return tables.error();
  Json findings = Json::array();
  std::string id;
  data::Checker checker(source.name, {}, std::move(*tables), [&](const data::Finding& finding) {
    if (findings.size() >= Notes::kLimit) return;
    Json json = Json::parse(data::to_json(finding));
    if (!id.empty()) json["id"] = id;
    findings.push_back(std::move(json));
  });
  Notes broken;  // what the storage itself could not read
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        id.assign(row.id);
        checker.row(row.line, row.record.raw());
        return true;
      },
      [&](std::uint64_t line, std::string_view finding) { broken.finding(source.name, line, finding); });
  if (!read) return read.error();
  id.clear();
  const data::CheckSummary& summary = checker.finish();
  for (auto& finding : broken.findings()) findings.push_back(finding);
  return report_of(summary, summary.rows + broken.errors(), broken.errors(), broken.warnings(), std::move(findings));
}

Result<Json> check_file(plugin::Registry& registry, const std::string& file, const std::string& given,
                        const io::CancelToken& cancel) {
  auto format = recognise(registry, file, given, cancel);
  if (!format) return format.error();
  auto tables = tables_of(registry, {format->name});
  if (!tables) return tables.error();
  Json findings = Json::array();
  data::Checker checker(file, {}, std::move(*tables), [&](const data::Finding& finding) {
    if (findings.size() < Notes::kLimit) findings.push_back(Json::parse(data::to_json(finding)));
  });
  Notes notes;
  auto done = decode_file(registry, *format, Json::object(), file, cancel, notes,
                          [&](std::uint64_t line, std::string_view raw) -> Result<void> {
                            checker.row(line, raw);
                            return {};
                          });
  if (!done) return done.error();
  const data::CheckSummary& summary = checker.finish();
  for (auto& finding : notes.findings()) findings.push_back(finding);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Json& a, const Json& b) { return a.value("line", 0) < b.value("line", 0); });
  Json report =
      report_of(summary, summary.rows + notes.errors(), notes.errors(), notes.warnings(), std::move(findings));
  report["format"] = format->name;
  report["losses"] = notes.losses();
  return report;
}

}  // namespace fthost::flow
