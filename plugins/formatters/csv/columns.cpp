#include "columns.hpp"

#include <algorithm>

namespace csv {
namespace {

struct Known {
  std::string_view field;
  Kind kind;
  std::vector<std::string_view> synonyms = {};  // none: the field's name alone
};

// In the order in which they are written. Synonyms are tried one after the other.
const Known kKnown[] = {
    {"id", Kind::text},
    {"system", Kind::system, {"system_prompt", "system_message"}},
    {"prompt", Kind::prompt, {"question", "instruction", "input", "user", "query"}},
    {"completion", Kind::completion, {"answer", "response", "output", "assistant"}},
    {"messages", Kind::messages},
    {"chosen", Kind::answers},
    {"rejected", Kind::answers},
    {"reference", Kind::text},
    {"label", Kind::boolean},
    {"rating", Kind::number},
    {"weight", Kind::number},
    {"tags", Kind::tags},
    {"group", Kind::text},
    {"split", Kind::text},
    {"source", Kind::text},
    {"created_at", Kind::text},
    {"updated_at", Kind::text},
    {"tools", Kind::json},
    {"parallel_tool_calls", Kind::boolean},
    {"response_format", Kind::json},
    {"ranked", Kind::json},
    {"ratings", Kind::json},
    {"validated", Kind::json},
    {"metadata", Kind::json},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

// "System prompt" and "system_prompt" are one name.
std::string plain(std::string_view name) {
  std::string made;
  for (const char c : name)
    made += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
  return made;
}

const Known* known(std::string_view field) {
  const auto found =
      std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& one) { return one.field == field; });
  return found == std::end(kKnown) ? nullptr : found;
}

// Fields that a record has only while it is a row: no field of a record is called so.
bool is_message(Kind kind) { return kind == Kind::system || kind == Kind::prompt || kind == Kind::completion; }

std::string joined(const std::vector<Column>& columns) {
  std::string all;
  for (const Column& column : columns) all += (all.empty() ? "" : ", ") + column.name;
  return all;
}

Column* find_exact(std::vector<Column>& columns, std::string_view name) {
  for (Column& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}
// A column that is not known yet: of this very name, else of one spelled like it.
Column* find(std::vector<Column>& columns, std::string_view name) {
  Column* exact = find_exact(columns, name);
  if (exact && exact->kind == Kind::other) return exact;
  for (Column& column : columns) {
    if (column.kind == Kind::other && plain(column.name) == name) return &column;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> list_of(std::string_view text, std::string_view separators) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (const auto item = trimmed(text.substr(begin, end - begin)); !item.empty()) items.emplace_back(item);
    begin = end + 1;
  }
  return items;
}

Names::Names(const ft::Config& config) : metadata_(list_of(config["metadata_columns"].get_ref<const std::string&>())) {
  for (const Known& one : kKnown) {
    const std::string option = std::string(one.field) + "_column";
    if (config.contains(option) && !config[option].is_null()) given_.push_back({one.field, config[option]});
  }
}

const std::string* Names::given(std::string_view field) const {
  for (const Given& one : given_) {
    if (one.field == field) return &one.name;
  }
  return nullptr;
}

std::optional<std::vector<Column>> Names::map(const std::vector<std::string>& header, Problem& problem) const {
  std::vector<Column> columns;
  for (const std::string& cell : header) {
    std::string name(trimmed(cell));
    if (name.empty()) name = "column_" + std::to_string(columns.size() + 1);
    if (find_exact(columns, name)) {
      problem = {"bad_header", "two columns are called \"" + name + "\"", "give one of them another name"};
      return std::nullopt;
    }
    columns.push_back({name, name, Kind::other, kOther});
  }
  for (const std::string& name : metadata_) {
    Column* column = find_exact(columns, name);
    if (!column) {
      problem = {"no_column", "there is no column \"" + name + "\"; there are " + joined(columns),
                 "mend the option metadata_columns"};
      return std::nullopt;
    }
    *column = metadata_column(name);
  }
  // What the options name goes before what is recognised.
  for (const Given& one : given_) {
    Column* column = find_exact(columns, one.name);
    if (!column) {
      problem = {"no_column", "there is no column \"" + one.name + "\"; there are " + joined(columns),
                 "mend the option " + std::string(one.field) + "_column"};
      return std::nullopt;
    }
    const Known* field = known(one.field);
    *column = {column->name, std::string(one.field), field->kind, static_cast<std::size_t>(field - kKnown)};
  }
  bool question = false;
  for (const Known& one : kKnown) {
    Column* column = nullptr;
    if (!given(one.field)) {
      column = find(columns, one.field);
      for (auto name = one.synonyms.begin(); name != one.synonyms.end() && !column; ++name)
        column = find(columns, *name);
    }
    if (column) {
      const bool instruction = one.kind == Kind::prompt && plain(column->name) == "instruction";
      *column = {column->name, std::string(one.field), one.kind, static_cast<std::size_t>(&one - kKnown)};
      if (Column* input = instruction ? find(columns, "input") : nullptr) input->kind = Kind::input;
    }
    question = question || ((column || given(one.field)) && (one.kind == Kind::prompt || one.kind == Kind::messages));
  }
  if (!question) {
    problem = {"no_column", "no column is known to hold the question; there are " + joined(columns),
               "name it with the option prompt_column, and the answer's with completion_column"};
    return std::nullopt;
  }
  for (const Column& column : columns) {
    const Known* field = column.kind == Kind::other ? known(column.name) : nullptr;
    if (field && !is_message(field->kind)) {
      problem = {"bad_header", "two columns would be the field " + column.name, "give one of them another name"};
      return std::nullopt;
    }
  }
  return columns;
}

std::optional<Column> Names::column_of(std::string_view field) const {
  if (const Known* one = known(field)) {
    const std::string* name = given(field);
    return Column{name ? *name : std::string(field), std::string(field), one->kind,
                  static_cast<std::size_t>(one - kKnown)};
  }
  if (trimmed(field) != field || field.empty()) return std::nullopt;
  for (const Known& one : kKnown) {
    const std::string* name = given(one.field);
    if (name ? *name == field : plain(field) == one.field) return std::nullopt;
  }
  if (std::find(metadata_.begin(), metadata_.end(), field) != metadata_.end()) return std::nullopt;
  return Column{std::string(field), std::string(field), Kind::other, kOther};
}

}  // namespace csv
