// ExportFiles: where an export's bytes go. Nothing of the target changes before commit(); then the main file is
// replaced at one instant, or, for a format that writes a file a row, the folder of that name without its ending is. A
// folder carries the list of the files that an export wrote into it: the next export removes those and leaves all
// others. The path "-" is standard output, which gets what is written as it comes. Blocking, one thread; memory does
// not grow with the files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/gate.hpp"
#include "base/result.hpp"
#include "io/compress.hpp"

namespace fthost::flow {

class ExportFiles {
 public:
  struct How {
    bool merges = false;  // side files are JSON objects whose keys go into the file of that name that is there
    bool holds = false;   // standard output gets nothing before commit()
  };
  // The gate is asked for what is written beside `path` itself, which has been through it.
  ExportFiles(std::filesystem::path path, Gate gate) : path_(std::move(path)), gate_(std::move(gate)) {}
  ExportFiles(const ExportFiles&) = delete;
  ~ExportFiles();  // without commit(): what was written goes

  // Before anything is written.
  void set(How how) { how_ = how; }

  // To the main file, which is made by the first bytes.
  Result<void> write(std::string_view bytes);
  // To the side file of this name, which is made by its first bytes. Without a main file it is one of the folder's.
  Result<void> append(std::string_view name, std::string_view bytes);

  struct Committed {
    std::filesystem::path path;  // the file or the folder
    std::size_t files = 0;       // written
    std::size_t removed = 0;     // of the earlier export and not of this one
  };
  // Where commit() puts it: the file, or the folder of a format that writes one.
  std::filesystem::path target() const;
  // An export that wrote nothing leaves an empty file, or the folder of an earlier one without its files.
  Result<Committed> commit();

 private:
  bool is_folder() const;
  std::filesystem::path folder_path() const;
  bool is_stream() const { return path_ == "-"; }
  Result<void> write_stream(std::string_view bytes);
  Result<Committed> commit_stream();
  Result<void> merge_into_folder(const std::string& name);
  Result<void> stage();
  Result<Committed> commit_beside_file();
  Result<Committed> commit_folder();

  std::filesystem::path path_, folder_;
  Gate gate_;
  How how_;
  io::Descriptor held_;  // what standard output will get
  std::optional<io::OutputFile> file_;
  std::filesystem::path staging_;  // beside the folder; empty: none
  io::Descriptor manifest_, open_;
  std::string open_name_;
  std::size_t staged_ = 0;
};

}  // namespace fthost::flow
