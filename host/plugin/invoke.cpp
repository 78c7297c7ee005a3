#include "plugin/invoke.hpp"

#include <cmath>

namespace fthost::plugin {
namespace {

Error no_result(const Instance& instance, const char* function) {
  return make_error(Code::internal, std::string("gave no result for ") + function, instance.owner(),
                    "this is a defect of the plugin");
}

// Runs `body` and parses the one FT_RESULT it emits.
Result<Json> result_of(Instance& instance, const Context& context, const char* function,
                       const std::function<ft_status(ft_call)>& body) {
  Json result;
  bool answered = false;
  context->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
    if (channel == FT_RESULT) {
      result = Json::parse(bytes, nullptr, false);
      answered = !result.is_discarded();
    }
    return FT_OK;
  };
  auto status = instance.call(context, body);
  context->emit = nullptr;
  if (!status) return status.error();
  if (!answered) return no_result(instance, function);
  return result;
}

}  // namespace

Batch::Batch(std::vector<std::vector<Cell>> columns) : cells_(std::move(columns)) {
  const std::size_t rows = cells_.empty() ? 0 : cells_[0].size();
  for (const auto& column : cells_) {
    auto& views = views_.emplace_back();
    views.reserve(rows);
    for (const Cell& cell : column) views.push_back(cell ? str(*cell) : ft_str{nullptr, 0});
  }
  for (const auto& views : views_) pointers_.push_back(views.data());
  for (std::size_t i = 0; i < rows; ++i) numbers_.push_back(i + 1);
  batch_ = {sizeof(ft_batch), static_cast<std::uint32_t>(cells_.size()), rows, numbers_.data(), pointers_.data()};
}

std::vector<Cell> cut_column(const Json& rows, const ft_column& column) {
  const Json::json_pointer pointer(column.pointer);
  std::vector<Cell> cells;
  cells.reserve(rows.size());
  for (const auto& row : rows) {
    if (!row.contains(pointer)) {
      cells.emplace_back();
    } else if (const Json& value = row.at(pointer); column.kind == FT_RAW) {
      cells.emplace_back(value.dump());
    } else {
      cells.push_back(value.is_string() ? Cell(value.get<std::string>()) : Cell());
    }
  }
  return cells;
}

Result<Json> score_rows(Instance& scorer, const Json& rows, const Context& context) {
  const ft_desc& desc = scorer.desc();
  std::vector<std::vector<Cell>> columns;
  for (std::uint32_t i = 0; i < desc.column_count; ++i) columns.push_back(cut_column(rows, desc.columns[i]));
  if (columns.empty()) columns.emplace_back(rows.size());  // so that the batch has its rows
  const Batch batch(std::move(columns));
  std::vector<double> out(rows.size() * desc.output_count, std::nan(""));
  auto status = scorer.call(context, [&](ft_call call) {
    return scorer.table<ft_scorer>().score(scorer.self(), call, batch.get(), out.data());
  });
  if (!status) return status.error();
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  Json result = Json::array();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (desc.output_count == 1) {
      result.push_back(number(out[row]));
      continue;
    }
    Json outputs = Json::array();
    for (std::uint32_t k = 0; k < desc.output_count; ++k) outputs.push_back(number(out[row * desc.output_count + k]));
    result.push_back(std::move(outputs));
  }
  return result;
}

Result<Json> storage_list(Instance& storage, const Context& context) {
  return result_of(storage, context, "list",
                   [&](ft_call call) { return storage.table<ft_storage>().list(storage.self(), call); });
}

Result<void> storage_read(Instance& storage, const std::string& collection, const Json& query, const Context& context,
                          const std::function<bool(std::string_view)>& item) {
  bool stopped = false;
  context->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
    if (channel != FT_RECORD) return FT_OK;
    stopped = stopped || !item(bytes);
    return stopped ? FT_E_CANCELLED : FT_OK;
  };
  const std::string text = query.dump();
  auto status = storage.call(context, [&](ft_call call) {
    return storage.table<ft_storage>().read(storage.self(), call, str(collection), str(text));
  });
  context->emit = nullptr;
  if (!status && !(stopped && status.error().code == Code::cancelled)) return status.error();
  return {};
}

Result<Json> storage_write(Instance& storage, StorageWrite what, const std::string& collection,
                           const std::vector<std::vector<std::string>>& columns, const Context& context) {
  std::vector<std::vector<Cell>> cells;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    auto& column = cells.emplace_back();
    for (const auto& text : columns[c]) column.push_back(c == 2 && text.empty() ? Cell() : Cell(text));
  }
  const Batch batch(std::move(cells));
  const auto& table = storage.table<ft_storage>();
  if (what == StorageWrite::put) {
    auto status = storage.call(
        context, [&](ft_call call) { return table.put(storage.self(), call, str(collection), batch.get()); });
    if (!status) return status.error();
    return Json{{"put", batch.rows()}};
  }
  const bool append = what == StorageWrite::append;
  return result_of(storage, context, append ? "append" : "remove", [&](ft_call call) {
    return (append ? table.append : table.remove)(storage.self(), call, str(collection), batch.get());
  });
}

Result<Detection> detect_format(Instance& formatter, std::string_view sample, const std::string& name,
                                const Context& context) {
  Detection found;
  context->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
    if (channel == FT_DETAIL) found.why.assign(bytes);
    return FT_OK;
  };
  auto status = formatter.call(context, [&](ft_call call) {
    return formatter.table<ft_formatter>().detect(formatter.self(), call, str(sample), str(name), &found.confidence);
  });
  context->emit = nullptr;
  if (!status) return status.error();
  return found;
}

}  // namespace fthost::plugin
