#include "flow/version_file.hpp"

#include <ft_plugin.h>

#include <filesystem>

namespace fthost::flow {

Result<VersionFile> VersionFile::open(const std::string& path, std::string name, bool again,
                                      const io::CancelToken& cancel) {
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec))
    return make_error(Code::config, "is a folder, and a version of a dataset is one file", path, "name the file");
  auto input = Input::open(path, cancel);
  if (!input) return input.error();
  auto source = std::make_unique<Source>(Source{std::move(*input), std::move(name), {}, {}});
  if (source->name.empty()) source->name = source->input.name();
  auto sample = source->input.sample();
  if (!sample) return sample.error();
  const std::size_t first = sample->find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string_view::npos && (*sample)[first] == '[')
    return make_error(Code::config, "is one list, and a version of a dataset is JSON rows, one a line", source->name,
                      "fthost convert makes them");
  if (again && !source->input.plain()) {
    auto spool = Spool::create();
    if (!spool) return spool.error();
    source->spool = std::move(*spool);
  }
  return VersionFile(std::move(source));
}

std::int64_t VersionFile::pull(Source& source, void* buffer, std::size_t capacity) {
  const std::int64_t size = Input::read(&source.input, buffer, capacity);
  if (!source.spool || size < 0) return size;
  auto kept = size == 0 ? source.spool->flush()
                        : source.spool->write({static_cast<const char*>(buffer), static_cast<std::size_t>(size)});
  if (kept) return size;
  source.error = kept.error();
  return FT_E_IO;
}

data::RowReader VersionFile::rows(data::FindingSink broken) const {
  Source* const source = source_.get();
  return {data::JsonlReader(source->name,
                            [source](void* buffer, std::size_t capacity) { return pull(*source, buffer, capacity); }),
          std::move(broken)};
}

int VersionFile::descriptor() const {
  return source_->spool ? source_->spool->descriptor() : source_->input.descriptor();
}

Error VersionFile::explain(const Error& error) const {
  if (error.code == Code::cancelled) return error;
  if (source_->error) return *source_->error;
  if (source_->input.error()) return *source_->input.error();
  return error;
}

}  // namespace fthost::flow
