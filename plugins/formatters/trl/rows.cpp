#include "rows.hpp"

#include <algorithm>

namespace trl {

namespace dom = simdjson::dom;

std::string Spelling::json() const {
  std::string out;
  ft::ObjectWriter object(out);
  if (!type.empty()) object.text("type", type);
  if (completion > 0) object.json("completion", std::to_string(completion));
  if (strings) object.json("strings", "true");
  if (implicit) object.json("implicit", "true");
  if (tools_text) object.json("tools_text", "true");
  object.end();
  return out;
}

Spelling Spelling::of(dom::object object) {
  Spelling spelling;
  std::string_view type;
  std::uint64_t completion = 0;
  const auto flag = [&](std::string_view key) {
    bool value = false;
    return object.at_key(key).get(value) == simdjson::SUCCESS && value;
  };
  if (ft::find_text(object, "type", type)) spelling.type = type;
  if (object.at_key("completion").get(completion) == simdjson::SUCCESS) spelling.completion = completion;
  spelling.strings = flag("strings");
  spelling.implicit = flag("implicit");
  spelling.tools_text = flag("tools_text");
  return spelling;
}

bool read_side(dom::object row, std::string_view key, std::string_view role, std::vector<ft::Message>& messages,
               ft::Notes& notes) {
  dom::element value;
  std::string_view text;
  const std::string path = "/" + std::string(key);
  if (!ft::find(row, key, value)) {
    notes.refuse("no_content", path, "the row has no " + std::string(key),
                 "write its text or its messages, or remove the row");
    return false;
  }
  if (value.get(text) == simdjson::SUCCESS) {
    if (ft::is_blank(text)) {
      notes.refuse("empty_content", path, "it is empty", "write its text, or remove the row");
      return false;
    }
    messages.push_back(ft::text_message(role, text));
    return true;
  }
  const std::size_t before = messages.size();
  ft::read_messages(value, path, messages, notes, true);
  if (notes.refused()) return false;
  const auto first = messages.begin() + static_cast<std::ptrdiff_t>(before);
  ft::refuse_empty(std::vector<ft::Message>(first, messages.end()), path, notes);
  if (notes.refused()) return false;
  if (messages.size() == before) {
    notes.refuse("empty_content", path, "the list is empty", "write its messages, or remove the row");
    return false;
  }
  for (std::size_t i = before; i < messages.size(); ++i) {
    ft::Fields& fields = messages[i].fields;
    if (fields.has("reasoning") && !fields.has("thinking"))
      notes.reshaped(path + "/" + std::to_string(i - before) + "/reasoning", "TRL's name for it is thinking");
    fields.rename("thinking", "reasoning");
  }
  return true;
}

void split_prompt(std::vector<ft::Message>& chosen, std::vector<ft::Message>& rejected,
                  std::vector<ft::Message>& prompt) {
  const auto spelled = [](const ft::Message& message) {
    std::string out;
    ft::append_messages(out, std::vector<ft::Message>{message});
    return out;
  };
  const std::size_t most = std::min(chosen.size(), rejected.size()) - 1;
  std::size_t shared = 0;
  while (shared < most && spelled(chosen[shared]) == spelled(rejected[shared])) ++shared;
  const auto count = static_cast<std::ptrdiff_t>(shared);
  prompt.assign(chosen.begin(), chosen.begin() + count);
  chosen.erase(chosen.begin(), chosen.begin() + count);
  rejected.erase(rejected.begin(), rejected.begin() + count);
}

std::size_t shared_prompt(std::string_view chosen, std::string_view rejected) {
  const auto differ = std::mismatch(chosen.begin(), chosen.end(), rejected.begin(), rejected.end());
  auto shared = static_cast<std::size_t>(differ.first - chosen.begin());
  const auto inside_character = [&](std::string_view text) {
    return shared < text.size() && (static_cast<unsigned char>(text[shared]) & 0xC0) == 0x80;
  };
  while (shared > 0 && (inside_character(chosen) || inside_character(rejected))) --shared;
  return shared > 0 && chosen[shared - 1] == ' ' ? shared - 1 : shared;
}

std::size_t completion_begin(const std::vector<ft::Message>& messages) {
  std::size_t begin = messages.size();
  while (begin > 0 && (messages[begin - 1].role == "assistant" || messages[begin - 1].role == "tool")) --begin;
  return begin;
}

void MessageWriter::write(std::string& out, std::vector<ft::Message>& messages, std::size_t begin, std::size_t end,
                          std::string_view path, ft::Notes& notes) {
  out += "[";
  for (std::size_t i = begin; i < end; ++i) {
    ft::Message& message = messages[i];
    if (i > begin) out += ",";
    ft::ObjectWriter object(out);
    object.text("role", message.role);
    if (!message.parts.empty())
      object.json("content", message.parts);
    else if (message.text)
      object.text("content", *message.text);
    else if (message.calls.empty())
      object.json("content", "null");
    if (!message.calls.empty()) {
      object.key("tool_calls");
      write_calls(out, message.calls, std::string(path) + "/" + std::to_string(i) + "/tool_calls/", notes);
    }
    for (const ft::Field& field : message.fields.all()) {
      if (field.json == "null" || field.key == "weight" || field.key == "train" || field.key == "train_detail")
        continue;
      const bool thinking = field.key == "reasoning" && !message.fields.has("thinking");
      object.json(thinking ? "thinking" : field.key, *message.fields.take(field.key));
    }
    object.end();
  }
  out += "]";
}

void MessageWriter::write_calls(std::string& out, const std::vector<ft::ToolCall>& calls, const std::string& path,
                                ft::Notes& notes) {
  out += "[";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const ft::ToolCall& call = calls[i];
    const std::string where = path + std::to_string(i) + "/function/arguments";
    if (i > 0) out += ",";
    ft::ObjectWriter object(out);
    if (!call.id.empty()) object.text("id", call.id);
    object.text("type", "function");
    object.key("function");
    ft::ObjectWriter function(out);
    function.text("name", call.name);
    dom::object arguments;
    const bool none = ft::is_blank(call.arguments);
    if (!none && parser_.parse(call.arguments).get(arguments)) {
      notes.refuse("bad_tool_call", where, "the arguments hold no JSON object, and TRL has objects there",
                   "mend them in the dataset");
      return;
    }
    const std::string compact = none ? "{}" : simdjson::minify(arguments);
    if (compact != call.arguments) notes.reshaped(where, "an object in a row: its spaces and escapes are not kept");
    function.json("arguments", compact);
    function.end();
    object.end();
  }
  out += "]";
}

}  // namespace trl
