#include "flow/rows.hpp"

#include <ft_plugin.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "data/blocks.hpp"
#include "data/json_text.hpp"
#include "io/progress.hpp"

namespace fthost::flow {

Result<std::shared_ptr<Rows>> Rows::create(std::string name) {
  auto spool = Spool::create();
  if (!spool) return spool.error();
  return std::shared_ptr<Rows>(new Rows(std::move(name), std::move(*spool)));
}

Result<std::shared_ptr<const Rows>> Rows::collect(const Source& source, const io::CancelToken& cancel) {
  auto rows = create(source.name);
  if (!rows) return rows.error();
  Result<void> written;
  std::string compact;
  auto read = source.for_each(cancel, [&](const Row& row) {
    std::string_view text = row.record.raw();
    if (text.find('\n') != std::string_view::npos) {  // a storage may keep records as they were written
      compact.clear();
      data::append_compact(compact, row.record);
      text = compact;
    }
    written = (*rows)->add(row.line, row.id, text);
    return static_cast<bool>(written);
  });
  if (!read) return read.error();
  if (written) written = (*rows)->finish();
  if (!written) return written.error();
  return std::shared_ptr<const Rows>(std::move(*rows));
}

Result<void> Rows::add(std::uint64_t line, std::string_view id, std::string_view text) {
  lines_.push_back(line);
  ids_ += id;
  id_ends_.push_back(ids_.size());
  bytes_ += text.size() + 1;
  if (auto written = spool_.write(text); !written) return written;
  return spool_.write("\n");
}

std::string_view Rows::id(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : id_ends_[row - 1];
  return std::string_view(ids_).substr(begin, id_ends_[row] - begin);
}

Result<void> Rows::for_each(const io::CancelToken& cancel, const std::function<bool(const Row&)>& row) const {
  data::BlockReader reader(name_, pull_of(descriptor()));
  data::BlockReader::Buffer buffer;
  data::Block block;
  data::Document document;
  std::size_t at = 0;
  for (bool goes_on = true; goes_on;) {
    if (cancel.cancelled()) return make_error(Code::cancelled, "cancelled");
    auto more = reader.next(buffer, block);
    if (!more) return more.error();
    if (!*more) break;
    data::for_each_line(block, [&](std::uint64_t, std::string_view text) {
      if (!goes_on || !document.parse_object(text)) return;
      goes_on = row({line(at), id(at), {}, document.root()});
      ++at;
    });
  }
  return {};
}

std::function<std::int64_t(void*, std::size_t)> pull_of(int descriptor) {
  struct stat info{};
  if (::fstat(descriptor, &info) == 0) io::progress().total += static_cast<std::uint64_t>(info.st_size);
  return [descriptor, offset = off_t{0}](void* buffer, std::size_t capacity) mutable -> std::int64_t {
    for (;;) {
      const ssize_t got = ::pread(descriptor, buffer, capacity, offset);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FT_E_IO;
      offset += got;
      io::progress().done += static_cast<std::uint64_t>(got);
      return got;
    }
  };
}

}  // namespace fthost::flow
