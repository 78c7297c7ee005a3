// Rows: JSON rows in a temporary file without a name, with the lines and ids by which their storage knows them: what a
// script's functions read and make. Written by one thread, then never changed; any thread may read, with its own
// descriptor or offset.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/source.hpp"
#include "flow/spool.hpp"

namespace fthost::flow {

class Rows {
 public:
  // `name`: what findings call the rows.
  static Result<std::shared_ptr<Rows>> create(std::string name);
  // The rows of a source that fit.
  static Result<std::shared_ptr<const Rows>> collect(const Source& source, const io::CancelToken& cancel);

  // `text` is one object without a line end.
  Result<void> add(std::uint64_t line, std::string_view id, std::string_view text);
  Result<void> finish() { return spool_.flush(); }

  const std::string& name() const { return name_; }
  std::size_t size() const { return lines_.size(); }
  std::uint64_t bytes() const { return bytes_; }  // of the file
  std::uint64_t line(std::size_t row) const { return lines_[row]; }
  std::string_view id(std::size_t row) const;
  int descriptor() const { return spool_.descriptor(); }
  // A name under which the file can be opened again, from its beginning, as long as this lives.
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor()); }

  // As Source::for_each.
  Result<void> for_each(const io::CancelToken& cancel, const std::function<bool(const Row&)>& row) const;

 private:
  Rows(std::string name, Spool spool) : name_(std::move(name)), spool_(std::move(spool)) {}

  std::string name_;
  Spool spool_;
  std::uint64_t bytes_ = 0;
  std::vector<std::uint64_t> lines_;
  std::string ids_;
  std::vector<std::uint64_t> id_ends_;
};

// Reads the bytes of a file that is open from an offset on, whatever others do with the descriptor: the pull of a
// data::BlockReader.
std::function<std::int64_t(void* buffer, std::size_t capacity)> pull_of(int descriptor);

}  // namespace fthost::flow
