#include "flow/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "data/blocks.hpp"
#include "data/check.hpp"
#include "flow/check_report.hpp"
#include "flow/check_sent.hpp"
#include "flow/input.hpp"
#include "io/compress.hpp"
#include "io/files.hpp"

namespace fthost::flow {
namespace {

// The file once mended: at a path when it is whole, or on standard output as it comes.
class MendedFile {
 public:
  static Result<MendedFile> create(const std::string& path, const std::string& read_from) {
    MendedFile made;
    std::error_code ec;
    if (path == "-") return made;
    if (std::filesystem::equivalent(path, read_from, ec))
      return make_error(Code::config, "is read and cannot be written at the same time", path, "name another file");
    auto file = io::OutputFile::create(path);
    if (!file) return file.error();
    made.file_.emplace(std::move(*file));
    return made;
  }
  Result<void> write(std::string_view lines) {
    return file_ ? file_->write(lines) : io::write_all(STDOUT_FILENO, lines, "standard output");
  }
  Result<void> commit() { return file_ ? file_->commit() : Result<void>(); }

 private:
  std::optional<io::OutputFile> file_;
};

// Several files under one request, one after the other.
class FileChecks {
 public:
  FileChecks(plugin::Registry& registry, const CheckRequest& request, const io::CancelToken& cancel,
             CheckReport& report, Tiers& tiers)
      : registry_(registry), request_(request), cancel_(cancel), report_(report), tiers_(tiers) {}

  // What is said of the file besides its findings. An Error: it was not read to its end.
  Result<void> check(const std::string& file, Json& more) {
    auto input = Input::open(file, cancel_);
    if (!input) return input.error();
    auto format = format_of(*input);
    if (!format) return format.error();
    auto sample = input->sample();
    if (!sample) return sample.error();
    auto desc = registry_.find(FT_FORMATTER, format->name);
    if (!desc) return desc.error();
    const bool own_rows = (desc->desc->flags & FT_JSON_ROWS) != 0;
    // Rules over a format's own rows say nothing of what they decode to.
    const bool as_they_lie = own_rows && request_.format_options.empty();
    const bool list = is_list(*sample, own_rows) && (own_rows || request_.format_options.empty());
    auto tables = tables_of(
        registry_, own_rows && !as_they_lie ? std::vector<std::string>() : std::vector<std::string>{format->name},
        request_.rules);
    if (!tables) return tables.error();
    if ((!as_they_lie || list) && !request_.mended.empty()) {
      return make_error(Code::unsupported, "only files of one JSON object a line can be mended in place", input->name(),
                        "fthost convert it first, or import it and mend the examples");
    }
    more = Json{{"format", format->name}, {"why", format->why}, {"losses", Json::array()}};
    data::CheckOptions options;
    options.messages_needed = !as_they_lie;
    options.fix = !request_.mended.empty();
    options.list = list;
    options.sent = !request_.provider.empty();
    tiers_.set(options, as_they_lie ? format->name : "", request_.format_options);
    const data::ListLines* const elements = list ? &input->cut_list() : nullptr;
    data::Checker checker(input->name(), options, std::move(*tables), sink_of(elements), &seen_);
    const std::size_t unread = report_.notes().broken_rows();
    auto done = as_they_lie ? check_lines(*input, file, checker, more) : check_records(*format, *input, checker, more);
    report_.notes().place({});
    if (elements) {
      for (data::Finding finding : elements->findings()) {
        finding.file = input->name();
        report_.sink()(finding);
      }
    }
    const data::CheckSummary& summary = done ? checker.finish() : checker.summary();
    if (done) tiers_.end_file(input->name(), report_.notes());
    const std::size_t broken = report_.notes().broken_rows() - unread;
    report_.add_rows(summary.rows + broken, summary.valid);
    more["rows"] = summary.rows + broken;
    more["valid"] = summary.valid;
    return done;
  }

 private:
  // One JSON list. What is not known to be JSON may begin with a bracket, too, but with no object in it.
  static bool is_list(std::string_view sample, bool is_json) {
    const auto next = [&](std::size_t from) { return sample.find_first_not_of(" \t\r\n\xEF\xBB\xBF", from); };
    const std::size_t first = next(0);
    if (first == std::string_view::npos || sample[first] != '[') return false;
    const std::size_t second = is_json ? std::string_view::npos : next(first + 1);
    const char inner = second == std::string_view::npos ? '\0' : sample[second];
    return is_json || inner == '{' || inner == ']';
  }
  // Findings about the elements of a list are told where those lie.
  data::FindingSink sink_of(const data::ListLines* elements) {
    if (!elements) return report_.sink();
    report_.notes().place([elements](data::Finding& finding) { elements->place(finding); });
    return [elements, sink = report_.sink()](data::Finding finding) {
      elements->place(finding);
      sink(finding);
    };
  }

  // The format whose rules apply. With a provider it is one of its own.
  Result<Format> format_of(Input& input) {
    const std::string given = request_.formats.empty() ? "" : request_.formats.front();
    if (!given.empty() && !request_.provider.empty()) {
      auto own = formats_of(registry_, request_.provider);
      if (!own) return own.error();
      if (std::find(own->begin(), own->end(), given) == own->end()) return not_sent(input.name(), given);
    }
    auto format = recognise(registry_, input, given, cancel_, request_.provider);
    if (format || request_.provider.empty() || !given.empty() || format.error().code != Code::unsupported)
      return format;
    auto other = recognise(registry_, input, "", cancel_);
    if (other) return not_sent(input.name(), other->name);
    return other.error().code == Code::unsupported ? format.error() : other.error();
  }
  // The file is of a format that the provider does not take.
  Error not_sent(const std::string& file, const std::string& format) const {
    auto sent = sent_formats(registry_, request_.provider);
    const std::string to = sent ? sent->front() : request_.provider;
    return make_error(Code::config, "is of the format " + format + ", which " + request_.provider + " does not take",
                      file,
                      "make a file that it takes and check that: fthost convert " + file + " --from " + format +
                          " --to " + to + " --output NEW");
  }

  Result<void> check_lines(Input& input, const std::string& path, data::Checker& checker, Json& more) {
    data::BlockReader reader(input.name(),
                             [&](void* buffer, std::size_t capacity) { return Input::read(&input, buffer, capacity); });
    std::optional<MendedFile> mended;
    if (!request_.mended.empty()) {
      auto made = MendedFile::create(request_.mended, path);
      if (!made) return made.error();
      mended.emplace(std::move(*made));
    }
    auto done = data::check_blocks(reader, data::thread_count(request_.threads), cancel_, checker,
                                   [&](std::string_view lines) -> Result<void> {
                                     if (auto written = report_.trouble(); !written) return written;
                                     return mended ? mended->write(lines) : Result<void>();
                                   });
    if (!done) return input.error() ? *input.error() : done.error();
    if (!mended) return {};
    if (auto committed = mended->commit(); !committed) return committed;
    const data::CheckSummary& summary = checker.summary();
    more["fixed"] = {{"path", request_.mended}, {"rows", summary.fixed_rows}, {"by_code", summary.fixes}};
    return {};
  }

  Result<void> check_records(const Format& format, Input& input, data::Checker& checker, Json& more) {
    auto done = decode_file(registry_, format, request_.format_options, input, cancel_, report_.notes(),
                            [&](std::uint64_t line, std::string_view raw) -> Result<void> {
                              checker.row(line, raw);
                              return report_.trouble();
                            });
    more["losses"] = report_.notes().losses();
    return done;
  }

  plugin::Registry& registry_;
  const CheckRequest& request_;
  const io::CancelToken& cancel_;
  CheckReport& report_;
  Tiers& tiers_;
  data::SeenContents seen_;
};

}  // namespace

Result<Json> check_rows(plugin::Registry& registry, const Source& source, const CheckRequest& request,
                        const io::CancelToken& cancel) {
  // Rules over a format's own rows want those rows, other formats' rules the records.
  std::vector<std::string> formats = request.formats, as_sent;
  if (!request.provider.empty()) {
    auto found = sent_formats(registry, request.provider);
    if (!found) return found.error();
    formats = std::move(*found);
  }
  std::vector<std::string> as_stored;
  for (const std::string& format : formats) {
    auto found = registry.find(FT_FORMATTER, format);
    if (!found) return found.error();
    (found->desc->flags & FT_JSON_ROWS ? as_sent : as_stored).push_back(format);
  }
  auto tables = tables_of(registry, as_stored, request.rules);
  if (!tables) return tables.error();
  auto tiers = Tiers::create(registry, request.tiers, cancel);
  if (!tiers) return tiers.error();
  CheckReport report(request);
  data::CheckOptions options;
  (*tiers)->set(options, "", Json::object());
  data::Checker checker(source.name, options, std::move(*tables), report.sink());
  std::optional<AsSent> sent;
  if (!as_sent.empty()) {
    auto made = AsSent::create(registry, as_sent, source.name, report.notes(), cancel);
    if (!made) return made.error();
    sent.emplace(std::move(*made));
  }
  std::optional<Error> failed;
  std::uint64_t refused = 0;  // records that are well, but for the provider
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        report.about(row.id);
        const bool good = checker.row(row.line, row.record.raw());
        if (auto told = report.trouble(); !told) failed = told.error();
        if (!sent || !good || failed) return !failed;  // what is wrong with a record itself is said once
        auto taken = sent->row(row);
        if (!taken) failed = taken.error();
        refused += taken && !*taken;
        return !failed;
      },
      [&](std::uint64_t line, std::string_view json) {
        // What the storage itself could not read. A record whose id is taken is one all the same: the checker has it.
        report.about("");
        if (finding_of("", line, json).code != "duplicate_id") report.notes().unread(source.name, line, json);
      });
  if (!read) failed = read.error();
  report.about("");
  const data::CheckSummary& summary = failed ? checker.summary() : checker.finish();
  if (sent && !failed) sent->finish(report.notes().by_code());
  if (!failed) (*tiers)->end_file(source.name, report.notes());
  report.add_rows(summary.rows + report.notes().broken_rows(), summary.valid - refused);
  return report.finish((*tiers)->report(), failed);
}

Result<Json> check_files(plugin::Registry& registry, const std::vector<std::string>& files, const CheckRequest& request,
                         const io::CancelToken& cancel) {
  if (files.size() > 1 && !request.mended.empty())
    return make_error(Code::config, "mends one file, and there are " + std::to_string(files.size()), "--fix",
                      "mend one after the other");
  auto tiers = Tiers::create(registry, request.tiers, cancel);
  if (!tiers) return tiers.error();
  CheckReport report(request);
  FileChecks checks(registry, request, cancel, report, **tiers);
  Json all = Json::array(), more;
  for (const std::string& file : files) {
    const Notes& notes = report.notes();
    const std::size_t errors = notes.errors(), warnings = notes.warnings();
    more = Json::object();
    auto done = checks.check(file, more);
    if (files.size() == 1) {
      for (const char* known : {"rows", "valid"}) more.erase(known);
      more.update((*tiers)->report());
      return report.finish(std::move(more), done ? std::optional<Error>() : done.error());
    }
    if (!done && (done.error().code == Code::cancelled || !report.trouble()))
      return report.finish(std::move(more), done.error());
    if (!done) {
      const Error& error = done.error();
      const auto severity = error.code == Code::unsupported ? data::Severity::warning : data::Severity::error;
      report.sink()({"file_not_read", severity, shown_name(file), 0, "", "", error.message, error.hint});
    }
    more["errors"] = notes.errors() - errors;
    more["warnings"] = notes.warnings() - warnings;
    Json entry{{"file", shown_name(file)}};
    entry.update(more);
    all.push_back(std::move(entry));
  }
  Json rest{{"files", std::move(all)}};
  rest.update((*tiers)->report());
  return report.finish(std::move(rest));
}

}  // namespace fthost::flow
