// Imports: files through a formatter plugin into a storage, by batches. A row that is not good is a finding, and the
// rows after it go on.
#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "base/log.hpp"
#include "data/check.hpp"
#include "flow/appender.hpp"
#include "flow/transfer.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

struct Pending {
  const std::string* file;
  std::uint64_t line;
  data::Normaliser::Record record;
};

// Puts the fields of `set` into records that lack them; null and "" are a lack.
class Filler {
 public:
  explicit Filler(const Json& set) {
    for (const auto& [key, value] : set.items()) fields_.push_back({key, Json(key).dump() + ":", value.dump()});
  }

  // `raw` itself where there is nothing to do, or where it is no record.
  std::string_view fill(std::string_view raw) {
    if (fields_.empty() || !document_.parse_object(raw)) return raw;
    text_.clear();
    std::vector<std::pair<data::Value, const Field*>> lacking;
    std::string missing;
    for (const Field& field : fields_) {
      const data::Value value = document_.find(field.key);
      if (!value) {
        missing += (missing.empty() && document_.root().empty() ? "" : ",") + field.quoted_key + field.value;
      } else if (value.is(data::Kind::null) || value.equals("")) {
        lacking.push_back({value, &field});
      }
    }
    std::sort(lacking.begin(), lacking.end(),
              [](const auto& a, const auto& b) { return a.first.begin() < b.first.begin(); });
    std::size_t copied = 0;
    for (const auto& [value, field] : lacking) {
      text_.append(raw.substr(copied, value.begin() - copied)).append(field->value);
      copied = value.begin() + value.raw().size();
    }
    const std::size_t end = raw.rfind('}');
    return text_.append(raw.substr(copied, end - copied)).append(missing).append("}");
  }

 private:
  struct Field {
    std::string key, quoted_key, value;
  };
  std::vector<Field> fields_;
  data::Document document_;
  std::string text_;
};

// Which content has which id of its own, within the files of one import.
class Contents {
 public:
  // False: the id is that of other content.
  bool add(const data::Normaliser::Record& record) {
    const auto found = ids_.insert(data::hash64(record.id), static_cast<std::uint32_t>(contents_.size()));
    if (found != data::HashIndex::kNone) return contents_[found] == record.content;
    contents_.push_back(record.content);
    return true;
  }

 private:
  data::HashIndex ids_;
  std::vector<std::uint64_t> contents_;
};

// One way through the files' rows. With `look` nothing is added: they are only judged.
class Pass {
 public:
  Pass(const Target& target, const Json& set, const io::CancelToken& cancel, Notes& notes, bool look)
      : target_(target), cancel_(cancel), notes_(notes), filler_(set), appender_(target, cancel), look_(look) {}

  void begin_file() { normaliser_.begin_file(); }

  Result<void> add(const std::string& file, std::uint64_t line, std::string_view raw) {
    auto record = normaliser_.normalise(filler_.fill(raw));
    if (!record) {
      note(file, line, refusal(record.error(), raw));
      return {};
    }
    if (std::string problem = data::rating_problem(normaliser_.root()); !problem.empty())
      notes_.finding({"bad_rating", data::Severity::warning, file, line, "/rating", "", problem, data::kRatingHint});
    if (record->had_number)
      notes_.loss(R"({"path":"/id","action":"reshaped","message":"the number became text"})", notes_.row());
    if (record->is_given && !contents_.add(*record)) {
      note_taken(file, line, record->id);
      return {};
    }
    rows_.push_back({&file, line, std::move(*record)});
    bytes_ += rows_.back().record.text.size();
    return rows_.size() < kBatchRows && bytes_ < kBatchBytes ? Result<void>() : flush();
  }

  Result<void> flush() {
    std::size_t known = rows_.size();
    if (!look_) {
      for (const Pending& row : rows_) appender_.add(row.record.id, row.record.text);
      auto result = appender_.flush();
      if (!result) return result.error();
      known = *result;
    }
    if (known > 0) {
      if (auto compared = compare(); !compared) return compared;
    }
    rows_.clear();
    bytes_ = 0;
    return {};
  }

  std::size_t appended() const { return appender_.appended; }
  std::size_t known() const { return appender_.known - taken_; }
  std::size_t refused() const { return refused_; }  // rows that the format's plugin took for good

 private:
  data::Finding refusal(const Error& error, std::string_view raw) const {
    if (normaliser_.problem().code != data::Problem::Code::none) return data::finding_of(normaliser_.problem(), raw);
    const bool too_long = error.code == Code::limit;
    return {too_long ? "line_too_long" : "bad_id",
            data::Severity::error,
            "",
            0,
            too_long ? "" : "/id",
            "",
            error.message,
            error.hint};
  }

  void note(const std::string& file, std::uint64_t line, data::Finding finding) {
    finding.file = file;
    finding.line = line;
    notes_.finding(finding);
    ++refused_;
  }

  void note_taken(const std::string& file, std::uint64_t line, const std::string& id) {
    note(file, line,
         {"id_taken", data::Severity::error, "", 0, "/id", "",
          "the id " + Json(id).dump() + " is that of another record",
          "give it another id, or change the stored record with dataset:put"});
  }

  // Rows whose id the storage knows with other content. An id that content was given names that content, whatever has
  // become of it since.
  Result<void> compare() {
    Json ids = Json::array();
    for (const Pending& row : rows_) {
      if (row.record.is_given) ids.push_back(row.record.id);
    }
    if (ids.empty()) return {};
    std::unordered_map<std::string, std::uint64_t> stored;
    const auto context = std::make_shared<plugin::CallContext>();
    context->cancel = cancel_;
    auto read = plugin::storage_read(*target_.storage, target_.collection, Json{{"ids", ids}}, context,
                                     [&](std::string_view item) {
                                       if (!document_.parse_object(item)) return true;
                                       stored[document_.find("id").text()] = hasher_.hash(document_.find("record")).low;
                                       return true;
                                     });
    if (!read) return read;
    for (const Pending& row : rows_) {
      const auto found = row.record.is_given ? stored.find(row.record.id) : stored.end();
      if (found == stored.end() || found->second == row.record.content) continue;
      ++taken_;
      note_taken(*row.file, row.line, row.record.id);
    }
    return {};
  }

  const Target& target_;
  io::CancelToken cancel_;
  Notes& notes_;
  Filler filler_;
  data::Normaliser normaliser_{now()};
  Contents contents_;
  Appender appender_;
  data::Document document_;
  data::ContentHasher hasher_;
  std::vector<Pending> rows_;
  std::size_t bytes_ = 0, taken_ = 0, refused_ = 0;
  bool look_;
};

class Import {
 public:
  Import(plugin::Registry& registry, const ImportRequest& request, const Target& target, const io::CancelToken& cancel)
      : registry_(registry), request_(request), target_(target), cancel_(cancel) {}

  Result<Json> run() {
    auto paths = input_files(request_.path, request_.gate);
    if (!paths) return paths.error();
    is_one_of_several_ = *paths != std::vector<std::string>{request_.path};
    for (auto& path : *paths) files_.push_back({.path = path, .name = shown_name(path)});
    Pass first(target_, request_.set, cancel_, notes_, request_.strict);
    if (auto done = read_all(first); !done) return done.error();
    const bool refused = request_.strict && (notes_.errors() > 0 || notes_.lost());
    if (!request_.strict || refused) return report(first, refused);
    Notes again;
    Pass second(target_, request_.set, cancel_, again, false);
    if (auto done = add_all(second, again); !done) return done.error();
    if (again.errors() > 0) notes_ = std::move(again);  // a file was changed in between
    return report(second, false);
  }

 private:
  struct File {
    std::string path, name;  // to open, and to show
    Format format = {};
    std::size_t rows = 0, errors = 0;
    bool skipped = false, repeatable = true;
    std::vector<std::pair<std::uint64_t, std::string>> kept = {};  // rows of what cannot be read twice
  };

  // What has been read is added all the same, so that nothing is lost by a fault further on.
  Result<void> finished(Pass& pass, Result<void> done) {
    const auto flushed = pass.flush();
    Result<void> result = done ? flushed : done;
    if (result || pass.appended() == 0) return result;
    const std::string added =
        std::to_string(pass.appended()) + (pass.appended() == 1 ? " row was added" : " rows were added");
    Error error = result.error();
    error.message += " (before that, " + added + ")";
    // A task that has been cancelled does not hear of it any more.
    if (error.code == Code::cancelled)
      log_line(LogLevel::warning, request_.path + ": " + added + " before the end; import it again for the rest");
    return error;
  }

  Result<void> read_all(Pass& pass) {
    for (File& file : files_) {
      if (auto done = read_file(pass, file); !done) return finished(pass, done);
    }
    const auto read = [](const File& file) { return !file.skipped; };
    if (std::none_of(files_.begin(), files_.end(), read)) {
      return make_error(Code::unsupported, "no file of the folder has a known format", request_.path,
                        "name the format with --format");
    }
    return finished(pass, {});
  }

  Result<void> read_file(Pass& pass, File& file) {
    auto input = Input::open(file.path, cancel_);
    if (!input) return input.error();
    auto format = recognise(registry_, *input, request_.format, cancel_);
    if (!format && is_one_of_several_ &&
        (format.error().code == Code::unsupported || format.error().code == Code::input)) {
      // A folder may hold other files beside the data; one that seems to be data that cannot be read is an error.
      const auto severity = format.error().code == Code::input ? data::Severity::error : data::Severity::warning;
      notes_.finding({"not_imported", severity, file.name, 0, "", "", format.error().message, format.error().hint});
      file.skipped = true;
      return {};
    }
    if (!format) return format.error();
    file.format = *format;
    file.repeatable = input->repeatable();
    if (auto whole = look_for_damage(file, *input); !whole) return whole;
    const std::size_t errors = notes_.errors();
    auto done = decode(pass, file, *input, notes_, [&](std::uint64_t line, std::string_view raw) {
      ++file.rows;
      if (request_.strict && !file.repeatable) file.kept.emplace_back(line, raw);
    });
    file.errors = notes_.errors() - errors;
    return done;
  }

  // What is compressed, a list or a table may turn out to be damaged as a whole only in its middle, when some of its
  // rows would be in the storage already; so it is read to its end first where that can be done twice.
  Result<void> look_for_damage(const File& file, Input& input) {
    auto sample = input.sample();
    if (!sample) return sample.error();
    if (!file_may_break(input, *sample)) return {};
    auto again = Input::open(file.path, cancel_);
    if (!again) return again.error();
    Notes found([](const data::Finding&, std::string_view) {});
    auto read = decode_file(registry_, file.format, request_.format_options, *again, cancel_, found,
                            [](std::uint64_t, std::string_view) { return Result<void>(); });
    if (!read) return read;
    if (!found.damage()) return {};
    const data::Finding& damage = *found.damage();
    return make_error(Code::input, damage.message + ", so nothing of it was imported",
                      damage.file + ":" + std::to_string(damage.line), damage.hint);
  }
  bool file_may_break(const Input& input, std::string_view sample) const {
    const std::size_t begin = sample.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    const bool lines = begin != std::string_view::npos && sample[begin] == '{';
    return input.repeatable() && !request_.strict && (input.compressed() || !lines);
  }

  Result<void> decode(Pass& pass, const File& file, Input& input, Notes& notes,
                      const std::function<void(std::uint64_t, std::string_view)>& seen) {
    pass.begin_file();
    return decode_file(registry_, file.format, request_.format_options, input, cancel_, notes,
                       [&](std::uint64_t line, std::string_view raw) {
                         seen(line, raw);
                         return pass.add(file.name, line, raw);
                       });
  }

  // After a look at all of it.
  Result<void> add_all(Pass& pass, Notes& notes) {
    for (File& file : files_) {
      if (file.skipped) continue;
      Result<void> done;
      if (file.repeatable) {
        auto input = Input::open(file.path, cancel_);
        done = input ? decode(pass, file, *input, notes, [](std::uint64_t, std::string_view) {})
                     : Result<void>(input.error());
      } else {
        pass.begin_file();
        for (std::size_t i = 0; done && i < file.kept.size(); ++i)
          done = pass.add(file.name, file.kept[i].first, file.kept[i].second);
      }
      if (!done) return finished(pass, done);
    }
    return finished(pass, {});
  }

  Json report(const Pass& pass, bool refused) const {
    Json by_file = Json::array();
    std::vector<std::string> formats;
    std::string names, why;
    std::size_t rows = 0;
    for (const File& file : files_) {
      if (file.skipped) continue;
      rows += file.rows;
      by_file.push_back({{"file", file.name},
                         {"format", file.format.name},
                         {"why", file.format.why},
                         {"read", file.rows},
                         {"errors", file.errors}});
      if (std::find(formats.begin(), formats.end(), file.format.name) != formats.end()) continue;
      formats.push_back(file.format.name);
      names += (names.empty() ? "" : ", ") + file.format.name;
      why = formats.size() == 1 ? file.format.why : "by file";
    }
    return Json{{"path", shown_name(request_.path)},
                {"format", names},
                {"why", why},
                {"files", by_file.size()},
                {"by_file", by_file},
                {"read", rows},
                {"appended", pass.appended()},
                {"known", pass.known()},
                {"broken", notes_.broken_rows() + pass.refused()},
                {"errors", notes_.errors()},
                {"warnings", notes_.warnings()},
                {"findings", notes_.findings()},
                {"losses", notes_.losses()},
                {"refused", refused}};
  }

  plugin::Registry& registry_;
  const ImportRequest& request_;
  const Target& target_;
  io::CancelToken cancel_;
  bool is_one_of_several_ = false;
  std::vector<File> files_;
  Notes notes_;
};

}  // namespace

Result<Json> import_files(plugin::Registry& registry, const ImportRequest& request, const Target& target,
                          const io::CancelToken& cancel) {
  return Import(registry, request, target, cancel).run();
}

}  // namespace fthost::flow
