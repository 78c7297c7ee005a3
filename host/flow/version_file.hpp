// VersionFile: a file's rows as they come, and the bytes of each by its offset afterwards. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "data/snapshot.hpp"
#include "flow/input.hpp"
#include "flow/spool.hpp"

namespace fthost::flow {

class VersionFile {
 public:
  // `again`: the bytes are needed a second time. `name` is for messages; empty: the file's own.
  static Result<VersionFile> open(const std::string& path, std::string name, bool again, const io::CancelToken& cancel);

  // Once; good as long as this object, which may be moved meanwhile.
  data::RowReader rows(data::FindingSink broken) const;
  int descriptor() const;
  const std::string& name() const { return source_->name; }
  // An error of reading in better words, where there are some.
  Error explain(const Error& error) const;

 private:
  struct Source {
    Input input;
    std::string name;
    std::optional<Spool> spool;
    std::optional<Error> error;  // of the spool
  };
  explicit VersionFile(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  static std::int64_t pull(Source& source, void* buffer, std::size_t capacity);

  std::unique_ptr<Source> source_;
};

}  // namespace fthost::flow
