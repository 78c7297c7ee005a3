#include "flow/redact.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "data/check.hpp"
#include "data/json_text.hpp"
#include "data/jsonl_reader.hpp"
#include "data/redactor.hpp"
#include "data/row_check.hpp"
#include "flow/input.hpp"
#include "flow/notes.hpp"
#include "flow/personal.hpp"
#include "io/compress.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

// As many changed records are put back at once, all or none of them.
constexpr std::size_t kPutRows = 65536;
constexpr std::size_t kPutBytes = std::size_t{64} << 20;

// A file that is there at once or not at all, standard output, or nothing.
class RedactOutput {
 public:
  static Result<RedactOutput> open(const std::string& path) {
    RedactOutput output;
    output.standard_ = path == "-";
    if (path.empty() || output.standard_) return output;
    auto file = io::OutputFile::create(path);
    if (!file) return file.error();
    output.file_.emplace(std::move(*file));
    return output;
  }
  Result<void> write(std::string_view bytes) {
    if (file_) return file_->write(bytes);
    if (!standard_) return {};
    buffer_ += bytes;
    return buffer_.size() < kBuffer ? Result<void>() : flush();
  }
  Result<void> commit() { return file_ ? file_->commit() : flush(); }

 private:
  static constexpr std::size_t kBuffer = std::size_t{256} << 10;
  Result<void> flush() {
    auto done = io::write_all(STDOUT_FILENO, buffer_, "standard output");
    buffer_.clear();
    return done;
  }

  std::optional<io::OutputFile> file_;
  bool standard_ = false;
  std::string buffer_;
};

std::string new_key() {
  std::random_device random;
  std::string key;
  for (int i = 0; i < 8; ++i) {
    const unsigned bits = random();
    for (unsigned shift = 0; shift < 32; shift += 8) key += static_cast<char>(bits >> shift & 0xFF);
  }
  return key;
}

Json counts_of(const data::Redactor::Counts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) json[text::personal_name(static_cast<text::PersonalKind>(i))] = counts[i];
  }
  return json;
}

// One pass: rows in, rows out, and what was found into the report.
class Redaction {
 public:
  static Result<std::unique_ptr<Redaction>> begin(const RedactRequest& request) {
    auto table = PersonalTable::load(request.kinds, request.secrets);
    if (!table) return table.error();
    data::RedactOptions options;
    options.all_fields = request.all_fields;
    options.key = request.key.empty() ? new_key() : request.key;
    if (request.style == "keyed") options.style = data::RedactOptions::Style::keyed;
    if (request.style == "masked") options.style = data::RedactOptions::Style::masked;
    auto output = RedactOutput::open(request.output);
    if (!output) return output.error();
    auto report = RedactOutput::open(request.report);
    if (!report) return report.error();
    return std::unique_ptr<Redaction>(
        new Redaction(request, table->finder(), std::move(options), std::move(*output), std::move(*report)));
  }

  // The row as it is to be written; good until the next.
  Result<std::string_view> row(const data::Document& row, std::uint64_t line, std::string_view id) {
    ++rows_;
    const bool changed = redactor_.row(row, out_, [&](const data::PersonalHit& hit, std::string_view placeholder) {
      if (!request_.report.empty()) note(hit, placeholder, line, id);
    });
    changed_ += changed ? 1 : 0;
    if (auto written = report_.write(lines_); !written) return written.error();
    lines_.clear();
    return changed ? std::string_view(out_) : row.text();
  }
  Result<void> write(std::string_view bytes) { return output_.write(bytes); }
  void broken(data::Finding finding, const std::string& file, std::uint64_t line) {
    finding.file = file;
    finding.line = line;
    notes_.finding(finding);
    if (finding.severity != data::Severity::error) return;
    ++rows_;
    ++broken_;
  }
  std::uint64_t changed() const { return changed_; }

  Result<Json> finish() {
    const bool refused = request_.strict && notes_.errors() > 0;
    const bool written = !refused && rows_ > broken_;  // an empty file would take the place of what is there
    if (written) {
      for (RedactOutput* file : {&output_, &report_}) {
        if (auto done = file->commit(); !done) return done.error();
      }
    }
    return Json{{"rows", rows_},
                {"broken", broken_},
                {"changed", changed_},
                {"replaced", counts_of(redactor_.replaced())},
                {"left", counts_of(redactor_.left())},
                {"errors", notes_.errors()},
                {"findings", notes_.findings()},
                {"path", request_.output},
                {"written", written && !request_.output.empty()},
                {"refused", refused}};
  }

 private:
  Redaction(const RedactRequest& request, text::PersonalFinder finder, data::RedactOptions options, RedactOutput output,
            RedactOutput report)
      : request_(request),
        redactor_(std::move(finder), std::move(options)),
        output_(std::move(output)),
        report_(std::move(report)) {}

  void note(const data::PersonalHit& hit, std::string_view placeholder, std::uint64_t line, std::string_view id) {
    lines_ += "{\"line\":" + std::to_string(line);
    const auto field = [&](const char* key, std::string_view value) {
      lines_ += std::string(",\"") + key + "\":";
      data::append_quoted(lines_, value);
    };
    if (!id.empty()) field("id", id);
    field("path", hit.path);
    field("kind", text::personal_name(hit.kind));
    if (!hit.name.empty()) field("name", hit.name);
    field("masked", hit.mask);
    if (!placeholder.empty()) field("placeholder", placeholder);
    lines_ += "}\n";
  }

  const RedactRequest& request_;
  data::Redactor redactor_;
  RedactOutput output_, report_;
  Notes notes_;
  std::uint64_t rows_ = 0, broken_ = 0, changed_ = 0;
  std::string out_, lines_;
};

// Input and output must be two files, by whatever names.
Result<void> check_paths(const RedactRequest& request) {
  for (const std::string* path : {&request.output, &request.report}) {
    if (path->empty() || *path == "-") continue;
    if (!request.path.empty() && same_place(request.path, *path))
      return make_error(Code::config, "is read and cannot be written at the same time", *path, "give another file");
  }
  if (!request.report.empty() && same_place(request.report, request.output))
    return make_error(Code::config, "is both the output and the report", request.report, "give two files");
  return {};
}

// The end of the line as it stands.
std::string_view end_of(const data::Line& line) {
  if (!line.terminated) return {};
  const char* const at = line.text.data() + line.text.size();
  return {at, *at == '\r' ? std::size_t{2} : std::size_t{1}};
}

}  // namespace

Result<Json> redact_file(const RedactRequest& request, const io::CancelToken& cancel) {
  if (auto fine = check_paths(request); !fine) return fine.error();
  auto input = Input::open(request.path, cancel);
  if (!input) return input.error();
  auto sample = input->sample();
  if (!sample) return sample.error();
  if (!like_rows(*sample))
    return make_error(Code::config, "does not begin like JSON rows, one a line, which are needed", input->name(),
                      "fthost convert makes them");
  auto begun = Redaction::begin(request);
  if (!begun) return begun.error();
  Redaction& redaction = **begun;
  data::JsonlReader reader(input->name(),
                           [&](void* buffer, std::size_t capacity) { return Input::read(&*input, buffer, capacity); });
  data::Document document;
  data::Line line;
  bool first = true;
  for (;;) {
    if (cancel.cancelled()) return make_error(Code::cancelled, "cancelled");
    auto more = reader.next(line);
    if (!more) return input->error() ? *input->error() : more.error();
    if (!*more) break;
    if (first && reader.had_byte_order_mark()) {
      if (auto written = redaction.write("\xEF\xBB\xBF"); !written) return written.error();
    }
    if (line.too_long) {
      redaction.broken(data::line_too_long(line.text.size()), input->name(), line.number);
      continue;
    }
    std::string_view written = line.text;
    if (document.parse_object(line.text)) {
      auto row = redaction.row(document, line.number, {});
      if (!row) return row.error();
      written = *row;
    } else if (!data::is_blank(line.text)) {
      redaction.broken(data::finding_of(document.problem(), line.text), input->name(), line.number);
      continue;
    }
    first = false;
    if (auto done = redaction.write(written); !done) return done.error();
    if (auto done = redaction.write(end_of(line)); !done) return done.error();
  }
  return redaction.finish();
}

namespace {

// Reads the records of these ids again and puts those that change back, so many at a time.
Result<void> put_back(const RedactRequest& request, const Source& source, const std::vector<std::string>& ids,
                      const io::CancelToken& cancel) {
  RedactRequest quiet = request;
  quiet.output.clear();
  quiet.report.clear();
  auto begun = Redaction::begin(quiet);
  if (!begun) return begun.error();
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  data::Document document;
  for (std::size_t from = 0; from < ids.size();) {
    std::vector<std::string> put_ids, texts, revisions;
    std::size_t bytes = 0, read_rows = 0;
    std::optional<Error> failed;
    Json wanted = Json::array();
    for (std::size_t i = from; i < ids.size() && i < from + kPutRows; ++i) wanted.push_back(ids[i]);
    auto read = plugin::storage_read(*source.storage, source.collection, Json{{"ids", wanted}}, context,
                                     [&](std::string_view item) {
                                       ++read_rows;
                                       data::Document whole;
                                       if (!whole.parse_object(item)) return true;
                                       if (!document.parse_object(whole.find("record").raw())) return true;
                                       auto row = (*begun)->row(document, 0, {});
                                       if (!row) {
                                         failed = row.error();
                                         return false;
                                       }
                                       if (row->data() == document.text().data())
                                         return true;  // it has changed since, and has nothing to replace
                                       put_ids.push_back(whole.find("id").text());
                                       revisions.push_back(whole.find("revision").text());
                                       texts.emplace_back(*row);
                                       bytes += row->size();
                                       return bytes < kPutBytes;
                                     });
    if (failed) return *failed;
    if (!read) return read;
    from = bytes < kPutBytes ? from + wanted.size() : from + read_rows;
    if (put_ids.empty()) continue;
    auto put = plugin::storage_write(*source.storage, plugin::StorageWrite::put, source.collection,
                                     {put_ids, texts, revisions}, context);
    if (!put) return put.error();
  }
  return {};
}

}  // namespace

Result<Json> redact_records(const RedactRequest& request, const Source& source, bool apply,
                            const io::CancelToken& cancel) {
  if (auto fine = check_paths(request); !fine) return fine.error();
  if (apply && source.rows)
    return make_error(Code::config, "what a function has made cannot be put back", source.name,
                      "write it to a file, or redact the dataset itself");
  for (const std::string& path : {request.output, request.report}) {
    if (path.empty() || path == "-" || !source.is_own_file(path)) continue;
    return make_error(Code::input, "holds the records themselves, so nothing can be written over it", path,
                      "give another file, or put the records back with --apply");
  }
  if (apply && request.style == "keyed" && request.key.empty()) {
    RedactRequest keyed = request;
    keyed.key = new_key();
    return redact_records(keyed, source, apply, cancel);
  }
  auto begun = Redaction::begin(request);
  if (!begun) return begun.error();
  Redaction& redaction = **begun;
  data::Document document;
  std::vector<std::string> ids;
  Result<void> done;
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        if (!document.parse_object(row.record.raw())) return true;  // it is within a document: it is an object
        const std::uint64_t before = redaction.changed();
        auto text = redaction.row(document, row.line, row.id);
        if (!text) {
          done = text.error();
          return false;
        }
        if (apply && redaction.changed() > before) ids.emplace_back(row.id);
        done = redaction.write(*text);
        if (done) done = redaction.write("\n");
        return static_cast<bool>(done);
      },
      [&](std::uint64_t line, std::string_view finding) {
        const Json json = Json::parse(finding, nullptr, false);
        const auto field = [&](const char* key) {
          return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
        };
        if (field("code") == "duplicate_id") return;  // a record all the same
        redaction.broken(
            {field("code"), data::Severity::error, "", 0, field("path"), "", field("message"), field("hint")},
            source.name, line);
      });
  if (!read) return read.error();
  if (!done) return done.error();
  auto report = redaction.finish();
  if (!report || !apply || (*report)["refused"] == true) return report;
  if (auto put = put_back(request, source, ids, cancel); !put) return put.error();
  return report;
}

}  // namespace fthost::flow
