// Changes are written as they come, into a temporary file: the counts that go before them are known at the end.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "data/diff.hpp"
#include "data/json_text.hpp"
#include "flow/notes.hpp"
#include "flow/version_file.hpp"
#include "flow/versions.hpp"

namespace fthost::flow {
namespace {

// "/metadata/topic" of "metadata.topic"; a pointer stays.
std::string pointer_of_name(const std::string& name) {
  if (name.starts_with('/')) return name;
  std::string pointer = "/";
  for (const char c : name) pointer += c == '.' ? '/' : c;
  return pointer;
}

// One change, its values as JSON text.
Json answer_of(const data::RowChange& change) {
  Json fields = Json::array();
  for (const auto& field : change.fields) {
    Json item{{"path", field.path}};
    if (field.before) item["old"] = field.before.raw();
    if (field.after) item["new"] = field.after.raw();
    fields.push_back(std::move(item));
  }
  Json json{{"id", change.id}, {"kind", data::kind_name(change.kind)}};
  if (change.line_a > 0) json["line_a"] = change.line_a;
  if (change.line_b > 0) json["line_b"] = change.line_b;
  json["fields"] = std::move(fields);
  return json;
}

// The same as text, with the values as they stand.
void append_change(std::string& out, const data::RowChange& change) {
  out += "{\"id\":";
  data::append_quoted(out, change.id);
  out.append(",\"kind\":\"").append(data::kind_name(change.kind)).append("\"");
  if (change.line_a > 0) out += ",\"line_a\":" + std::to_string(change.line_a);
  if (change.line_b > 0) out += ",\"line_b\":" + std::to_string(change.line_b);
  out += ",\"fields\":[";
  const char* separator = "";
  for (const auto& field : change.fields) {
    out.append(separator).append("{\"path\":");
    data::append_quoted(out, field.path);
    if (field.before) out.append(",\"old\":").append(field.before.raw());
    if (field.after) out.append(",\"new\":").append(field.after.raw());
    out += '}';
    separator = ",";
  }
  out += "]}";
}

// `head`, an object, with the spooled changes as its last member.
Result<void> write_document(const Json& head, Spool& changes, const std::string& target) {
  std::string begin = head.dump();
  begin.back() = ',';
  begin += "\"changes\":[";
  constexpr std::string_view kEnd = "]}\n";
  if (target == "-") {  // whether it arrived is asked at the program's end
    const auto print = [](std::string_view bytes) -> Result<void> {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      return {};
    };
    (void)print(begin);
    if (auto done = changes.for_each(print); !done) return done;
    return print(kEnd);
  }
  auto file = io::AtomicFile::create(target);
  if (!file) return file.error();
  const auto write = [&](std::string_view bytes) { return file->write(bytes); };
  if (auto done = write(begin); !done) return done;
  if (auto done = changes.for_each(write); !done) return done;
  if (auto done = write(kEnd); !done) return done;
  return file->commit();
}

}  // namespace

Result<Json> diff_files(const DiffRequest& request, const io::CancelToken& cancel) {
  if (request.a == "-" && request.b == "-")
    return make_error(Code::config, "standard input can be only one of the two versions", {}, "name a file");
  auto a = VersionFile::open(request.a, {}, true, cancel);
  if (!a) return a.error();
  auto b = VersionFile::open(request.b, {}, false, cancel);
  if (!b) return b.error();
  std::optional<Spool> spool;
  if (!request.document.empty()) {
    auto created = Spool::create();
    if (!created) return created.error();
    spool = std::move(*created);
  }
  data::DiffOptions options;
  for (const auto& name : request.fields) options.fields.push_back(pointer_of_name(name));
  options.ids.insert(request.ids.begin(), request.ids.end());
  Notes notes;
  Json changes = Json::array();
  std::string text;  // from the second change on with a comma in front
  const auto broken = [&](const data::Finding& finding) { notes.finding(finding); };
  data::RowReader rows_a = a->rows(broken), rows_b = b->rows(broken);
  auto counts = data::diff_rows(
      rows_a, a->descriptor(), rows_b, options, [&] { return cancel.cancelled(); },
      [&](const data::RowChange& change) -> Result<void> {
        if (changes.size() < request.limit) changes.push_back(answer_of(change));
        if (!spool) return {};
        append_change(text, change);
        auto written = spool->write(text);
        text = ",";
        return written;
      });
  if (!counts) return b->explain(a->explain(counts.error()));
  if (!request.ids.empty() && counts->rows_a + counts->rows_b == 0)
    return make_error(Code::input, "neither version has a row with the id \"" + request.ids.front() + "\"", {},
                      "write it as the rows have it");
  for (std::size_t i = 0; i < request.fields.size() && counts->rows_a + counts->rows_b > 0; ++i) {
    if (!counts->met[i])
      return make_error(Code::input, "no row of either version has the field \"" + request.fields[i] + "\"", {},
                        "write it as the rows have it; fields of fields are separated by a dot");
  }
  Json report{{"a", a->name()},
              {"b", b->name()},
              {"rows", {{"a", counts->rows_a}, {"b", counts->rows_b}}},
              {"added", counts->added},
              {"removed", counts->removed},
              {"changed", counts->changed},
              {"moved", counts->moved},
              {"equal", counts->equal},
              {"errors", notes.errors()},
              {"findings", notes.findings()}};
  if (spool) {
    if (auto written = write_document(report, *spool, request.document); !written) return written.error();
  }
  report["changes"] = std::move(changes);
  return report;
}

}  // namespace fthost::flow
