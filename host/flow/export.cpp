#include <filesystem>
#include <optional>
#include <set>

#include "data/batch.hpp"
#include "flow/export_files.hpp"
#include "flow/transfer.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {
namespace {

namespace fs = std::filesystem;

// Whether `path` is where the source's own records lie, by whatever name.
bool is_own_file(const Source& source, const fs::path& path) {
  const auto kept = source.storage->config().find("path");
  if (kept == source.storage->config().end() || !kept->is_string()) return false;
  const fs::path place = kept->get<std::string>();
  std::error_code ec;
  return fs::equivalent(path, place, ec) || fs::equivalent(path, place / (source.collection + ".jsonl"), ec);
}

// Which record a row of the present batch is: findings name rows by their position in the export.
struct Exported {
  std::string id;
  std::uint64_t line;
};

}  // namespace

Result<Json> export_rows(plugin::Registry& registry, const ExportRequest& request, const Source& source,
                         const io::CancelToken& cancel) {
  if (is_own_file(source, request.path)) {
    return make_error(Code::input, "holds the records themselves, so nothing can be exported to it", request.path,
                      "export to another file");
  }
  const auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  auto formatter = registry.create(FT_FORMATTER, request.format, request.format_options, context);
  if (!formatter) return formatter.error();
  plugin::Instance& encoder = **formatter;
  Notes notes;
  ExportFiles output(request.path, request.gate);
  std::optional<Error> failed;  // of writing
  std::vector<Exported> batch_rows;
  std::uint64_t before_batch = 0, exported = 0;
  std::set<std::uint64_t> refused_rows;  // not written, because of an error
  const auto found = [&](std::uint64_t row, std::string_view bytes) {
    Json finding = Json::parse(bytes, nullptr, false);
    if (!finding.is_object()) return;
    const std::size_t errors = notes.errors();
    std::uint64_t line = 0;
    if (row > before_batch && row - before_batch <= batch_rows.size()) {
      const Exported& from = batch_rows[row - before_batch - 1];
      line = from.line;
      finding["id"] = from.id;
    }
    notes.finding(source.name, line, finding.dump());
    if (notes.errors() > errors) refused_rows.insert(row);
  };
  const auto written_to = [&](Result<void> done) {
    if (!done) failed = done.error();
    return done ? FT_OK : FT_E_IO;
  };
  context->emit = [&](std::uint32_t channel, std::uint64_t row, std::string_view bytes) {
    if (channel == FT_DELTA) return written_to(output.write(bytes));
    if (channel == FT_LOSS) notes.loss(bytes);
    if (channel == FT_FINDING) found(row, bytes);
    return FT_OK;
  };
  context->emit_file = [&](std::string_view name, std::string_view bytes) {
    return written_to(output.append(name, bytes));
  };
  const auto encode = [&](std::uint32_t part, const ft_batch* batch) -> Result<void> {
    auto status = encoder.call(
        context, [&](ft_call call) { return encoder.table<ft_formatter>().encode(encoder.self(), call, part, batch); });
    if (failed) return *failed;
    if (!status) return status.error();
    return {};
  };

  const ft_desc& desc = encoder.desc();
  data::BatchBuilder builder(std::span<const ft_column>(desc.columns, desc.column_count));
  const auto flush = [&]() -> Result<void> {
    if (builder.empty()) return {};
    const data::Batch batch = builder.take();
    auto done = encode(FT_ROWS, batch.get());
    before_batch = exported;
    batch_rows.clear();
    return done;
  };
  if (auto begun = encode(FT_BEGIN, nullptr); !begun) return begun.error();
  Result<void> flushed;
  auto read = source.for_each(cancel, [&](const Row& row) {
    builder.add(++exported, row.record);
    batch_rows.push_back({std::string(row.id), row.line});
    if (builder.full()) flushed = flush();
    return static_cast<bool>(flushed);
  });
  if (!read) return read.error();
  if (flushed) flushed = flush();
  if (!flushed) return flushed.error();
  if (auto finished = encode(FT_FINISH, nullptr); !finished) return finished.error();

  const bool refused = request.strict && (notes.lost() || notes.errors() > 0);
  ExportFiles::Committed committed{output.target(), 0, 0};
  if (!refused) {
    auto done = output.commit();
    if (!done) return done.error();
    committed = *done;
  }
  return Json{{"format", request.format},
              {"path", committed.path.string()},
              {"rows", exported},
              {"written", refused ? 0 : exported - refused_rows.size()},
              {"files", committed.files},
              {"removed", committed.removed},
              {"errors", notes.errors()},
              {"losses", notes.losses()},
              {"findings", notes.findings()},
              {"refused", refused}};
}

}  // namespace fthost::flow
