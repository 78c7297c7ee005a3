#include <filesystem>

#include "data/check.hpp"
#include "flow/exporter.hpp"

namespace fthost::flow {
namespace {

namespace fs = std::filesystem;

Json with_notes(Json report, const Notes& notes) {
  report["errors"] = notes.errors();
  report["warnings"] = notes.warnings();
  report["losses"] = notes.losses();
  report["findings"] = notes.findings();
  return report;
}

}  // namespace

Result<Json> export_rows(plugin::Registry& registry, const ExportRequest& request, const Source& source,
                         const io::CancelToken& cancel) {
  if (source.is_own_file(request.path)) {
    return make_error(Code::input, "holds the records themselves, so nothing can be exported to it", request.path,
                      "export to another file");
  }
  Notes notes;
  Exporter exporter(registry, request, notes, cancel);
  if (auto begun = exporter.begin(); !begun) return begun.error();
  Result<void> added;
  auto read = source.for_each(cancel, [&](const Row& row) {
    added = exporter.add(source.name, row.line, row.id, row.record);
    return static_cast<bool>(added);
  });
  if (!read) return read.error();
  if (!added) return added.error();
  auto report = exporter.finish();
  if (!report) return report.error();
  return with_notes(std::move(*report), notes);
}

Result<Json> convert_files(plugin::Registry& registry, const ConvertRequest& request, const io::CancelToken& cancel) {
  auto files = input_files(request.path, request.to.gate);
  if (!files) return files.error();
  Notes notes;
  notes.count_bookkeeping("the new format has no place for it");
  Exporter exporter(registry, request.to, notes, cancel);
  exporter.name_option("--to");
  exporter.count_metadata();
  if (auto begun = exporter.begin(); !begun) return begun.error();
  data::Document document;
  std::string from, why;
  for (const std::string& file : *files) {
    std::error_code ec;
    if (fs::equivalent(file, request.to.path, ec)) {
      return make_error(Code::config, "is read and cannot be written at the same time", file, "give another --output");
    }
    auto input = Input::open(file, cancel);
    if (!input) return input.error();
    auto format = recognise(registry, *input, request.format, cancel);
    if (!format && files->size() > 1 && format.error().code == Code::unsupported) {  // it lies beside the data
      notes.finding({"not_converted", data::Severity::warning, input->name(), 0, "", "", format.error().message,
                     format.error().hint});
      continue;
    }
    if (!format) return format.error();
    if (from.find(format->name) == std::string::npos) from += (from.empty() ? "" : ", ") + format->name;
    why = format->why;
    auto read = decode_file(registry, *format, request.format_options, *input, cancel, notes,
                            [&](std::uint64_t line, std::string_view record) -> Result<void> {
                              if (!document.parse_object(record)) {
                                notes.finding(data::finding_of(document.problem(), record), {});
                                return {};
                              }
                              return exporter.add(input->name(), line, {}, document.root());
                            });
    if (!read) return read.error();
    if (const auto& damage = notes.damage()) {
      return make_error(Code::input, damage->message + ", so nothing was written",
                        damage->file + ":" + std::to_string(damage->line), damage->hint);
    }
  }
  if (from.empty())
    return make_error(Code::unsupported, "no file of it has a known format", request.path, "name it with --from");
  if (exporter.rows() == 0 && notes.errors() == 0)
    return make_error(Code::input, "has no rows, so nothing was written", shown_name(request.path), "check the file");
  auto report = exporter.finish();
  if (!report) return report.error();
  for (const char* count : {"rows", "broken"})
    (*report)[count] = (*report)[count].get<std::uint64_t>() + notes.broken_rows();
  (*report)["from"] = from;
  (*report)["why"] = why;
  return with_notes(std::move(*report), notes);
}

}  // namespace fthost::flow
