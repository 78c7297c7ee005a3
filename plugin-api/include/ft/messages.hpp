// Messages between rows and records: reading them from JSON as records and OpenAI spell them, writing them, and what
// most formats ask of them.
#pragma once

#include <ft/record.hpp>

namespace ft {

// --- Reading rows ---------------------------------------------------------------------------------------------------

// The value of a key; false where it is absent or null.
inline bool find(simdjson::dom::object object, std::string_view key, simdjson::dom::element& value) {
  return object.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}
inline bool find_text(simdjson::dom::object object, std::string_view key, std::string_view& text) {
  simdjson::dom::element value;
  return find(object, key, value) && value.get(text) == simdjson::SUCCESS;
}
// Whether a row has one of these keys: by them formats tell their neighbours' rows.
inline bool has_any(simdjson::dom::object object, std::initializer_list<std::string_view> keys) {
  simdjson::dom::element value;
  for (const std::string_view key : keys) {
    if (find(object, key, value)) return true;
  }
  return false;
}
inline bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

inline std::string_view type_name(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "text";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// The text of a field that has to be text: false, and a refusal, where it is absent or something else.
inline bool need_text(simdjson::dom::object object, std::string_view key, std::string_view path, std::string_view& text,
                      Notes& notes) {
  simdjson::dom::element value;
  const std::string at = std::string(path) + "/" + pointer_token(key);
  if (!find(object, key, value)) {
    notes.refuse("no_content", at, "the row has no " + std::string(key), "write its text, or remove the row");
  } else if (value.get(text)) {
    notes.refuse("bad_content", at, std::string(key) + " is " + std::string(type_name(value)) + ", not text",
                 "write it as text");
  } else {
    return true;
  }
  return false;
}

// The text of a field that may be absent, and then is empty; a refusal where it is something else.
inline std::string_view text_or_empty(simdjson::dom::object object, std::string_view key, std::string_view path,
                                      Notes& notes) {
  simdjson::dom::element value;
  std::string_view text;
  if (find(object, key, value) && value.get(text)) {
    notes.refuse("bad_content", std::string(path) + "/" + pointer_token(key),
                 std::string(key) + " is " + std::string(type_name(value)) + ", not text", "write it as text");
  }
  return text;
}

// Keeps every field of the row but those of these keys.
inline void keep_others(simdjson::dom::object row, std::initializer_list<std::string_view> known, Fields& fields) {
  for (const auto& [key, value] : row) {
    bool is_known = false;
    for (const std::string_view name : known) is_known = is_known || name == key;
    if (!is_known) fields.add(key, value);
  }
}

inline Message text_message(std::string_view role, std::string_view text) {
  Message message;
  message.role = role;
  message.text = std::string(text);
  return message;
}

// Messages as records and OpenAI spell them. Arguments that are an object become their JSON text, and are named; where
// a format has objects there, those that are text are.
inline void read_messages(simdjson::dom::element list, const std::string& path, std::vector<Message>& messages,
                          Notes& notes, bool has_objects = false) {
  namespace dom = simdjson::dom;
  dom::array all;
  if (list.get(all)) {
    notes.refuse("bad_messages", path, "it is " + std::string(type_name(list)) + ", not a list of messages",
                 "write [{\"role\": ..., \"content\": ...}, ...]");
    return;
  }
  std::size_t index = 0;
  for (const dom::element item : all) {
    const std::string at = path + "/" + std::to_string(index++);
    dom::object object;
    std::string_view role;
    if (item.get(object) || !find_text(object, "role", role)) {
      notes.refuse("bad_message", at, "the message is no object with a role",
                   "write {\"role\": ..., \"content\": ...}");
      continue;
    }
    Message message;
    message.role = role;
    for (const auto& [key, value] : object) {
      std::string_view text;
      dom::array calls;
      if (key == "role") {
      } else if (key == "content") {
        if (value.get(text) == simdjson::SUCCESS)
          message.text = std::string(text);
        else if (value.is_array())
          message.parts = simdjson::minify(value);
        else if (!value.is_null())
          notes.refuse("bad_content", at + "/content", "content is " + std::string(type_name(value)),
                       "it must be text or a list of parts");
      } else if (key == "tool_calls" && value.get(calls) == simdjson::SUCCESS) {
        std::size_t number = 0;
        for (const dom::element one : calls) {
          const std::string where = at + "/tool_calls/" + std::to_string(number++);
          dom::object call, function;
          std::string_view name, id;
          if (one.get(call) || call.at_key("function").get(function) || !find_text(function, "name", name)) {
            notes.refuse(
                "bad_tool_call", where, "the call names no function",
                "write {\"id\": ..., \"type\": \"function\", \"function\": {\"name\": ..., \"arguments\": ...}}");
            continue;
          }
          find_text(call, "id", id);
          ToolCall tool_call{std::string(id), std::string(name), "{}"};
          if (dom::element arguments; find(function, "arguments", arguments)) {
            if (arguments.get(text) == simdjson::SUCCESS) {
              tool_call.arguments = text;
              if (has_objects)
                notes.reshaped(where + "/function/arguments", "arguments that were text are an object in this format");
            } else {
              tool_call.arguments = simdjson::minify(arguments);
              if (!has_objects)
                notes.reshaped(where + "/function/arguments", "arguments that were an object became their JSON text");
            }
          }
          message.calls.push_back(std::move(tool_call));
        }
      } else {
        message.fields.add(key, value);
      }
    }
    messages.push_back(std::move(message));
  }
}

// Whether nobody can learn anything from a message: no content but white space, and nothing in place of it.
inline bool says_nothing(const Message& message) {
  if (!message.calls.empty()) return false;
  for (const std::string_view key : {"function_call", "refusal", "audio", "reasoning", "thinking"}) {
    if (message.fields.has(key)) return false;
  }
  if (message.parts.empty()) return is_blank(message.text.value_or(""));
  simdjson::dom::parser parser;
  simdjson::dom::array parts;
  if (parser.parse(message.parts.data(), message.parts.size(), true).get(parts)) return false;
  for (const simdjson::dom::element item : parts) {
    simdjson::dom::object part;
    std::string_view text;
    if (item.get(part) || !find_text(part, "text", text) || !is_blank(text)) return false;
  }
  return true;
}

// A refusal for each message that says nothing.
inline void refuse_empty(const std::vector<Message>& messages, const std::string& path, Notes& notes) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!says_nothing(messages[i])) continue;
    const bool none = !messages[i].text && messages[i].parts.empty();
    notes.refuse(none ? "no_content" : "empty_content", path + "/" + std::to_string(i) + "/content",
                 none ? "the message has no content" : "the message is empty", "write its text, or remove the row");
  }
}

// Refuses a record with an answer that has `refusal` or `audio` in place of content: an empty answer would be left.
inline void refuse_unspoken(const Chat& chat, std::string_view format, Notes& notes) {
  for (const auto& [name, list] : {std::pair("/messages/", &chat.messages), std::pair("/chosen/", &chat.chosen),
                                   std::pair("/rejected/", &chat.rejected)}) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Message& message = (*list)[i];
      const char* const key = message.fields.has("refusal") ? "refusal" : message.fields.has("audio") ? "audio" : "";
      if (*key == '\0' || !message.parts.empty() || !message.calls.empty() || !is_blank(message.text.value_or("")))
        continue;
      notes.refuse("not_carried", name + std::to_string(i) + "/" + key,
                   std::string(format) + " has no " + key + " in place of content, so the record is not written",
                   "choose other records, or another format");
    }
  }
}

// A record, taken apart.
inline void read_record(simdjson::dom::object record, Chat& chat, Notes& notes) {
  for (const auto& [key, value] : record) {
    std::vector<Message>* list = key == "messages"   ? &chat.messages
                                 : key == "chosen"   ? &chat.chosen
                                 : key == "rejected" ? &chat.rejected
                                                     : nullptr;
    if (!list || value.is_null())
      chat.fields.add(key, value);
    else
      read_messages(value, "/" + std::string(key), *list, notes);
  }
}

// --- Writing --------------------------------------------------------------------------------------------------------

// Builds one JSON object at the end of a string.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += "{"; }
  void key(std::string_view name) {
    if (!first_) out_ += ",";
    first_ = false;
    append_json_string(out_, name);
    out_ += ":";
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(out_, value);
  }
  void json(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
  }
  void end() { out_ += "}"; }

 private:
  std::string& out_;
  bool first_ = true;
};

inline void append_tool_calls(std::string& out, const std::vector<ToolCall>& calls) {
  out += "[";
  for (const ToolCall& call : calls) {
    if (out.back() != '[') out += ",";
    ObjectWriter object(out);
    if (!call.id.empty()) object.text("id", call.id);
    object.text("type", "function");
    object.key("function");
    ObjectWriter function(out);
    function.text("name", call.name);
    function.text("arguments", call.arguments);
    function.end();
    object.end();
  }
  out += "]";
}

// A message's role, content and calls.
inline void append_message_head(std::string& out, ObjectWriter& object, const Message& message) {
  object.text("role", message.role);
  if (!message.parts.empty())
    object.json("content", message.parts);
  else if (message.text)
    object.text("content", *message.text);
  else
    object.json("content", "null");
  if (!message.calls.empty()) {
    object.key("tool_calls");
    append_tool_calls(out, message.calls);
  }
}

// Messages as records spell them, with all their fields.
inline void append_messages(std::string& out, const std::vector<Message>& messages) {
  out += "[";
  for (const Message& message : messages) {
    if (out.back() != '[') out += ",";
    ObjectWriter object(out);
    append_message_head(out, object, message);
    for (const Field& field : message.fields.all()) object.json(field.key, field.json);
    object.end();
  }
  out += "]";
}

// Messages as records spell them, with these of their fields, which count as placed.
inline void append_messages(std::string& out, std::vector<Message>& messages,
                            std::initializer_list<std::string_view> fields) {
  out += "[";
  for (Message& message : messages) {
    if (out.back() != '[') out += ",";
    ObjectWriter object(out);
    append_message_head(out, object, message);
    for (const std::string_view key : fields) {
      if (const std::string* json = message.fields.take(key)) object.json(key, *json);
    }
    object.end();
  }
  out += "]";
}

inline std::string record_of(const Chat& chat) {
  std::string out;
  ObjectWriter object(out);
  object.key("messages");
  append_messages(out, chat.messages);
  if (!chat.chosen.empty()) {
    object.key("chosen");
    append_messages(out, chat.chosen);
  }
  if (!chat.rejected.empty()) {
    object.key("rejected");
    append_messages(out, chat.rejected);
  }
  for (const Field& field : chat.fields.all()) object.json(field.key, field.json);
  object.end();
  return out;
}

// --- What formats ask -----------------------------------------------------------------------------------------------

// The content of a message as text. Parts that are all text are joined, and named; null where there are others.
// A message without content is empty text.
inline std::optional<std::string> plain_text(const Message& message, const std::string& path, Notes& notes) {
  if (message.parts.empty()) return message.text.value_or("");
  JsonReader reader;
  simdjson::dom::array parts;
  if (reader.parse(message.parts).get(parts)) return std::nullopt;
  std::string joined;
  bool first = true;
  for (const simdjson::dom::element item : parts) {
    simdjson::dom::object part;
    std::string_view type, text;
    const bool is_text =
        item.get(text) == simdjson::SUCCESS || (item.get(part) == simdjson::SUCCESS && find_text(part, "type", type) &&
                                                type == "text" && find_text(part, "text", text));
    if (!is_text) return std::nullopt;
    if (!first) joined += "\n";
    first = false;
    joined += text;
  }
  notes.reshaped(path + "/content", "the parts of text were joined");
  return joined;
}

// What a person has refused never becomes training data unasked: for a format without preferences a record of two
// answers is refused, for one without labels a record whose answer is marked as bad.
inline void refuse_preference(const Chat& chat, std::string_view format, Notes& notes) {
  if (chat.chosen.empty() && chat.rejected.empty()) return;
  notes.refuse("not_carried", chat.chosen.empty() ? "/rejected" : "/chosen",
               std::string(format) + " has one answer, and the record is a preference, so it is not written",
               "choose a format of preferences, or ask for the chosen answers alone with --chosen");
}
inline void refuse_bad_label(const Chat& chat, std::string_view format, Notes& notes) {
  const std::string* label = chat.fields.get("label");
  if (!label || *label != "false") return;
  notes.refuse("not_carried", "/label",
               std::string(format) + " has no labels, and this answer is marked as bad, so the record is not written",
               "choose a format of labels, or the records whose label is true");
}

// A conversation as formats of turns have it: perhaps a system prompt, then a user and the answer, again and again.
struct Turns {
  std::optional<std::string> system;
  std::vector<std::pair<std::string, std::string>> turns;
};

// Refuses what is no such conversation, and what is not text; fields of messages stay to be taken.
inline std::optional<Turns> turns_of(const Chat& chat, std::string_view format, Notes& notes) {
  Turns result;
  bool user_next = true;
  for (std::size_t i = 0; i < chat.messages.size(); ++i) {
    const Message& message = chat.messages[i];
    const std::string path = "/messages/" + std::to_string(i);
    if (!message.calls.empty() || message.role == "tool") {
      notes.refuse("not_carried", path, std::string(format) + " has no calls of tools, so the record is not written",
                   "choose the records without tools, or another format");
      return std::nullopt;
    }
    auto text = plain_text(message, path, notes);
    if (!text) {
      notes.refuse("not_carried", path + "/content",
                   std::string(format) + " has text alone, so the record is not written",
                   "choose the records without images and files, or another format");
      return std::nullopt;
    }
    if (i == 0 && (message.role == "system" || message.role == "developer")) {
      if (message.role == "developer") notes.reshaped(path + "/role", "the developer message became the system prompt");
      result.system = std::move(*text);
      continue;
    }
    if (message.role != (user_next ? "user" : "assistant")) {
      notes.refuse("not_carried", path + "/role",
                   std::string(format) + " has turns of user and assistant, one after the other; here is one of \"" +
                       message.role + "\"",
                   "choose other records, or another format");
      return std::nullopt;
    }
    if (user_next)
      result.turns.emplace_back(std::move(*text), std::string());
    else
      result.turns.back().second = std::move(*text);
    user_next = !user_next;
  }
  if (result.turns.empty() || !user_next) {
    notes.refuse("not_carried", "/messages",
                 std::string(format) + " ends with an answer, and the record does not, so it is not written",
                 "choose the records with an answer, or another format");
    return std::nullopt;
  }
  return result;
}

// Prompt and completion of a record of one turn; null, and a refusal, where it is no such pair. An answer alone has the
// empty prompt, a system prompt stands before the question.
inline std::optional<std::pair<std::string, std::string>> prompt_and_completion(const Chat& chat,
                                                                                std::string_view format, Notes& notes) {
  std::optional<std::pair<std::string, std::string>> pair;
  if (chat.messages.size() == 1 && chat.messages[0].role == "assistant" && chat.messages[0].calls.empty()) {
    if (auto text = plain_text(chat.messages[0], "/messages/0", notes)) pair.emplace("", std::move(*text));
  }
  if (!pair) {
    auto conversation = turns_of(chat, format, notes);
    if (!conversation) return std::nullopt;
    if (conversation->turns.size() > 1) {
      notes.refuse("not_carried", "/messages", std::string(format) + " has one question and its answer; here are more",
                   "choose the records of one turn, or another format");
      return std::nullopt;
    }
    pair = std::move(conversation->turns[0]);
    if (conversation->system) {
      pair->first = *conversation->system + "\n\n" + pair->first;
      notes.reshaped("/messages", "the system prompt stands before the question, a blank line between them");
    }
  }
  if (is_blank(pair->first)) {
    notes.refuse("not_carried", "/messages", "the record has no question, so it is not written",
                 "choose the records that have one, or the format text");
    return std::nullopt;
  }
  if (!is_blank(pair->second)) return pair;
  notes.refuse("empty_content", "/messages/" + std::to_string(chat.messages.size() - 1) + "/content",
               "the answer is empty, so the record is not written", "write its text, or remove the record");
  return std::nullopt;
}

// The text of a record of one assistant message, as formats of plain text have it; null, and a refusal, where it is
// more.
inline std::optional<std::string> lone_text(const Chat& chat, std::string_view format, Notes& notes) {
  if (chat.messages.size() != 1 || chat.messages[0].role != "assistant" || !chat.messages[0].calls.empty()) {
    notes.refuse(
        "not_carried", "/messages",
        std::string(format) + " has one text, all of it trained on; the record is a chat, so it is not written",
        "choose the records of one assistant message, or a format of chats");
    return std::nullopt;
  }
  auto text = plain_text(chat.messages[0], "/messages/0", notes);
  if (!text) {
    notes.refuse("not_carried", "/messages/0/content",
                 std::string(format) + " has text alone, so the record is not written",
                 "choose the records without images and files, or another format");
  } else if (is_blank(*text)) {
    notes.refuse("empty_content", "/messages/0/content", "it is empty, so the record is not written",
                 "write its text, or remove the record");
    text.reset();
  }
  return text;
}

}  // namespace ft
