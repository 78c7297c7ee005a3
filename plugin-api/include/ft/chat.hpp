// Chat rows between formats: what a record holds, taken apart so that a format can place each field or name it as
// lost. A format of rows is a class that derives from ft::ChatFormatter<Itself> and has three methods:
//
//   static double recognise(simdjson::dom::object row)
//       0 to 1: how much the row looks like this format
//   void read(simdjson::dom::object row, ft::Chat& chat, ft::Notes& notes)
//       fills the chat; what is not taken here is to be kept with keep_others(), so that nothing is lost
//   void write(ft::Chat& chat, std::string& out, ft::Notes& notes)
//       appends one JSON object; a field that it does not take() is reported as dropped
//
// Either may notes.refuse(): the row is then not passed on. Link ft::json (ft_add_plugin(... JSON)).
#pragma once

#include <ft/jsonl.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ft {

// A key and the JSON of its value.
struct Field {
  std::string key, json;
  bool taken = false;
};

class Fields {
 public:
  void add(std::string_view key, std::string json) { all_.push_back({std::string(key), std::move(json)}); }
  void add(std::string_view key, simdjson::dom::element value) { add(key, simdjson::minify(value)); }
  void add_text(std::string_view key, std::string_view text) {
    std::string json;
    append_json_string(json, text);
    add(key, std::move(json));
  }
  // The JSON of a field, null where there is none (or it is null). It counts as placed.
  const std::string* take(std::string_view key) {
    for (Field& field : all_) {
      if (field.key != key || field.json == "null") continue;
      field.taken = true;
      return &field.json;
    }
    return nullptr;
  }
  bool has(std::string_view key) const {
    for (const Field& field : all_) {
      if (field.key == key && field.json != "null") return true;
    }
    return false;
  }
  // The same without placing it.
  const std::string* get(std::string_view key) const {
    for (const Field& field : all_) {
      if (field.key == key && field.json != "null") return &field.json;
    }
    return nullptr;
  }
  // In place of what the field held, or new.
  void set(std::string_view key, std::string json) {
    for (Field& field : all_) {
      if (field.key == key) {
        field.json = std::move(json);
        return;
      }
    }
    add(key, std::move(json));
  }
  void rename(std::string_view from, std::string_view to) {
    for (Field& field : all_) {
      if (field.key == from && !has(to)) field.key = to;
    }
  }
  const std::vector<Field>& all() const { return all_; }
  void clear() { all_.clear(); }

 private:
  std::vector<Field> all_;
};

// A call of a function. `arguments` is the text that the model wrote: mostly JSON.
struct ToolCall {
  std::string id, name, arguments;
};

struct Message {
  std::string role;
  std::optional<std::string> text;  // the content, where it is text
  std::string parts;                // the content, where it is a list: JSON
  std::vector<ToolCall> calls;
  Fields fields;  // name, tool_call_id, reasoning, weight, ...
};

struct Chat {
  std::vector<Message> messages, chosen, rejected;
  Fields fields;  // tools, parallel_tool_calls, label, id, rating, metadata, ...
};

// What a row loses, and why it is refused.
class Notes {
 public:
  struct Loss {
    std::string path, action, message;
  };
  struct Refusal {
    std::string code, path, message, hint;
  };

  // A path is named once; the first message stays.
  void dropped(std::string path, std::string_view message) { note(std::move(path), "dropped", message); }
  void reshaped(std::string path, std::string_view message) { note(std::move(path), "reshaped", message); }
  void refuse(std::string_view code, std::string path, std::string message, std::string_view hint = {}) {
    refusals_.push_back({std::string(code), std::move(path), std::move(message), std::string(hint)});
  }
  bool refused() const { return !refusals_.empty(); }
  const std::vector<Loss>& losses() const { return losses_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  void clear() {
    losses_.clear();
    refusals_.clear();
  }

 private:
  void note(std::string path, std::string_view action, std::string_view message) {
    for (const Loss& loss : losses_) {
      if (loss.path == path) return;
    }
    losses_.push_back({std::move(path), std::string(action), std::string(message)});
  }

  std::vector<Loss> losses_;
  std::vector<Refusal> refusals_;
};

// Emits what was noted of a row; false where it is refused, and then its losses are not worth naming.
inline bool report(const Call& call, std::uint64_t line, const Notes& notes) {
  for (const auto& refusal : notes.refusals())
    call.finding(line, refusal.code, "error", refusal.path, refusal.message, refusal.hint);
  if (notes.refused()) return false;
  for (const auto& loss : notes.losses()) call.loss(line, loss.path, loss.action, loss.message);
  return true;
}

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

// Names the answers of a preference, for a format that has none.
inline void drop_preference(const Chat& chat, std::string_view format, Notes& notes) {
  const std::string message = std::string(format) + " has no such field";
  if (!chat.chosen.empty()) notes.dropped("/chosen", message);
  if (!chat.rejected.empty()) notes.dropped("/rejected", message);
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

// --- Formatter ------------------------------------------------------------------------------------------------------

// What derives from it says static constexpr Info info as any plugin, and the methods above. A file is JSON Lines or
// one JSON list on the way in; on the way out `list_` says which.
template <class Derived>
class ChatFormatter : public Formatter {
 public:
  double detect(const Call& call, std::string_view sample, std::string_view) {
    if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
    std::size_t rows = 0;
    double sum = 0;
    const auto look = [&](std::string_view text) {
      simdjson::dom::object row;
      if (parser_.parse(text.data(), text.size(), true).get(row)) return;
      ++rows;
      sum += Derived::recognise(row);
    };
    const std::size_t start = sample.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return 0;
    if (sample[start] == '[') {
      Sample bytes{sample};
      ft_source raw{sizeof(ft_source), str("sample"), &bytes, &Sample::read};
      Source source(&raw);
      detail::ListReader list(source);
      list.first();
      list.enter();
      std::string_view text;
      std::uint64_t line = 0;
      while (rows < kRows && list.next(text, line) == detail::ListReader::Next::element) look(text);
    } else {
      for (std::size_t begin = start; begin < sample.size() && rows < kRows;) {
        const std::size_t end = std::min(sample.find('\n', begin), sample.size());
        look(sample.substr(begin, end - begin));
        begin = end + 1;
      }
    }
    if (rows == 0) return 0;
    const double mean = sum / static_cast<double>(rows);
    if (mean > 0) {
      call.detail(0, "the first " + std::to_string(rows) + (rows == 1 ? " row has" : " rows have") + " the fields of " +
                         Derived::info.name);
    }
    return mean;
  }

  void decode(const Call& call, Source& source) {
    for_each_json_row(call, source, [&](std::uint64_t number, std::string_view, simdjson::dom::object row) {
      Chat chat;
      notes_.clear();
      derived().read(row, chat, notes_);
      if (!notes_.refused() && chat.messages.empty())
        notes_.refuse("no_messages", "", "the row has no messages", "fill it, or remove it");
      if (report(call, number, notes_)) call.record(number, record_of(chat));
    });
  }

  void encode(const Call& call, Part part, const Rows& rows) {
    if (part == Part::begin) written_ = 0;
    if (part == Part::finish && list_) call.delta(written_ == 0 ? "[]\n" : "\n]\n");
    if (part != Part::rows) return;
    std::string out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 1024 == 0) call.stop_if_cancelled();
      const std::string_view text = rows.get(0, row);
      notes_.clear();
      const std::size_t begin = out.size();
      simdjson::dom::object record;
      if (const auto error = parser_.parse(text.data(), text.size(), true).get(record)) {
        const LineProblem problem = line_problem(text, error);
        notes_.refuse("bad_record", "", "the record cannot be read: " + problem.message, problem.hint);
      } else {
        Chat chat;
        read_record(record, chat, notes_);
        if (list_) out += written_ == 0 ? "[\n" : ",\n";
        if (!notes_.refused()) derived().write(chat, out, notes_);
        if (!list_) out += "\n";
        if (!notes_.refused()) name_the_rest(chat);
      }
      if (report(call, rows.line(row), notes_))
        ++written_;
      else
        out.resize(begin);
    }
    if (!out.empty()) call.delta(out);
  }

 protected:
  bool list_ = false;  // one JSON list instead of lines

 private:
  static constexpr std::size_t kRows = 50;

  struct Sample {
    std::string_view bytes;
    static std::int64_t read(void* ctx, void* buffer, std::size_t capacity) {
      std::string_view& left = static_cast<Sample*>(ctx)->bytes;
      const std::size_t size = std::min(capacity, left.size());
      left.copy(static_cast<char*>(buffer), size);
      left.remove_prefix(size);
      return static_cast<std::int64_t>(size);
    }
  };

  Derived& derived() { return static_cast<Derived&>(*this); }

  // Every field that the format has not placed.
  void name_the_rest(const Chat& chat) {
    const std::string message = std::string(Derived::info.name) + " has no such field";
    for (const Field& field : chat.fields.all()) {
      if (field.taken || field.json == "null") continue;
      notes_.dropped("/" + pointer_token(field.key),
                     is_bookkeeping(field.key) ? kBookkeeping : std::string_view(message));
    }
    const std::pair<std::string_view, const std::vector<Message>*> lists[] = {
        {"/messages/", &chat.messages}, {"/chosen/", &chat.chosen}, {"/rejected/", &chat.rejected}};
    for (const auto& [name, messages] : lists) {
      for (std::size_t i = 0; i < messages->size(); ++i) {
        for (const Field& field : (*messages)[i].fields.all()) {
          if (!field.taken && field.json != "null")
            notes_.dropped(std::string(name) + std::to_string(i) + "/" + pointer_token(field.key), message);
        }
      }
    }
  }

  simdjson::dom::parser parser_;
  Notes notes_;
  std::size_t written_ = 0;
};

}  // namespace ft
