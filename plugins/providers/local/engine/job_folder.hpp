// JobFolder: a job on disk. job.json is read; events.jsonl is appended, a line an event, flushed; lock is held with
// flock for the process's whole life, so that a reader who finds `running` and no lock knows that the worker died.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "files.hpp"

namespace fthost::engine {

class JobFolder {
 public:
  // Fails where another worker holds the lock.
  static Result<JobFolder> open(const std::filesystem::path& path);
  JobFolder(JobFolder&& other) noexcept;
  JobFolder& operator=(JobFolder&&) = delete;
  ~JobFolder();

  const std::filesystem::path& path() const { return path_; }
  // Appends {"at": now, "type": type, ...fields}. Throws Failure where the disk does not take it.
  void event(const std::string& type, const Json& fields);
  void message(const std::string& level, const std::string& text);
  // True after SIGTERM, SIGINT or once the file `cancel` is there.
  bool cancel_requested() const;

 private:
  explicit JobFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
  int lock_ = -1, events_ = -1;
};

// Lets SIGTERM and SIGINT ask for a cancel instead of ending the process.
void catch_cancel_signals();

}  // namespace fthost::engine
