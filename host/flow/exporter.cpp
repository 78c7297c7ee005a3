#include "flow/exporter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fthost::flow {

Exporter::Exporter(plugin::Registry& registry, const ExportRequest& request, Notes& notes,
                   const io::CancelToken& cancel)
    : registry_(registry),
      request_(request),
      notes_(notes),
      context_(std::make_shared<plugin::CallContext>()),
      output_(request.path, request.gate) {
  context_->cancel = cancel;
}

Result<void> Exporter::begin() {
  auto format = registry_.find(FT_FORMATTER, request_.format);
  if (!format) return format.error();
  output_.set({(format->desc->flags & FT_MERGES_FILES) != 0, request_.strict});
  auto formatter = registry_.create(FT_FORMATTER, request_.format, options_for(*format->desc), context_);
  if (!formatter) return formatter.error();
  encoder_ = *formatter;
  builder_.emplace(std::span<const ft_column>(encoder_->desc().columns, encoder_->desc().column_count));
  context_->emit = [this](std::uint32_t channel, std::uint64_t row, std::string_view bytes) {
    if (channel == FT_DELTA) return written_to(output_.write(bytes));
    if (channel == FT_LOSS) lost(row, bytes);
    if (channel == FT_FINDING) found(row, bytes);
    return FT_OK;
  };
  context_->emit_file = [this](std::string_view name, std::string_view bytes) {
    return written_to(output_.append(name, bytes));
  };
  return encode(FT_BEGIN, nullptr);
}

// A format that has the option file_name is told what its file is called.
Json Exporter::options_for(const ft_desc& desc) const {
  Json options = request_.format_options;
  if (!desc.config_schema || request_.path == "-" || options.contains("file_name")) return options;
  const Json schema = Json::parse(desc.config_schema, nullptr, false);
  if (schema.contains(Json::json_pointer("/properties/file_name")))
    options["file_name"] = std::filesystem::path(request_.path).filename().string();
  return options;
}

Result<void> Exporter::add(std::string_view file, std::uint64_t line, std::string_view id, const data::Value& record) {
  ++rows_;
  builder_->add(rows_, request_.chosen ? chosen_.of(record, rows_, notes_) : record);
  batch_rows_.push_back({std::string(file), std::string(id), line, metadata_of(record)});
  return builder_->full() ? flush() : Result<void>();
}

Result<void> Exporter::flush() {
  if (builder_->empty()) return {};
  const data::Batch batch = builder_->take();
  auto done = encode(FT_ROWS, batch.get());
  before_batch_ = rows_;
  batch_rows_.clear();
  return done;
}

Result<Json> Exporter::finish() {
  if (auto flushed = flush(); !flushed) return flushed.error();
  if (auto finished = encode(FT_FINISH, nullptr); !finished) return finished.error();
  const bool refused = request_.strict && (notes_.lost() || notes_.errors() > 0);
  ExportFiles::Committed committed{output_.target(), 0, 0};
  // Where errors have left nothing, what an earlier export wrote is better than an empty file.
  const std::uint64_t good = rows_ - refused_rows_.size();
  if (!refused && (good > 0 || notes_.errors() == 0)) {
    auto done = output_.commit();
    if (!done) return done.error();
    committed = *done;
  }
  return Json{{"format", request_.format},
              {"path", committed.path.string()},
              {"rows", rows_},
              {"written", refused ? 0 : good},
              {"broken", refused_rows_.size()},
              {"files", committed.files},
              {"removed", committed.removed},
              {"refused", refused}};
}

Result<void> Exporter::encode(std::uint32_t part, const ft_batch* batch) {
  auto status = encoder_->call(context_, [&](ft_call call) {
    return encoder_->table<ft_formatter>().encode(encoder_->self(), call, part, batch);
  });
  if (failed_) return *failed_;
  if (!status) return status.error();
  return {};
}

void Exporter::count_metadata() { spellings_ = registry_.names(FT_FORMATTER); }

std::vector<std::string> Exporter::metadata_of(const data::Value& record) const {
  std::vector<std::string> fields;
  if (spellings_.empty()) return fields;
  const data::Value metadata = record.find("metadata");
  if (!metadata.is(data::Kind::object)) return fields;
  for (data::Value field = metadata.first(); field; field = field.next()) {
    if (std::find(spellings_.begin(), spellings_.end(), field.key().text()) == spellings_.end())
      fields.push_back(metadata.document()->pointer_of(field));
  }
  return fields;
}

const Exporter::From* Exporter::from(std::uint64_t row) const {
  return row > before_batch_ && row - before_batch_ <= batch_rows_.size() ? &batch_rows_[row - before_batch_ - 1]
                                                                          : nullptr;
}

// That all of metadata is dropped is said of each of its fields.
void Exporter::lost(std::uint64_t row, std::string_view bytes) {
  const From* const known = spellings_.empty() ? nullptr : from(row);
  if (!known || known->metadata.empty() || bytes.find("\"/metadata\"") == bytes.npos) return notes_.loss(bytes, row);
  for (const std::string& path : known->metadata)
    notes_.loss(Json{{"path", path}, {"action", "dropped"}, {"message", "the new format has no place for it"}}.dump(),
                row);
}

// Findings name rows by their position in the export.
void Exporter::found(std::uint64_t row, std::string_view bytes) {
  const std::size_t errors = notes_.errors();
  const From* const known = from(row);
  data::Finding finding = finding_of(known ? known->file : request_.path, known ? known->line : 0, bytes);
  constexpr std::string_view kOption = "--format";
  for (std::size_t at = 0; !option_.empty() && (at = finding.hint.find(kOption, at)) != finding.hint.npos;)
    finding.hint.replace(at, kOption.size(), option_);
  notes_.finding(finding, known ? known->id : std::string());
  if (notes_.errors() > errors) refused_rows_.insert(row);
}

ft_status Exporter::written_to(Result<void> done) {
  if (!done) failed_ = done.error();
  return done ? FT_OK : FT_E_IO;
}

}  // namespace fthost::flow
