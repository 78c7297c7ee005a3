#include <algorithm>

#include "rows.hpp"

namespace csv {
namespace {

namespace dom = simdjson::dom;

// "true", "TRUE", "yes" and "1", as spreadsheets and people write them; null: neither.
std::string_view boolean_of(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "true" || lower == "yes" || lower == "1") return "true";
  if (lower == "false" || lower == "no" || lower == "0") return "false";
  return {};
}

// Whether it reads as messages: a list of objects with a role.
bool is_messages(dom::element value) {
  dom::array all;
  if (value.get(all) || all.size() == 0) return false;
  for (const dom::element item : all) {
    dom::object message;
    std::string_view role;
    if (item.get(message) || !ft::find_text(message, "role", role)) return false;
  }
  return true;
}

void refuse(ft::Notes& notes, const Column& column, std::string_view what, std::string_view hint) {
  notes.refuse("bad_content", "/" + ft::pointer_token(column.name), column.name + " is no " + std::string(what), hint);
}

}  // namespace

std::size_t first_invalid(const std::vector<std::string>& cells) {
  std::size_t at = 0;
  while (at < cells.size() && ft::utf8_prefix(cells[at]) == cells[at].size()) ++at;
  return at;
}

RowReader::RowReader(std::vector<Column> columns, bool guard) : columns_(std::move(columns)), guard_(guard) {
  for (const Column& column : columns_) {
    if (column.kind == Kind::prompt) prompt_name_ = column.name;
    if (column.kind == Kind::messages) messages_name_ = column.name;
    if (column.kind == Kind::completion) completion_name_ = column.name;
  }
}

std::string RowReader::read(const std::vector<std::string>& cells, ft::Notes& notes) {
  const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(std::min(columns_.size(), cells.size()));
  const bool more = std::any_of(begin, cells.end(), [](const std::string& cell) { return !cell.empty(); });
  if (cells.size() < columns_.size() || more) {
    notes.refuse("cell_count", "",
                 "the row has " + std::to_string(cells.size()) + (cells.size() == 1 ? " cell" : " cells") +
                     " and the header " + std::to_string(columns_.size()),
                 "put cells that hold the delimiter or a line break in quotes");
    return {};
  }
  if (const std::size_t bad = first_invalid(cells); bad < columns_.size()) {
    notes.refuse("invalid_utf8", "/" + ft::pointer_token(columns_[bad].name),
                 "not UTF-8 at byte " + std::to_string(ft::utf8_prefix(cells[bad]) + 1) + " of the cell",
                 "save the file as UTF-8");
    return {};
  }
  Turn turn;
  ft::Chat chat;
  metadata_.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string_view text = guard_ ? unguarded(cells[i]) : std::string_view(cells[i]);
    if (text.empty()) continue;
    columns_[i].filled = true;
    read_cell(columns_[i], text, turn, chat, notes);
  }
  if (!notes.refused()) place(turn, chat, notes);
  if (notes.refused()) return {};
  if (!metadata_.all().empty()) {
    std::string json;
    ft::ObjectWriter object(json);
    for (const ft::Field& field : metadata_.all()) object.json(field.key, field.json);
    object.end();
    chat.fields.add("metadata", std::move(json));
  }
  return ft::record_of(chat);
}

void RowReader::read_cell(const Column& column, std::string_view text, Turn& turn, ft::Chat& chat, ft::Notes& notes) {
  dom::element value;
  dom::object object;
  switch (column.kind) {
    case Kind::system:
      turn.system = text;
      break;
    case Kind::prompt:
      turn.prompt = text;
      break;
    case Kind::input:
      turn.input = text;
      break;
    case Kind::completion:
      turn.completion = text;
      break;
    case Kind::messages:
      if (parse(text, value))
        ft::read_messages(value, "/" + ft::pointer_token(column.name), chat.messages, notes);
      else
        refuse(notes, column, "JSON", "write [{\"role\": ..., \"content\": ...}, ...]");
      break;
    case Kind::answers: {
      auto& answers = column.field == "chosen" ? chat.chosen : chat.rejected;
      if (text[text.find_first_not_of(" \t\r\n") % text.size()] == '[' && parse(text, value) && is_messages(value))
        ft::read_messages(value, "/" + ft::pointer_token(column.name), answers, notes);
      else
        answers.push_back(ft::text_message("assistant", text));
      break;
    }
    case Kind::number:
      if (parse(text, value) && value.is_number())
        chat.fields.add(column.field, value);
      else
        refuse(notes, column, "number", "write it in digits, as 7, or give the column another name");
      break;
    case Kind::boolean:
      if (const std::string_view word = boolean_of(text); !word.empty())
        chat.fields.add(column.field, std::string(word));
      else
        refuse(notes, column, "true or false", "write true or false, or give the column another name");
      break;
    case Kind::tags:
      if (parse(text, value) && value.is_array()) {
        chat.fields.add(column.field, value);
      } else {
        std::string tags;
        for (const std::string& tag : list_of(text, ",;")) {
          tags += tags.empty() ? "[" : ",";
          ft::append_json_string(tags, tag);
        }
        chat.fields.add(column.field, tags.empty() ? "[]" : tags + "]");
      }
      break;
    case Kind::json:
      if (!parse(text, value))
        refuse(notes, column, "JSON", "write it as JSON, or give the column another name");
      else if (column.field != "metadata")
        chat.fields.add(column.field, value);
      else if (value.get(object))
        refuse(notes, column, "JSON object", "write {\"key\": ...}, or give the column another name");
      else
        ft::keep_others(object, {}, metadata_);
      break;
    case Kind::metadata:
      if (!metadata_.has(column.field)) metadata_.add_text(column.field, text);
      break;
    default:
      chat.fields.add_text(column.field, text);
  }
}

bool RowReader::parse(std::string_view text, dom::element& value) {
  return parser_.parse(text.data(), text.size(), true).get(value) == simdjson::SUCCESS;
}

void RowReader::place(const Turn& turn, ft::Chat& chat, ft::Notes& notes) const {
  const auto at = [](const std::string& name) { return "/" + ft::pointer_token(name); };
  if (!chat.messages.empty()) {
    if (!turn.prompt.empty() || !turn.completion.empty() || !turn.system.empty())
      notes.refuse("ambiguous_row", at(messages_name_), "the row has messages, and a question or an answer beside them",
                   "keep one of the two, or give a column another name");
    return;
  }
  if (ft::is_blank(turn.prompt) && ft::is_blank(turn.input)) {
    notes.refuse("empty_content", at(prompt_name_.empty() ? messages_name_ : prompt_name_), "it is empty",
                 "write its text, or remove the row");
    return;
  }
  const bool answered = !chat.chosen.empty() || !chat.rejected.empty() || chat.fields.has("reference");
  if (ft::is_blank(turn.completion) && !completion_name_.empty() && !answered) {
    notes.refuse("empty_content", at(completion_name_), "it is empty", "write its text, or remove the row");
    return;
  }
  if (!ft::is_blank(turn.system)) chat.messages.push_back(ft::text_message("system", turn.system));
  std::string question(turn.prompt);
  if (!turn.input.empty()) {
    if (!question.empty()) question += "\n";
    question += turn.input;
    notes.reshaped("/input", "the input follows the instruction in one message");
  }
  chat.messages.push_back(ft::text_message("user", question));
  if (!ft::is_blank(turn.completion)) chat.messages.push_back(ft::text_message("assistant", turn.completion));
}

std::vector<std::string> RowReader::never_filled() const {
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    const bool conversation = column.kind == Kind::system || column.kind == Kind::prompt ||
                              column.kind == Kind::input || column.kind == Kind::completion ||
                              column.kind == Kind::messages;
    if (!column.filled && !conversation && !column.name.starts_with("column_")) names.push_back(column.name);
  }
  return names;
}

}  // namespace csv
