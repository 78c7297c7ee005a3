#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "data/batch.hpp"
#include "flow/transfer.hpp"
#include "io/files.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

namespace fs = std::filesystem;

// What an encoder writes: the file itself, made on its first byte, and side files by name.
struct Output {
  fs::path path;
  std::optional<io::AtomicFile> file;
  std::map<std::string, std::string> side_files;
  std::optional<Error> error;

  ft_status write(std::string_view bytes) {
    if (!file) {
      auto created = io::AtomicFile::create(path);
      if (!created) return fail(created.error());
      file.emplace(std::move(*created));
    }
    auto written = file->write(bytes);
    return written ? FT_OK : fail(written.error());
  }
  ft_status fail(Error reason) {
    error = std::move(reason);
    return FT_E_IO;
  }

  // Puts everything in its place. Returns the number of files.
  Result<std::size_t> commit() {
    std::size_t count = 0;
    if (file) {
      if (auto done = file->commit(); !done) return done.error();
      ++count;
    }
    if (side_files.empty()) return count;
    if (!file) path.replace_extension();  // a file a row: the path names their folder
    const fs::path folder = file ? path.parent_path() : path;
    if (auto made = io::ensure_folder(folder); !made) return made.error();
    for (const auto& [name, bytes] : side_files) {
      const fs::path side = folder / name;
      if (auto made = io::ensure_folder(side.parent_path()); !made) return made.error();
      if (auto done = io::write_atomic(side, bytes); !done) return done.error();
      ++count;
    }
    return count;
  }
};

}  // namespace

Result<Json> export_rows(plugin::Registry& registry, const ExportRequest& request, const Source& source,
                         const io::CancelToken& cancel) {
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  auto formatter = registry.create(FT_FORMATTER, request.format, request.format_options, context);
  if (!formatter) return formatter.error();
  plugin::Instance& encoder = **formatter;
  Notes notes;
  Output output{request.path, {}, {}, {}};
  context->emit = [&](std::uint32_t channel, std::uint64_t row, std::string_view bytes) {
    if (channel == FT_DELTA) return output.write(bytes);
    if (channel == FT_LOSS) notes.loss(bytes);
    if (channel == FT_FINDING) notes.finding(request.path, row, bytes);
    return FT_OK;
  };
  context->emit_file = [&](std::string_view name, std::string_view bytes) {
    output.side_files[std::string(name)].append(bytes);
    return FT_OK;
  };
  const auto encode = [&](std::uint32_t part, const ft_batch* batch) -> Result<void> {
    auto status = encoder.call(
        context, [&](ft_call call) { return encoder.table<ft_formatter>().encode(encoder.self(), call, part, batch); });
    if (output.error) return *output.error;
    if (!status) return status.error();
    return {};
  };

  const ft_desc& desc = encoder.desc();
  data::BatchBuilder builder(std::span<const ft_column>(desc.columns, desc.column_count));
  data::Document document;
  std::optional<Error> failed;
  std::size_t written = 0;
  const auto flush = [&] {
    if (builder.empty()) return true;
    const data::Batch batch = builder.take();
    auto done = encode(FT_ROWS, batch.get());
    if (!done) failed = done.error();
    return static_cast<bool>(done);
  };
  if (auto begun = encode(FT_BEGIN, nullptr); !begun) return begun.error();
  auto read = source.for_each(cancel, [&](const Row& row) {
    if (!document.parse_object(row.record.raw())) return true;  // a storage gives none such
    builder.add(++written, document);
    return !builder.full() || flush();
  });
  if (!read) return read.error();
  flush();
  if (failed) return *failed;
  if (auto finished = encode(FT_FINISH, nullptr); !finished) return finished.error();

  const bool refused = request.strict && notes.lost();
  std::size_t files = 0;
  if (!refused) {
    if (!output.file && output.side_files.empty()) {
      if (const auto status = output.write(""); status != FT_OK) return *output.error;
    }
    auto committed = output.commit();
    if (!committed) return committed.error();
    files = *committed;
  }
  return Json{{"format", request.format}, {"path", output.path.string()}, {"written", refused ? 0 : written},
              {"files", files},           {"losses", notes.losses()},     {"findings", notes.findings()},
              {"refused", refused}};
}

}  // namespace fthost::flow
