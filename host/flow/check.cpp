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

// `unread` are rows that never reached the checker.
Json report_of(const data::CheckSummary& summary, std::uint64_t unread, const Notes& notes) {
  return Json{{"rows", summary.rows + unread},
              {"valid", summary.valid},
              {"errors", notes.errors()},
              {"warnings", notes.warnings()},
              {"findings", notes.findings()}};
}

// The findings' code, or nothing.
std::string code_of(std::string_view finding) {
  const Json json = Json::parse(finding, nullptr, false);
  return json.is_object() && json.contains("code") && json["code"].is_string() ? json["code"].get<std::string>() : "";
}

}  // namespace

Result<Json> check_rows(plugin::Registry& registry, const Source& source, const std::vector<std::string>& formats,
                        const io::CancelToken& cancel) {
  auto tables = tables_of(registry, formats);
  if (!tables) return tables.error();
  Notes notes;
  std::string id;
  data::Checker checker(source.name, {}, std::move(*tables),
                        [&](const data::Finding& finding) { notes.finding(finding, id); });
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        id.assign(row.id);
        checker.row(row.line, row.record.raw());
        return true;
      },
      [&](std::uint64_t line, std::string_view finding) {
        // What the storage itself could not read. A record whose id is taken is one all the same: the checker has it.
        if (code_of(finding) == "duplicate_id") return;
        notes.finding(source.name, line, finding);
      });
  if (!read) return read.error();
  id.clear();
  return report_of(checker.finish(), notes.broken_rows(), notes);
}

Result<Json> check_file(plugin::Registry& registry, const std::string& file, const std::string& given,
                        const io::CancelToken& cancel) {
  auto input = Input::open(file, cancel);
  if (!input) return input.error();
  auto format = recognise(registry, *input, given, cancel);
  if (!format) return format.error();
  auto tables = tables_of(registry, {format->name});
  if (!tables) return tables.error();
  Notes notes;
  data::Checker checker(file, {}, std::move(*tables), [&](const data::Finding& finding) { notes.finding(finding); });
  auto done = decode_file(registry, *format, Json::object(), *input, cancel, notes,
                          [&](std::uint64_t line, std::string_view raw) -> Result<void> {
                            checker.row(line, raw);
                            return {};
                          });
  if (!done) return done.error();
  const std::size_t unread = notes.broken_rows();
  Json report = report_of(checker.finish(), unread, notes);
  report["format"] = format->name;
  report["losses"] = notes.losses();
  return report;
}

}  // namespace fthost::flow
