#include "flow/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "data/blocks.hpp"
#include "data/check.hpp"
#include "data/json_text.hpp"
#include "flow/input.hpp"
#include "flow/row_encoder.hpp"
#include "io/files.hpp"
#include "plugin/loader.hpp"

namespace fthost::flow {
namespace {

// The report as one JSON document on standard output, written as it goes: {"findings": [...], "rows": ...}.
class Stream {
 public:
  Stream(bool on, std::uint64_t max) : on_(on), max_(max) {}

  void finding(const data::Finding& finding, std::string_view id) {
    if (listed_ == max_) return;
    buffer_ += listed_++ == 0 ? "{\"findings\":[\n" : ",\n";
    buffer_ += data::to_json(finding);
    if (!id.empty()) {
      buffer_.back() = ',';
      buffer_ += "\"id\":" + data::json_string(id) + "}";
    }
    if (buffer_.size() > (64u << 10)) flush();
  }
  Result<void> flush() {
    if (!failed_ && !buffer_.empty()) {
      if (auto done = io::write_all(STDOUT_FILENO, buffer_, "standard output"); !done) failed_ = done.error();
    }
    buffer_.clear();
    return failed_ ? Result<void>(*failed_) : Result<void>();
  }
  // `rest` stands beside the findings.
  Result<void> end(const Json& rest) {
    if (!on_) return {};
    buffer_ += listed_ == 0 ? "{\"findings\":[]" : "\n]";
    if (!rest.empty()) buffer_ += "," + rest.dump().substr(1);
    buffer_ += "\n";
    return flush();
  }
  bool on() const { return on_; }
  bool begun() const { return listed_ > 0; }

 private:
  const bool on_;
  const std::uint64_t max_;
  std::uint64_t listed_ = 0;
  std::string buffer_;
  std::optional<Error> failed_;
};

Result<void> add_table(std::vector<data::RuleTable>& tables, std::string_view json, const std::string& provider,
                       const std::string& owner) {
  auto table = data::RuleTable::load(json, provider, owner);
  if (!table) return table.error();
  tables.push_back(std::move(*table));
  return {};
}

// The rules of these formats, where they have some, and the caller's.
Result<std::vector<data::RuleTable>> tables_of(plugin::Registry& registry, const std::vector<std::string>& formats,
                                               const Json& rules) {
  std::vector<data::RuleTable> tables;
  for (const auto& name : formats) {
    auto found = registry.find(FT_FORMATTER, name);
    if (!found) return found.error();
    if (!found->desc->rules) continue;
    if (auto done = add_table(tables, found->desc->rules, name, "formatter \"" + name + "\""); !done)
      return done.error();
  }
  if (!rules.empty()) {
    if (auto done = add_table(tables, rules.dump(), "", "the project's rules"); !done) return done.error();
  }
  return tables;
}

// One check, from its findings to its report.
class Check {
 public:
  Check(const CheckRequest& request, std::string name, data::CheckOptions options, std::vector<data::RuleTable> tables)
      : stream_(request.stream, request.max_findings),
        notes_(request.stream ? Notes::Sink([this](const data::Finding& finding, std::string_view id) {
          stream_.finding(finding, id);
        })
                              : Notes::Sink()),
        checker_(std::move(name), options, std::move(tables),
                 [this](const data::Finding& finding) { notes_.finding(finding, id_); }) {}

  data::Checker& checker() { return checker_; }
  Notes& notes() { return notes_; }
  void about(std::string_view id) { id_.assign(id); }

  // `failed`: why it was not read to its end. What was written already must become a whole document. `refused`: rows
  // that somebody else has found wrong.
  Result<Json> finish(Json more, const std::optional<Error>& failed = {}, std::uint64_t refused = 0) {
    id_.clear();
    const std::size_t unread = notes_.broken_rows();
    if (failed && !stream_.begun()) return *failed;
    const data::CheckSummary& summary = failed ? checker_.summary() : checker_.finish();
    const std::uint64_t rows = summary.rows + unread, valid = summary.valid - refused;
    Json report{{"rows", rows},
                {"valid", valid},
                {"invalid", rows - valid},
                {"errors", notes_.errors()},
                {"warnings", notes_.warnings()},
                {"summary", notes_.by_code()}};
    report.update(more);
    if (failed) report["incomplete"] = {{"code", code_name(failed->code)}, {"message", failed->message}};
    if (auto written = stream_.end(report); !written) return written.error();
    if (!stream_.on()) report["findings"] = notes_.findings();
    return report;
  }

 private:
  Stream stream_;
  Notes notes_;
  std::string id_;
  data::Checker checker_;
};

// The formats in which a provider gets records: one for all, and one for preferences if it has one of its own.
Result<std::vector<std::string>> sent_formats(const plugin::Registry& registry, const std::string& provider) {
  auto all = formats_of(registry, provider);
  if (!all) return all.error();
  const auto known = [&](const std::string& format) {
    return std::find(all->begin(), all->end(), format) != all->end();
  };
  std::vector<std::string> formats{known(provider)             ? provider
                                   : known(provider + "-chat") ? provider + "-chat"
                                                               : all->front()};
  if (known(provider + "-preference")) formats.push_back(provider + "-preference");
  return formats;
}

// Records as a provider would get them: each in the rows of its format for such records, under that format's rules.
class AsSent {
 public:
  // The first format is for all records, a second for preferences.
  static Result<AsSent> create(plugin::Registry& registry, const std::vector<std::string>& formats,
                               const std::string& name, Notes& notes, const io::CancelToken& cancel) {
    AsSent sent(name, notes);
    for (const std::string& format : formats) {
      auto tables = tables_of(registry, {format}, Json::array());
      if (!tables) return tables.error();
      auto encoder = RowEncoder::create(registry, format, cancel);
      if (!encoder) return encoder.error();
      sent.formats_.push_back(std::make_unique<OneFormat>(name, std::move(*encoder), std::move(*tables), sent.shared_));
    }
    return sent;
  }

  // False: it would be refused.
  Result<bool> row(const Row& row) {
    const bool preference = row.record.find("chosen") || row.record.find("rejected");
    OneFormat& format = *formats_[preference && formats_.size() > 1 ? 1 : 0];
    shared_->id.assign(row.id);
    const std::size_t errors = shared_->notes->errors();
    auto text = format.encoder->encode(name_, row.line, row.id, row.record, *shared_->notes);
    if (!text) return text.error();
    if (!text->empty()) format.checker.row(row.line, *text);
    return shared_->notes->errors() == errors;
  }
  void finish() {
    shared_->id.clear();
    // A format that no record is in has no file.
    for (const auto& format : formats_) {
      if (format->checker.summary().rows > 0) format->checker.finish();
    }
  }

 private:
  struct Shared {
    Notes* notes;
    std::string id;
  };
  struct OneFormat {
    OneFormat(const std::string& name, std::unique_ptr<RowEncoder> made, std::vector<data::RuleTable> tables,
              const std::shared_ptr<Shared>& shared)
        : encoder(std::move(made)),
          checker(name, {.messages = false, .messages_needed = false, .duplicates = false}, std::move(tables),
                  [shared](const data::Finding& finding) { shared->notes->finding(finding, shared->id); }) {}
    std::unique_ptr<RowEncoder> encoder;
    data::Checker checker;
  };
  AsSent(std::string name, Notes& notes)
      : name_(std::move(name)), shared_(std::make_shared<Shared>(Shared{&notes, {}})) {}

  std::string name_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::unique_ptr<OneFormat>> formats_;  // the second, if there is one, for preferences
};

// Rows as they lie in the file.
Result<Json> check_json_rows(Check& check, Input& input, const std::string& path, const CheckRequest& request,
                             const io::CancelToken& cancel, Json more) {
  data::BlockReader reader(input.name(),
                           [&](void* buffer, std::size_t capacity) { return Input::read(&input, buffer, capacity); });
  std::optional<io::AtomicFile> mended;
  std::function<Result<void>(std::string_view)> write;
  if (!request.mended.empty()) {
    std::error_code ec;
    if (request.mended == "-")
      return make_error(Code::config, "the mended file cannot go to standard output", "--fix", "name a file");
    if (std::filesystem::equivalent(request.mended, path, ec))
      return make_error(Code::config, "is read and cannot be written at the same time", path, "name another file");
    auto file = io::AtomicFile::create(request.mended);
    if (!file) return file.error();
    mended.emplace(std::move(*file));
    write = [&](std::string_view lines) { return mended->write(lines); };
  }
  auto done = data::check_blocks(reader, data::thread_count(request.threads), cancel, check.checker(), write);
  if (!done) return check.finish(std::move(more), input.error() ? *input.error() : done.error());
  if (mended) {
    if (auto committed = mended->commit(); !committed) return committed.error();
    const data::CheckSummary& summary = check.checker().summary();
    more["fixed"] = {{"path", request.mended}, {"rows", summary.fixed_rows}, {"by_code", summary.fixes}};
  }
  return check.finish(std::move(more));
}

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
  Check check(request, source.name, {}, std::move(*tables));
  std::optional<AsSent> sent;
  if (!as_sent.empty()) {
    auto made = AsSent::create(registry, as_sent, source.name, check.notes(), cancel);
    if (!made) return made.error();
    sent.emplace(std::move(*made));
  }
  std::optional<Error> failed;
  std::uint64_t refused = 0;  // records that are well, but for the provider
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        check.about(row.id);
        const bool good = check.checker().row(row.line, row.record.raw());
        if (!sent || !good) return true;  // what is wrong with a record itself is said once
        auto taken = sent->row(row);
        if (!taken) failed = taken.error();
        refused += taken && !*taken;
        return !failed;
      },
      [&](std::uint64_t line, std::string_view json) {
        // What the storage itself could not read. A record whose id is taken is one all the same: the checker has it.
        check.about("");
        if (finding_of("", line, json).code != "duplicate_id") check.notes().unread(source.name, line, json);
      });
  if (!read) failed = read.error();
  if (sent && !failed) sent->finish();
  return check.finish(Json::object(), failed, refused);
}

Result<Json> check_file(plugin::Registry& registry, const std::string& file, const CheckRequest& request,
                        const io::CancelToken& cancel) {
  auto input = Input::open(file, cancel);
  if (!input) return input.error();
  auto format =
      recognise(registry, *input, request.formats.empty() ? "" : request.formats.front(), cancel, request.provider);
  if (!format) return format.error();
  auto sample = input->sample();
  if (!sample) return sample.error();
  auto desc = registry.find(FT_FORMATTER, format->name);
  if (!desc) return desc.error();
  const std::size_t first = sample->find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool list = first != std::string_view::npos && (*sample)[first] == '[';
  const bool json_rows = (desc->desc->flags & FT_JSON_ROWS) != 0 && !list;
  auto tables = tables_of(registry, {format->name}, request.rules);
  if (!tables) return tables.error();
  data::CheckOptions options;
  options.messages_needed = !json_rows;
  options.fix = !request.mended.empty();
  Check check(request, input->name(), options, std::move(*tables));
  Json more{{"format", format->name}, {"why", format->why}, {"losses", Json::array()}};
  if (json_rows) return check_json_rows(check, *input, file, request, cancel, std::move(more));
  if (!request.mended.empty()) {
    return make_error(Code::unsupported, "only files of one JSON object a line can be mended in place", input->name(),
                      "fthost convert it first, or import it and mend the examples");
  }
  auto done = decode_file(registry, *format, Json::object(), *input, cancel, check.notes(),
                          [&](std::uint64_t line, std::string_view raw) -> Result<void> {
                            check.checker().row(line, raw);
                            return {};
                          });
  more["losses"] = check.notes().losses();
  return check.finish(std::move(more), done ? std::optional<Error>() : done.error());
}

}  // namespace fthost::flow
