#include "reader.hpp"

namespace llama_factory {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kStyles[] = {"alpaca", "sharegpt", "openai"};

bool has(dom::object row, std::string_view key) {
  dom::element value;
  return ft::find(row, key, value);
}

// Whether a column has become something else in the record.
bool is_read(std::string_view key, Style style) {
  for (const auto& kind : kKinds) {
    if (key == kind.column) return true;
  }
  for (const std::string_view known : {"chosen", "rejected", "kto_tag", "label", "tools", "system"}) {
    if (key == known) return true;
  }
  if (style != Style::alpaca) return key == (style == Style::sharegpt ? "conversations" : "messages");
  return key == "instruction" || key == "input" || key == "output" || key == "history";
}

void read_system(dom::object row, Style style, ft::Chat& chat, ft::Notes& notes) {
  const std::string_view system = ft::text_or_empty(row, "system", "", notes);
  if (system.empty()) return;
  chat.messages.push_back(ft::text_message("system", system));
  if (style == Style::openai) notes.reshaped("/system", "it became the first message");
}

void read_label(dom::object row, Style style, ft::Chat& chat, ft::Notes& notes) {
  dom::element label;
  for (const std::string_view key : {"kto_tag", "label"}) {
    const std::string path = "/" + std::string(key);
    if (!ft::find(row, key, label)) continue;
    if (!label.is_bool()) {
      notes.refuse("bad_label", path, "it is " + std::string(ft::type_name(label)) + ", not a boolean",
                   "write true or false");
    } else if (chat.fields.has("label")) {
      notes.dropped(path, "the row has kto_tag beside it");
    } else {
      chat.fields.add("label", label);
      if (key != label_key(style)) notes.reshaped(path, "written as " + std::string(label_key(style)));
    }
  }
}

}  // namespace

std::string Spelling::json() const {
  std::string out;
  ft::ObjectWriter object(out);
  if (style != Style::sharegpt) object.text("style", kStyles[static_cast<std::size_t>(style)]);
  if (system_turn) object.json("system_turn", "true");
  if (no_input) object.json("no_input", "true");
  if (input > 0) object.json("input", std::to_string(input));
  object.end();
  return out;
}

Spelling Spelling::of(dom::object object) {
  std::string_view style;
  std::uint64_t input = 0;
  ft::find_text(object, "style", style);
  if (object.at_key("input").get(input)) input = 0;
  return {style_of(style), has(object, "system_turn"), has(object, "no_input"), input};
}

Style style_of(std::string_view name) {
  return name == "alpaca" ? Style::alpaca : name == "openai" ? Style::openai : Style::sharegpt;
}

std::string_view label_key(Style style) { return style == Style::openai ? "label" : "kto_tag"; }

std::string_view turn_name(const ft::Message& message) {
  if (message.role == "user") return "human";
  if (message.role == "tool") return "observation";
  if (message.role == "assistant") return message.calls.empty() ? "gpt" : "function_call";
  return "system";
}

void RowReader::read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
  const Style style = has(row, "conversations") ? Style::sharegpt
                      : has(row, "messages")    ? Style::openai
                                                : Style::alpaca;
  Spelling spelling{.style = style};
  ids_ = 0;
  media_in_.open(row, notes);
  read_system(row, style, chat, notes);
  if (style == Style::alpaca)
    read_alpaca(row, spelling, chat, notes);
  else
    read_turns(row, spelling, chat, notes);
  read_side(row, "chosen", style, chat.chosen, notes);
  read_side(row, "rejected", style, chat.rejected, notes);
  if (chat.chosen.empty() != chat.rejected.empty() && !notes.refused())
    notes.refuse("no_preference", chat.chosen.empty() ? "/chosen" : "/rejected", "the row has one answer of two",
                 "write both, or remove the row");
  read_label(row, style, chat, notes);
  read_tools(row, chat, notes);
  media_in_.close(chat, notes);
  if (notes.refused()) return;
  for (const auto& [key, value] : row) {
    if (!is_read(key, style)) chat.fields.add(key, value);
  }
  ft::keep_spelling(chat.fields, "llama-factory", spelling.json(), notes);
}

void RowReader::read_alpaca(dom::object row, Spelling& spelling, ft::Chat& chat, ft::Notes& notes) {
  std::string_view instruction, output;
  dom::element history;
  ft::need_text(row, "instruction", "", instruction, notes);
  const std::string_view input = ft::text_or_empty(row, "input", "", notes);
  if (ft::find(row, "history", history)) read_history(history, chat, notes);
  spelling.no_input = !has(row, "input");
  spelling.input = instruction.empty() ? 0 : input.size();
  std::string question(instruction);
  if (!question.empty() && !input.empty()) question += "\n";
  question += input;
  if (ft::is_blank(question) && !notes.refused())
    notes.refuse("empty_content", "/instruction", "it is empty", "write its text, or remove the row");
  chat.messages.push_back(media_in_.message("user", question));
  if (has(row, "chosen") || has(row, "rejected")) {
    if (has(row, "output")) notes.dropped("/output", "the answers that are chosen and rejected are read");
    return;
  }
  if (ft::need_text(row, "output", "", output, notes) && ft::is_blank(output))
    notes.refuse("empty_content", "/output", "it is empty", "write its text, or remove the row");
  chat.messages.push_back(media_in_.message("assistant", output));
}

void RowReader::read_history(dom::element history, ft::Chat& chat, ft::Notes& notes) {
  dom::array turns, pair;
  std::string_view question, answer;
  if (history.get(turns)) {
    notes.refuse("bad_messages", "/history", "it is " + std::string(ft::type_name(history)) + ", not a list",
                 "write [[question, answer], ...]");
    return;
  }
  std::size_t index = 0;
  for (const dom::element item : turns) {
    const std::string path = "/history/" + std::to_string(index++);
    if (item.get(pair) || pair.size() != 2 || pair.at(0).get(question) || pair.at(1).get(answer)) {
      notes.refuse("bad_messages", path, "it is no pair of texts", "write [question, answer]");
      continue;
    }
    chat.messages.push_back(media_in_.message("user", question));
    chat.messages.push_back(media_in_.message("assistant", answer));
  }
}

void RowReader::read_turns(dom::object row, Spelling& spelling, ft::Chat& chat, ft::Notes& notes) {
  const std::size_t before = chat.messages.size();
  if (spelling.style == Style::openai) {
    std::vector<ft::Message> messages;
    ft::read_messages(row.at_key("messages").value_unsafe(), "/messages", messages, notes);
    for (ft::Message& message : messages) {
      if (message.text) {
        ft::Message split = media_in_.message(message.role, *message.text);
        message.text = std::move(split.text);
        message.parts = std::move(split.parts);
      }
      chat.messages.push_back(std::move(message));
    }
    return;
  }
  const dom::element value = row.at_key("conversations").value_unsafe();
  dom::array turns;
  if (value.get(turns)) {
    notes.refuse("bad_messages", "/conversations", "it is " + std::string(ft::type_name(value)) + ", not a list",
                 "write [{\"from\": ..., \"value\": ...}, ...]");
    return;
  }
  std::size_t index = 0;
  for (const dom::element item : turns)
    read_turn(item, "/conversations/" + std::to_string(index++), chat.messages, notes);
  if (chat.messages.size() == before || chat.messages[before].role != "system") return;
  spelling.system_turn = true;
  if (before == 0) return;
  notes.dropped("/system", "the first turn is the system prompt");
  chat.messages.erase(chat.messages.begin());
}

void RowReader::read_turn(dom::element item, const std::string& path, std::vector<ft::Message>& messages,
                          ft::Notes& notes, bool answer) {
  static constexpr std::pair<std::string_view, std::string_view> kRoles[] = {
      {"human", "user"},        {"user", "user"},      {"gpt", "assistant"},           {"assistant", "assistant"},
      {"chatgpt", "assistant"}, {"bing", "assistant"}, {"function_call", "assistant"}, {"observation", "tool"},
      {"tool", "tool"},         {"system", "system"}};
  dom::object turn;
  std::string_view from, value, role;
  if (item.get(turn) || !ft::find_text(turn, "from", from) || !ft::find_text(turn, "value", value)) {
    notes.refuse("bad_message", path, "the turn has no from and value that are text",
                 "write {\"from\": \"human\", \"value\": ...}");
    return;
  }
  for (const auto& [name, known] : kRoles) {
    if (name == from) role = known;
  }
  if (role.empty()) {
    notes.refuse("unknown_role", path + "/from", "\"" + std::string(from) + "\" is no role of this format",
                 "use human, gpt, system, function_call or observation");
    return;
  }
  ft::Message message = answer ? ft::text_message(role, value) : media_in_.message(role, value);
  if (from == "function_call") {
    message = {};
    message.role = role;
    if (!calls_.read(value, message.calls)) {
      notes.refuse("bad_tool_call", path + "/value", "it holds no JSON of a call",
                   "write {\"name\": ..., \"arguments\": {...}}");
      return;
    }
    ft::Notes ignored;
    if (calls_.text(message.calls, path, ignored) != value)
      notes.reshaped(path + "/value", "the call is written as {\"name\": ..., \"arguments\": ...}");
    for (ft::ToolCall& call : message.calls) call.id = "call_" + std::to_string(++ids_);
  } else if (ft::is_blank(value) && role != "tool") {
    notes.refuse("empty_content", path + "/value", "it is empty", "write its text, or remove the row");
  } else if (role == "tool") {
    if (!messages.empty() && !messages.back().calls.empty())
      message.fields.add_text("tool_call_id", messages.back().calls.front().id);
  }
  if (from == "user" || from == "assistant" || from == "chatgpt" || from == "bing" || from == "tool")
    notes.reshaped(path + "/from", "written as " + std::string(turn_name(message)));
  ft::keep_others(turn, {"from", "value"}, message.fields);
  messages.push_back(std::move(message));
}

void RowReader::read_side(dom::object row, std::string_view key, Style style, std::vector<ft::Message>& side,
                          ft::Notes& notes) {
  dom::element value;
  dom::object object;
  std::string_view text, role;
  const std::string path = "/" + std::string(key);
  if (!ft::find(row, key, value)) return;
  if (value.get(text) == simdjson::SUCCESS) {
    if (style != Style::alpaca) notes.reshaped(path, "text became an answer of the assistant");
    side.push_back(ft::text_message("assistant", text));
  } else if (value.get(object)) {
    notes.refuse("bad_content", path, "it is " + std::string(ft::type_name(value)) + ", not one answer",
                 "write text, or {\"from\": \"gpt\", \"value\": ...}");
    return;
  } else if (has(object, "from")) {
    read_turn(value, path, side, notes, true);
    if (style != Style::sharegpt) notes.reshaped(path, "a turn became an answer of the assistant");
  } else if (ft::find_text(object, "role", role) && ft::find_text(object, "content", text)) {
    side.push_back(ft::text_message(role, text));
    ft::keep_others(object, {"role", "content"}, side.back().fields);
    if (style != Style::openai) notes.reshaped(path, "a message became an answer of the assistant");
  } else {
    notes.refuse("bad_message", path, "it is no answer", "write text, or {\"from\": \"gpt\", \"value\": ...}");
    return;
  }
  if (!side.empty() && side[0].role != "assistant")
    notes.refuse("bad_message", path, "it is of " + side[0].role + ", not of the assistant", "write an answer");
  else if (!side.empty() && side[0].calls.empty() && ft::is_blank(side[0].text.value_or("")))
    notes.refuse("empty_content", path, "it is empty", "write its text, or remove the row");
}

void RowReader::read_tools(dom::object row, ft::Chat& chat, ft::Notes& notes) {
  dom::element tools;
  std::string_view text;
  std::string json;
  if (!ft::find(row, "tools", tools)) return;
  const bool is_text = tools.get(text) == simdjson::SUCCESS;
  if (is_text && ft::is_blank(text)) {
    notes.dropped("/tools", "it is empty");
  } else if (!calls_.read_tools(tools, json)) {
    notes.refuse("bad_tools", "/tools", "it holds no list of functions", "write a JSON list of them as text");
  } else {
    if (is_text && calls_.tools_text(json) != text)
      notes.reshaped("/tools", "the text's spaces, escapes and wrappings are not kept");
    chat.fields.add("tools", std::move(json));
  }
}

}  // namespace llama_factory
