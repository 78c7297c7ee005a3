#include <algorithm>

#include "rows.hpp"

namespace csv {
namespace {

namespace dom = simdjson::dom;

bool is_plain(const ft::Message& message, std::string_view role) {
  const auto& fields = message.fields.all();
  return message.role == role && message.parts.empty() && message.calls.empty() && message.text &&
         !ft::is_blank(*message.text) &&
         std::all_of(fields.begin(), fields.end(), [](const ft::Field& field) { return field.json == "null"; });
}

std::string json_of(const std::vector<ft::Message>& messages) {
  std::string json;
  ft::append_messages(json, messages);
  return json;
}

constexpr std::string_view kNoColumn = "the table has no column for it";

}  // namespace

RowWriter::RowWriter(const Names& names) : names_(names) {
  // They are always there, or a column of the person's own that is called "question" would be read as the prompt.
  for (const char* field : {"system", "prompt", "completion"}) columns_.push_back(*names_.column_of(field));
}

void RowWriter::fix(std::vector<Column> columns) {
  columns_ = std::move(columns);
  fixed_ = true;
}

void RowWriter::add(std::string_view text, ft::Notes& notes) {
  cells_.clear();
  new_columns_.clear();
  dom::object record;
  if (const auto error = parser_.parse(text.data(), text.size(), true).get(record)) {
    const ft::LineProblem problem = ft::line_problem(text, error);
    notes.refuse("bad_record", "", "the record cannot be read: " + problem.message, problem.hint);
    return;
  }
  ft::Chat chat;
  std::string_view reference;
  for (const auto& [key, value] : record) {
    dom::object metadata;
    if (value.is_null())
      continue;
    else if (key == "messages")
      ft::read_messages(value, "/messages", chat.messages, notes);
    else if (key == "chosen" || key == "rejected")
      ft::read_messages(value, "/" + std::string(key), key == "chosen" ? chat.chosen : chat.rejected, notes);
    else if (key == "metadata" && value.get(metadata) == simdjson::SUCCESS)
      add_metadata(metadata, notes);
    else
      add_field(key, value, notes);
    if (key == "label") chat.fields.add(key, value);
    if (key == "reference" && value.get(reference)) reference = "its JSON";
  }
  if (notes.refused()) return;
  if (!has_column("chosen") && !has_column("rejected")) ft::refuse_preference(chat, "this table", notes);
  if (!has_column("label")) ft::refuse_bad_label(chat, "this table", notes);
  if (notes.refused()) return;
  add_messages(chat, !chat.chosen.empty() || !chat.rejected.empty() || !reference.empty(), notes);
  for (const auto& [field, answers] : {std::pair("chosen", &chat.chosen), std::pair("rejected", &chat.rejected)}) {
    if (answers->empty()) continue;
    const auto& first = (*answers)[0];
    const bool plain = answers->size() == 1 && is_plain(first, "assistant") &&
                       (*first.text)[first.text->find_first_not_of(" \t\r\n")] != '[';
    if (!put(*names_.column_of(field), plain ? *first.text : json_of(*answers)))
      notes.dropped(std::string("/") + field, kNoColumn);
  }
}

void RowWriter::add_messages(const ft::Chat& chat, bool answered, ft::Notes& notes) {
  const auto& messages = chat.messages;
  const std::size_t first = !messages.empty() && is_plain(messages[0], "system") ? 1 : 0;
  const std::size_t turn = messages.size() - first;
  bool fits = (turn == 2 || (turn == 1 && answered)) && is_plain(messages[first], "user") &&
              (turn == 1 || is_plain(messages[first + 1], "assistant"));
  fits = fits && has(Kind::prompt) && (first == 0 || has(Kind::system)) && (turn == 1 || has(Kind::completion));
  if (messages.empty()) {
    notes.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                 "choose the records that have them");
  } else if (fits) {
    if (first) put(*names_.column_of("system"), *messages[0].text);
    put(*names_.column_of("prompt"), *messages[first].text);
    if (turn == 2) put(*names_.column_of("completion"), *messages[first + 1].text);
  } else if (!put(*names_.column_of("messages"), json_of(messages))) {
    notes.refuse("not_carried", "/messages",
                 "the record is more than a question and an answer, and the table has no column of messages",
                 "name messages in the option columns, or choose other records");
  }
}

void RowWriter::add_field(std::string_view key, dom::element value, ft::Notes& notes) {
  const std::string path = "/" + ft::pointer_token(key);
  const auto column = names_.column_of(key);
  if (!column || column->kind == Kind::system || column->kind == Kind::prompt || column->kind == Kind::completion) {
    notes.dropped(path, "a column of its name would be read as another field");
    return;
  }
  const Kind kind = column->kind;
  std::string_view text;
  const bool is_text = value.get(text) == simdjson::SUCCESS;
  if ((kind == Kind::number && !value.is_number()) || (kind == Kind::boolean && !value.is_bool()) ||
      (kind == Kind::tags && !value.is_array()) || (kind == Kind::json && key == "metadata")) {
    notes.dropped(path, "it is " + std::string(ft::type_name(value)) + ", which would not be read back");
    return;
  }
  const bool words = kind == Kind::text || kind == Kind::other;
  if (words && is_text && text.empty()) {
    notes.dropped(path, "an empty text is an empty cell, which is read as none");
  } else if (!put(*column, words && is_text ? std::string(text) : simdjson::minify(value))) {
    notes.dropped(path, ft::is_bookkeeping(key) ? ft::kBookkeeping : kNoColumn);
  } else if (words && !is_text) {
    notes.reshaped(path, "the value became its JSON text");
  }
}

void RowWriter::add_metadata(dom::object metadata, ft::Notes& notes) {
  std::string rest;
  ft::ObjectWriter object(rest);
  for (const auto& [key, value] : metadata) {
    const auto& own = names_.metadata();
    std::string_view text;
    if (std::find(own.begin(), own.end(), key) != own.end() && value.get(text) == simdjson::SUCCESS && !text.empty() &&
        put(names_.metadata_column(key), std::string(text)))
      continue;
    object.json(key, simdjson::minify(value));
  }
  object.end();
  if ((rest != "{}" || metadata.size() == 0) && !put(*names_.column_of("metadata"), rest))
    notes.dropped("/metadata", ft::kBookkeeping);
}

bool RowWriter::has_column(std::string_view field) const {
  return !fixed_ ||
         std::any_of(columns_.begin(), columns_.end(), [&](const Column& one) { return one.field == field; });
}

bool RowWriter::has(Kind kind) const {
  return !fixed_ || std::any_of(columns_.begin(), columns_.end(), [&](const Column& one) { return one.kind == kind; });
}

bool RowWriter::put(const Column& column, std::string text) {
  const auto same = [&](const Column& one) { return one.kind == column.kind && one.field == column.field; };
  const auto index_in = [&](const std::vector<Column>& columns) {
    return static_cast<std::size_t>(std::find_if(columns.begin(), columns.end(), same) - columns.begin());
  };
  std::size_t index = index_in(columns_);
  if (index == columns_.size()) {
    if (fixed_) return false;
    const std::size_t fresh = index_in(new_columns_);
    if (fresh == new_columns_.size()) new_columns_.push_back(column);
    index += fresh;
  }
  cells_.emplace_back(index, std::move(text));
  return true;
}

void RowWriter::commit() {
  for (Column& column : new_columns_) columns_.push_back(std::move(column));
  for (const auto& cell : cells_) held_ += cell.second.size() + sizeof(cell);
  rows_.push_back(std::move(cells_));
}

void RowWriter::flush(std::string& out, char delimiter, bool guard, bool bom) {
  std::vector<std::size_t> order(columns_.size());  // of the columns as they came
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (!fixed_) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return columns_[a].rank < columns_[b].rank; });
  }
  const auto line = [&](const auto& cell_at) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out += delimiter;
      append_cell(out, cell_at(order[i]), delimiter, guard);
    }
    out += "\r\n";
  };
  if (!header_written_) {
    if (bom) out += "\xEF\xBB\xBF";
    line([&](std::size_t column) { return std::string_view(columns_[column].name); });
  }
  std::vector<std::string_view> cells(columns_.size());
  for (const Cells& row : rows_) {
    std::fill(cells.begin(), cells.end(), std::string_view());
    for (const auto& [column, text] : row) cells[column] = text;
    line([&](std::size_t column) { return cells[column]; });
  }
  std::vector<Column> sorted;
  for (const std::size_t column : order) sorted.push_back(std::move(columns_[column]));
  columns_ = std::move(sorted);
  rows_.clear();
  held_ = 0;
  fixed_ = header_written_ = true;
}

}  // namespace csv
