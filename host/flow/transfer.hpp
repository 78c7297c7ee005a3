// Rows into a storage and out of it: append, put, import from files, export to files.
#pragma once

#include "flow/formats.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct Target {
  std::shared_ptr<plugin::Instance> storage;
  std::string collection;
};

// Appends records (JSON objects); those whose id is known stay as they are. {appended, known, ids}.
Result<Json> append_records(const Target& target, const Json& records, const io::CancelToken& cancel);

// Replaces records by their id, all or none. A record may carry "revision" beside it: [{record, revision}].
Result<Json> put_records(const Target& target, const Json& records, const io::CancelToken& cancel);

struct ImportRequest {
  std::string path;    // a file, a folder or "-"
  std::string format;  // empty: recognised
  Json format_options = Json::object();
  Json set = Json::object();  // fields for records that lack them
  bool strict = false;        // a broken row or a lost field: nothing is added
  Gate gate = Gate::open();   // asked for each file of a folder
};
// {format, why, files, read, appended, known, findings, losses, refused}
Result<Json> import_files(plugin::Registry& registry, const ImportRequest& request, const Target& target,
                          const io::CancelToken& cancel);

struct ExportRequest {
  // The file, or "-" for standard output; a format that writes a file a row writes them into the folder of that name
  // without its ending.
  std::string path;
  std::string format;
  Json format_options = Json::object();
  bool strict = false;       // a lost field, or a row that cannot be written: nothing is
  Gate gate = Gate::open();  // asked for the folder and the files beside the path
  bool chosen = false;       // of a preference the chosen answer becomes the answer, and the rejected one is lost
};
// {format, path, rows, written, broken, files, removed, errors, losses, findings, refused}. The file or folder is
// replaced at one instant. A row with an error is not written; its finding has the record's id. Where none could be
// written, nothing is touched, and `files` is 0. The source's own file is refused.
Result<Json> export_rows(plugin::Registry& registry, const ExportRequest& request, const Source& source,
                         const io::CancelToken& cancel);

struct ConvertRequest {
  std::string path;    // a file, a folder, a pattern or "-"
  std::string format;  // empty: recognised
  Json format_options = Json::object();
  ExportRequest to;
};
// Files of one format into a file of another, without a storage between them: what export_rows answers, and {from,
// why}; `rows` and `broken` count those that could not be read, too. Findings name the lines that were read. A file
// that is damaged as a whole is an Error, and nothing is written.
Result<Json> convert_files(plugin::Registry& registry, const ConvertRequest& request, const io::CancelToken& cancel);

}  // namespace fthost::flow
