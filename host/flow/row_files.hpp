// RowFile: a file of JSON rows that is gone through twice: once to look at the rows, once to copy them. What cannot be
// read twice (standard input) is kept beside, in a file without a name. RowWriters: the files that rows are copied to.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/input.hpp"
#include "flow/row_notes.hpp"
#include "flow/rows.hpp"
#include "io/compress.hpp"
#include "io/files.hpp"

namespace fthost::flow {

class RowFile {
 public:
  // `twice`: it is going to be copied from. A file that does not begin like JSON rows is an Error.
  static Result<RowFile> open(const std::string& path, bool twice, const io::CancelToken& cancel);
  // A source's records that fit, as they are stored, in a file without a name.
  static Result<RowFile> open(const Source& source, const io::CancelToken& cancel);

  // Notes of all lines, a block at a time in the file's order, on this thread.
  Result<void> for_each(const NoteRequest& request, unsigned threads, const io::CancelToken& cancel,
                        const std::function<void(const RowNotes&)>& take);
  // The lines again, in blocks.
  Result<void> for_each_again(const io::CancelToken& cancel,
                              const std::function<Result<void>(const data::Block&)>& take);

  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  // The number of a line, from 0, as whoever made the rows counts: of a file the next number.
  std::uint64_t line(std::size_t row) const { return rows_ ? rows_->line(row) : row + 1; }
  const Rows* rows() const { return rows_.get(); }  // null: of a file

 private:
  RowFile(std::string path, std::string name, Input input, io::Descriptor kept)
      : path_(std::move(path)), name_(std::move(name)), input_(std::move(input)), kept_(std::move(kept)) {
    ::fstat(input_.descriptor(), &begun_);
  }
  // Whether it is what was opened first, and nobody has written to it since.
  bool same_file(int fd) const;
  Result<void> changed() const;

  std::string path_, name_;
  Input input_;
  io::Descriptor kept_;  // open where the input cannot be read twice
  std::shared_ptr<const Rows> rows_;
  struct stat begun_{};  // what was known of the input when it was opened
};

class RowWriters {
 public:
  explicit RowWriters(RowFile& file) : file_(file) {}

  // Lines of this mark go to `path`, or to standard output ("-"). The file that is read is refused.
  Result<void> add(std::uint8_t mark, const std::string& path);
  // `marks`: of each line. All the files are there at the end, or none of them.
  Result<void> write(const std::vector<std::uint8_t>& marks, const io::CancelToken& cancel);

 private:
  struct Target {
    std::uint8_t mark;
    std::string path;
    std::optional<io::OutputFile> file;  // none: standard output
    Result<void> write(std::string_view bytes);
  };
  Result<void> copy(const data::Block& block, const std::vector<std::uint8_t>& marks);
  Target* target_of(std::uint8_t mark);

  RowFile& file_;
  std::vector<Target> targets_;
  std::size_t line_ = 0;
};

}  // namespace fthost::flow
