#include "flow/row_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace fthost::flow {

namespace fs = std::filesystem;

namespace {

// A file that is gone when it is closed.
Result<io::Descriptor> nameless_file() {
  std::error_code ec;
  const fs::path folder = fs::temp_directory_path(ec);
  std::string name = (ec ? fs::path("/tmp") : folder) / "fthost-XXXXXX";
  io::Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return errno_error(errno, "no temporary file can be made", name);
  ::unlink(name.c_str());
  return fd;
}

Error no_rows(const std::string& name) {
  return make_error(Code::config, "does not begin like JSON rows, one a line, which are needed", name,
                    "fthost convert makes them");
}

Error error_of(const Input& input, const Error& error) { return input.error() ? *input.error() : error; }

}  // namespace

Result<RowFile> RowFile::open(const std::string& path, bool twice, const io::CancelToken& cancel) {
  auto input = Input::open(path, cancel);
  if (!input) return input.error();
  auto sample = input->sample();
  if (!sample) return sample.error();
  if (!like_rows(*sample)) return no_rows(input->name());
  io::Descriptor kept;
  if (twice && !input->repeatable()) {
    auto file = nameless_file();
    if (!file) return file.error();
    kept = std::move(*file);
  }
  std::string name = input->name();
  return RowFile(path, std::move(name), std::move(*input), std::move(kept));
}

Result<RowFile> RowFile::open(const Source& source, const io::CancelToken& cancel) {
  std::shared_ptr<const Rows> rows = source.filter.empty() ? source.rows : nullptr;
  if (!rows) {
    auto collected = Rows::collect(source, cancel);
    if (!collected) return collected.error();
    rows = std::move(*collected);
  }
  auto input = Input::open(rows->path(), cancel);
  if (!input) return input.error();
  RowFile file(rows->path(), source.name, std::move(*input), {});
  file.rows_ = std::move(rows);
  return file;
}

Result<void> RowFile::for_each(const NoteRequest& request, unsigned threads, const io::CancelToken& cancel,
                               const std::function<void(const RowNotes&)>& take) {
  Result<void> kept;
  data::BlockReader reader(name_, [&](void* buffer, std::size_t capacity) -> std::int64_t {
    const std::int64_t got = Input::read(&input_, buffer, capacity);
    if (got > 0 && kept_ && !input_.repeatable()) {
      kept = io::write_all(kept_.get(), {static_cast<const char*>(buffer), static_cast<std::size_t>(got)}, "a copy");
      if (!kept) return FT_E_IO;
    }
    return got;
  });
  auto done = data::for_each_block<RowNotes>(
      reader, data::thread_count(threads), cancel, [&](unsigned) { return RowNoter(request); },
      [&](RowNotes& notes, const data::Block&) -> Result<void> {
        take(notes);
        return {};
      });
  if (!kept) return kept;
  return done ? done : Result<void>(error_of(input_, done.error()));
}

bool RowFile::same_file(int fd) const {
  struct stat now{};
  return ::fstat(fd, &now) == 0 && now.st_dev == begun_.st_dev && now.st_ino == begun_.st_ino &&
         now.st_size == begun_.st_size && now.st_mtim.tv_sec == begun_.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == begun_.st_mtim.tv_nsec;
}

Result<void> RowFile::changed() const {
  return make_error(Code::conflict, "was changed while it was read", name(), "run it again");
}

Result<void> RowFile::for_each_again(const io::CancelToken& cancel,
                                     const std::function<Result<void>(const data::Block&)>& take) {
  std::optional<Input> again;
  if (kept_) {
    if (::lseek(kept_.get(), 0, SEEK_SET) < 0) return errno_error(errno, "cannot be read again", name());
  } else {
    // The very file that was read, whatever has its name by now.
    auto input = Input::open("/proc/self/fd/" + std::to_string(input_.descriptor()), cancel);
    if (!input) return input.error();
    again.emplace(std::move(*input));
    if (!same_file(again->descriptor())) return changed();
  }
  data::BlockReader reader(name(), [&](void* buffer, std::size_t capacity) -> std::int64_t {
    if (again) return Input::read(&*again, buffer, capacity);
    for (;;) {
      const ssize_t got = ::read(kept_.get(), buffer, capacity);
      if (got >= 0) return got;
      if (errno != EINTR) return FT_E_IO;
    }
  });
  data::BlockReader::Buffer buffer;
  data::Block block;
  for (;;) {
    if (cancel.cancelled()) return make_error(Code::cancelled, "cancelled");
    auto more = reader.next(buffer, block);
    if (!more) return again ? error_of(*again, more.error()) : more.error();
    if (!*more) return again && !same_file(again->descriptor()) ? changed() : Result<void>();
    if (auto done = take(block); !done) return done;
  }
}

Result<void> RowWriters::Target::write(std::string_view bytes) {
  return file ? file->write(bytes) : io::write_all(STDOUT_FILENO, bytes, "standard output");
}

Result<void> RowWriters::add(std::uint8_t mark, const std::string& path) {
  Target target{mark, path, {}};
  for (const Target& other : targets_) {
    if (same_place(path, other.path))
      return make_error(Code::config, "two parts cannot go to one place", path, "name another file for one of them");
  }
  if (path != "-") {
    if (same_place(path, file_.path()))
      return make_error(Code::config, "is read and cannot be written at the same time", path, "write to another file");
    auto file = io::OutputFile::create(path);
    if (!file) return file.error();
    target.file.emplace(std::move(*file));
  }
  targets_.push_back(std::move(target));
  return {};
}

RowWriters::Target* RowWriters::target_of(std::uint8_t mark) {
  for (Target& target : targets_) {
    if (target.mark == mark) return &target;
  }
  return nullptr;
}

// Lines that follow one another to the same place are copied at once.
Result<void> RowWriters::copy(const data::Block& block, const std::vector<std::uint8_t>& marks) {
  const char* const text = block.text.data();
  const char* run = text;
  Target* to = nullptr;
  const auto flush = [&](const char* end) -> Result<void> {
    return to && end > run ? to->write({run, static_cast<std::size_t>(end - run)}) : Result<void>();
  };
  for (const char *at = text, *const end = text + block.text.size(); at < end;) {
    const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    const char* const next = newline ? static_cast<const char*>(newline) + 1 : end;
    if (line_ == marks.size())
      return make_error(Code::conflict, "was changed while it was read", file_.name(), "run it again");
    Target* const target = target_of(marks[line_++]);
    if (target != to) {
      if (auto done = flush(at); !done) return done;
      run = at;
      to = target;
    }
    at = next;
  }
  if (auto done = flush(text + block.text.size()); !done) return done;
  return to && !block.text.ends_with('\n') ? to->write("\n") : Result<void>();
}

Result<void> RowWriters::write(const std::vector<std::uint8_t>& marks, const io::CancelToken& cancel) {
  if (targets_.empty()) return {};
  line_ = 0;
  auto copied = file_.for_each_again(cancel, [&](const data::Block& block) { return copy(block, marks); });
  if (!copied) return copied;
  if (line_ != marks.size())
    return make_error(Code::conflict, "was changed while it was read", file_.name(), "run it again");
  for (Target& target : targets_) {
    if (!target.file) continue;
    if (auto done = target.file->sync(); !done) return done;
  }
  for (Target& target : targets_) {
    if (!target.file) continue;
    if (auto done = target.file->commit(); !done) return done;
  }
  return {};
}

}  // namespace fthost::flow
