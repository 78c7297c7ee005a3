// The merged file and the list of conflicts become visible when both are whole.
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/json_text.hpp"
#include "data/jsonl_reader.hpp"
#include "data/merge_rows.hpp"
#include "flow/version_file.hpp"
#include "flow/versions.hpp"
#include "io/compress.hpp"

namespace fthost::flow {
namespace {

constexpr std::size_t kListed = 100;  // conflicts in the answer

Result<data::Snapshot> snapshot_of(const VersionFile& file, const io::CancelToken& cancel) {
  std::optional<data::Finding> broken;
  data::RowReader rows = file.rows([&](const data::Finding& finding) {
    if (!broken) broken = finding;
  });
  auto snapshot = data::Snapshot::read(rows, file.descriptor(), [&] { return broken || cancel.cancelled(); });
  if (broken)
    return make_error(Code::input, broken->message, file.name() + ":" + std::to_string(broken->line),
                      "mend the line; nothing was merged");
  if (!snapshot) return file.explain(snapshot.error());
  return snapshot;
}

// A file that is written in pieces, or standard output, which gets all of it at the end.
class Output {
 public:
  static Result<Output> create(const std::string& path, const std::string& like) {
    Output output;
    if (path == "-") {
      auto spool = Spool::create();
      if (!spool) return spool.error();
      output.spool_ = std::move(*spool);
    } else {
      auto file = io::OutputFile::create(path, like);
      if (!file) return file.error();
      output.file_.emplace(std::move(*file));
    }
    return output;
  }
  Result<void> write(std::string_view bytes) { return spool_ ? spool_->write(bytes) : file_->write(bytes); }
  // What is left to commit() is an instant.
  Result<void> sync() { return spool_ ? Result<void>() : file_->sync(); }
  Result<void> commit() {
    if (!spool_) return file_->commit();
    return spool_->for_each([](std::string_view bytes) -> Result<void> {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);  // whether it arrived is asked at the program's end
      return {};
    });
  }

 private:
  std::optional<Spool> spool_;
  std::optional<io::OutputFile> file_;
};

void append_row(std::string& out, const char* name, std::string_view row) {
  out.append(",\"").append(name).append("\":").append(row.empty() ? "null" : row);
}

std::string line_of(const data::RowConflict& conflict) {
  std::string line = "{\"id\":";
  data::append_quoted(line, conflict.id);
  line.append(",\"kind\":\"").append(data::kind_name(conflict.kind)).append("\",\"paths\":");
  line += Json(conflict.paths).dump();
  append_row(line, "base", conflict.base);
  append_row(line, "ours", conflict.ours);
  append_row(line, "theirs", conflict.theirs);
  return line += "}\n";
}

Json answer_of(const data::RowConflict& conflict) {
  Json json{{"id", conflict.id}, {"kind", data::kind_name(conflict.kind)}};
  if (conflict.line_ours > 0) json["line_ours"] = conflict.line_ours;
  if (conflict.line_theirs > 0) json["line_theirs"] = conflict.line_theirs;
  json["paths"] = conflict.paths;
  return json;
}

// Whether a file is what an earlier merge wrote: its first line has just the keys that line_of() gives it.
bool is_conflict_list(const std::string& path, const io::CancelToken& cancel) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec)) return false;
  auto input = Input::open(path, cancel);
  if (!input) return false;
  data::JsonlReader reader(path,
                           [&](void* buffer, std::size_t capacity) { return Input::read(&*input, buffer, capacity); });
  data::Line line;
  data::Document document;
  if (auto more = reader.next(line); !more || !*more || line.too_long || !document.parse_object(line.text))
    return false;
  data::Value member = document.root().first();
  for (const char* key : {"id", "kind", "paths", "base", "ours", "theirs"}) {
    if (!member || !member.key().equals(key)) return false;
    member = member.next();
  }
  return !member;
}

// The list of conflicts, which is made by the first.
class ConflictList {
 public:
  ConflictList(std::string path, const io::CancelToken& cancel)
      : path_(std::move(path)), stale_(!path_.empty() && is_conflict_list(path_, cancel)) {}

  Result<void> add(const data::RowConflict& conflict) {
    if (rows_.size() < kListed) rows_.push_back(answer_of(conflict));
    if (path_.empty()) return {};
    if (!file_) {
      std::error_code ec;
      if (!stale_ && std::filesystem::exists(path_, ec) && !std::filesystem::is_empty(path_, ec))
        return make_error(Code::config, "is there and is no list of conflicts, so it is not written over", path_,
                          "move it away, or name another file with --conflicts");
      auto file = io::AtomicFile::create(path_);
      if (!file) return file.error();
      file_.emplace(std::move(*file));
    }
    return file_->write(line_of(conflict));
  }
  // An earlier merge's list goes where this one has no conflicts.
  Result<void> commit() { return file_ ? file_->commit() : remove_stale(); }
  Result<void> remove_stale() { return stale_ ? io::remove_file(path_) : Result<void>(); }
  bool written() const { return file_.has_value(); }
  const Json& rows() const { return rows_; }

 private:
  std::string path_;
  bool stale_;  // an earlier merge's list is there
  std::optional<io::AtomicFile> file_;
  Json rows_ = Json::array();
};

Result<Json> merge(const MergeRequest& request, ConflictList& conflicts, const io::CancelToken& cancel) {
  std::vector<VersionFile> files;
  std::vector<data::Snapshot> versions;
  const char* const roles[] = {"base", "ours", "theirs"};
  const std::string* const paths[] = {&request.base, &request.ours, &request.theirs};
  if ((request.base == "-") + (request.ours == "-") + (request.theirs == "-") > 1)
    return make_error(Code::config, "standard input can be only one of the three versions", {}, "name files");
  for (int i = 0; i < 3; ++i) {
    auto file =
        VersionFile::open(*paths[i], request.name.empty() ? "" : request.name + " (" + roles[i] + ")", true, cancel);
    if (!file) return file.error();
    auto version = snapshot_of(*file, cancel);
    if (!version) return version.error();
    files.push_back(std::move(*file));
    versions.push_back(std::move(*version));
  }
  auto output = Output::create(request.output, request.ours);
  if (!output) return output.error();
  const data::MergeSinks sinks{[&](std::string_view bytes) { return output->write(bytes); },
                               [&](const data::RowConflict& conflict) { return conflicts.add(conflict); }};
  auto counts = data::merge_rows(versions[0], versions[1], versions[2], request.prefer, sinks,
                                 [&] { return cancel.cancelled(); });
  if (!counts) return counts.error();
  if (auto synced = output->sync(); !synced) return synced.error();
  if (auto listed = conflicts.commit(); !listed) return listed.error();
  if (auto written = output->commit(); !written) return written.error();
  Json report{{"output", request.output},
              {"rows",
               {{"base", versions[0].size()},
                {"ours", versions[1].size()},
                {"theirs", versions[2].size()},
                {"output", counts->rows}}},
              {"kept", counts->kept},
              {"taken", counts->taken},
              {"merged", counts->merged},
              {"added", counts->added},
              {"removed", counts->removed},
              {"conflicts", counts->conflicts},
              {"resolved", request.prefer != data::Side::none}};
  if (conflicts.written()) report["report"] = request.conflicts;
  report["conflict_rows"] = conflicts.rows();
  return report;
}

}  // namespace

Result<Json> merge_files(const MergeRequest& request, const io::CancelToken& cancel) {
  for (const std::string* file : {&request.base, &request.ours, &request.theirs, &request.output}) {
    if (!request.conflicts.empty() && same_place(*file, request.conflicts))
      return make_error(Code::config, "is one of the merged files and cannot be the list of conflicts, too",
                        request.conflicts, "name another file with --conflicts");
  }
  ConflictList conflicts(request.conflicts, cancel);
  auto report = merge(request, conflicts, cancel);
  // Nothing was merged, so an earlier list says nothing about what is there.
  if (!report && report.error().code == Code::input) {
    if (auto removed = conflicts.remove_stale(); !removed) return removed.error();
  }
  return report;
}

}  // namespace fthost::flow
