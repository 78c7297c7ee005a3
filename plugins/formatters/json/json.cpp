// json: rows of any shape, by a mapping: which pointer is the prompt, the answer, the messages, and what their parts
// are called. JSON Lines or one list. What the mapping does not name stays a field of the record, and goes back where
// it was.
#include <ft/chat_spelling.hpp>

#include "mapping.hpp"
#include "tree.hpp"

namespace {

namespace dom = simdjson::dom;
using json_rows::Mapping;
using json_rows::Place;
using json_rows::Tree;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class JsonRows : public ft::ChatFormatter<JsonRows> {
 public:
  static constexpr ft::Info info{.name = "json",
                                 .version = "1.0.0",
                                 .summary = "rows of any shape: a mapping says where prompt, answer and messages lie",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "prompt": {"type": "string", "default": "", "description": "where the question lies: a key, or a pointer as /data/question"},
        "completion": {"type": "string", "default": "", "description": "where the answer lies"},
        "system": {"type": "string", "default": "", "description": "where the system prompt lies"},
        "messages": {"type": "string", "default": "", "description": "where the list of messages lies; without prompt and completion: messages"},
        "chosen": {"type": "string", "default": "", "description": "where the better answer lies: text or messages"},
        "rejected": {"type": "string", "default": "", "description": "where the other answer lies"},
        "tools": {"type": "string", "default": "", "description": "where the tools lie: a list, or its text"},
        "fields": {"type": "object", "default": {}, "additionalProperties": {"type": "string", "minLength": 1},
                   "description": "other fields of the record and where they lie, as {\"rating\": \"/meta/score\"}"},
        "role_key": {"type": "string", "default": "role", "minLength": 1, "description": "the key of a message's role"},
        "content_key": {"type": "string", "default": "content", "minLength": 1, "description": "the key of a message's content"},
        "system_role": {"type": "string", "default": "system", "description": "what the system is called; several with commas, the first is written"},
        "user_role": {"type": "string", "default": "user", "description": "what the user is called"},
        "assistant_role": {"type": "string", "default": "assistant", "description": "what the assistant is called"},
        "tool_role": {"type": "string", "default": "tool", "description": "what a tool is called"},
        "list": {"type": "boolean", "default": false, "description": "write one JSON list instead of JSON Lines"}}})",
                                 .flags = FT_DETERMINISTIC | FT_ONLY_NAMED,
                                 .columns = kColumns};

  static constexpr bool carries_preferences = true, carries_labels = true;

  explicit JsonRows(const ft::Config& config) : mapping_(config) { list_ = config["list"]; }

  // A row says nothing about a mapping.
  static double recognise(dom::object) { return 0; }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    dom::element value;
    bool in_messages = false;  // while there is a place for a prompt, too
    if (mapping_.system.find(row, value)) add(value, mapping_.system, "system", chat.messages, notes);
    if (mapping_.messages.find(row, value)) {
      read_list(value, mapping_.messages.text(), chat.messages, notes);
      if (mapping_.prompt) in_messages = true;
    } else {
      if (mapping_.prompt.find(row, value)) add(value, mapping_.prompt, "user", chat.messages, notes);
      if (mapping_.completion.find(row, value)) add(value, mapping_.completion, "assistant", chat.messages, notes);
    }
    if (mapping_.chosen.find(row, value)) read_answer(value, mapping_.chosen, chat.chosen, notes);
    if (mapping_.rejected.find(row, value)) read_answer(value, mapping_.rejected, chat.rejected, notes);
    if (mapping_.tools.find(row, value)) read_tools(value, chat, notes);
    for (const auto& [name, place] : mapping_.fields) {
      if (place.find(row, value)) chat.fields.add(name, value);
    }
    keep_others(row, {}, chat.fields, notes);
    if (in_messages) ft::keep_spelling(chat.fields, info.name, R"({"messages":true})", notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    if (!mapping_.chosen && !mapping_.rejected) ft::refuse_preference(chat, info.name, notes);
    Tree row;
    dom::object spelling;
    write_chat(chat, ft::take_spelling(chat.fields, info.name, parser_, spelling), row, notes);
    write_answer("chosen", mapping_.chosen, chat.chosen, row, notes);
    write_answer("rejected", mapping_.rejected, chat.rejected, row, notes);
    if (const std::string* tools = mapping_.tools ? chat.fields.take("tools") : nullptr)
      set(mapping_.tools, *tools, row);
    for (const auto& [name, place] : mapping_.fields) {
      if (const std::string* json = chat.fields.take(name)) set(place, *json, row);
    }
    write_others(chat, row);
    if (!notes.refused()) row.append_to(out);
  }

 private:
  // --- Reading

  static void add(dom::element value, const Place& place, std::string_view role, std::vector<ft::Message>& messages,
                  ft::Notes& notes) {
    std::string_view text;
    if (value.get(text))
      notes.refuse("bad_content", place.text(), "it is " + std::string(ft::type_name(value)) + ", not text",
                   "name the place of a text in the mapping, or remove the row");
    else if (role != "system" && ft::is_blank(text))
      notes.refuse("empty_content", place.text(), "it is empty", "write its text, or remove the row");
    else
      messages.push_back(ft::text_message(role, text));
  }

  // Messages under the names of the mapping are spelled as records have them, and then read.
  void read_list(dom::element list, const std::string& path, std::vector<ft::Message>& messages, ft::Notes& notes) {
    dom::array items;
    if (list.get(items)) {
      notes.refuse("bad_messages", path, "it is " + std::string(ft::type_name(list)) + ", not a list of messages",
                   "name the place of the list in the mapping");
      return;
    }
    std::string spelled = "[";
    std::size_t index = 0;
    for (const dom::element item : items) {
      const std::string at = path + "/" + std::to_string(index++);
      dom::object message;
      std::string_view name;
      if (item.get(message) || !ft::find_text(message, mapping_.role_key, name)) {
        notes.refuse("bad_message", at, "the message is no object with a " + mapping_.role_key,
                     "say with role_key where its role is");
        continue;
      }
      const std::string role = mapping_.role_of(name);
      if (role.empty()) {
        notes.refuse("unknown_role", at + "/" + ft::pointer_token(mapping_.role_key),
                     "the mapping knows no role \"" + std::string(name) + "\"",
                     "say whose it is with system_role, user_role, assistant_role or tool_role");
        continue;
      }
      if (spelled.size() > 1) spelled += ",";
      ft::ObjectWriter object(spelled);
      object.text("role", role);
      for (const auto& [key, value] : message) {
        if (key == mapping_.role_key) continue;
        if (key == mapping_.content_key)
          object.json("content", simdjson::minify(value));
        else if (key == "role" || key == "content")
          notes.dropped(at + "/" + std::string(key), "a record has this name for something else");
        else
          object.json(key, simdjson::minify(value));
      }
      object.end();
    }
    if (notes.refused()) return;
    ft::JsonReader reader;
    ft::read_messages(reader.parse(spelled + "]"), path, messages, notes);
  }

  void read_answer(dom::element value, const Place& place, std::vector<ft::Message>& messages, ft::Notes& notes) {
    if (value.is_array())
      read_list(value, place.text(), messages, notes);
    else
      add(value, place, "assistant", messages, notes);
  }

  void read_tools(dom::element value, ft::Chat& chat, ft::Notes& notes) {
    std::string_view text;
    if (value.is_array()) {
      chat.fields.add("tools", value);
      return;
    }
    dom::element parsed;
    if (value.get(text) == simdjson::SUCCESS &&
        parser_.parse(text.data(), text.size(), true).get(parsed) == simdjson::SUCCESS && parsed.is_array()) {
      chat.fields.add("tools", parsed);
      notes.reshaped(mapping_.tools.text(), "the text of the tools became their list");
      return;
    }
    notes.refuse("bad_tools", mapping_.tools.text(), "it is no list of tools, nor the text of one",
                 "write [{\"type\": \"function\", \"function\": {...}}]");
  }

  // What the mapping does not name: keys of the row become fields of the record, without what was taken out of them.
  void keep_others(dom::object row, std::vector<std::string> keys, ft::Fields& fields, ft::Notes& notes) {
    for (const auto& [key, value] : row) {
      keys.push_back(std::string(key));
      std::string json;
      if (rest_of(value, keys, json)) {
        if (key == "messages" || key == "chosen" || key == "rejected" || fields.has(key))
          notes.dropped("/" + ft::pointer_token(key), "a record has this name for something else");
        else
          fields.add(key, std::move(json));
      }
      keys.pop_back();
    }
  }

  // The JSON of a value without what is mapped; false where nothing is left.
  bool rest_of(dom::element value, std::vector<std::string>& keys, std::string& json) const {
    bool on_the_way = false;
    for (const Place* place : mapping_.places()) {
      if (place->is(keys)) return false;
      on_the_way = on_the_way || place->begins_with(keys);
    }
    dom::object object;
    if (!on_the_way || value.get(object)) {
      json += simdjson::minify(value);
      return true;
    }
    std::string members;
    for (const auto& [key, member] : object) {
      keys.push_back(std::string(key));
      std::string rest;
      if (rest_of(member, keys, rest)) {
        members += members.empty() ? "" : ",";
        ft::append_json_string(members, key);
        members += ":" + rest;
      }
      keys.pop_back();
    }
    json += "{" + members + "}";
    return !members.empty() || object.size() == 0;
  }

  // --- Writing

  static void set(const Place& place, const std::string& json, Tree& row) { row.set(place.tokens(), json); }
  static void set_text(const Place& place, std::string_view text, Tree& row) {
    std::string json;
    ft::append_json_string(json, text);
    set(place, json, row);
  }

  void write_chat(ft::Chat& chat, bool in_messages, Tree& row, ft::Notes& notes) {
    if (chat.messages.empty()) {
      notes.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them");
      return;
    }
    std::vector<ft::Message>& all = chat.messages;
    const bool system = mapping_.system && all[0].role == "system" && all[0].parts.empty() && all[0].calls.empty();
    const std::size_t first = system ? 1 : 0;
    if (mapping_.prompt && !(in_messages && mapping_.messages) && is_pair(chat, first)) {
      if (system) set_text(mapping_.system, all[0].text.value_or(""), row);
      for (std::size_t i = first; i < all.size(); ++i)
        set_text(all[i].role == "user" ? mapping_.prompt : mapping_.completion, *all[i].text, row);
    } else if (mapping_.messages) {
      if (system) set_text(mapping_.system, all[0].text.value_or(""), row);
      set(mapping_.messages, list_of(all, first), row);
    } else {
      write_pair(chat, row, notes);
    }
  }

  // A question, its answer or both, of text.
  bool is_pair(const ft::Chat& chat, std::size_t first) const {
    const auto& all = chat.messages;
    const auto is_text = [&](std::size_t i, std::string_view role) {
      return all[i].role == role && all[i].text && all[i].calls.empty() && !ft::is_blank(*all[i].text);
    };
    if (all.size() == first + 2)
      return mapping_.completion && is_text(first, "user") && is_text(first + 1, "assistant");
    return all.size() == first + 1 && (is_text(first, "user") || (mapping_.completion && is_text(first, "assistant")));
  }

  // Where there is no place for messages: one turn, the system prompt before the question if it has no place either.
  void write_pair(ft::Chat& chat, Tree& row, ft::Notes& notes) const {
    if (!mapping_.completion || !mapping_.prompt) {
      notes.refuse("not_carried", "/messages",
                   "the mapping has no place for this record's messages, so it is not written",
                   "name a place for prompt, completion or messages");
      return;
    }
    ft::Chat turns;
    turns.messages = chat.messages;
    if (mapping_.system && turns.messages[0].role == "system") {
      if (const auto text = ft::plain_text(turns.messages[0], "/messages/0", notes))
        set_text(mapping_.system, *text, row);
      turns.messages.erase(turns.messages.begin());
    }
    const auto pair = ft::prompt_and_completion(turns, info.name, notes);
    if (!pair) return;
    if (!pair->first.empty()) set_text(mapping_.prompt, pair->first, row);
    set_text(mapping_.completion, pair->second, row);
  }

  std::string list_of(std::vector<ft::Message>& messages, std::size_t first) const {
    std::string out = "[";
    for (std::size_t i = first; i < messages.size(); ++i) {
      ft::Message& message = messages[i];
      if (i > first) out += ",";
      ft::ObjectWriter object(out);
      object.text(mapping_.role_key, mapping_.name_of(message.role));
      if (!message.parts.empty() || message.text || message.calls.empty()) {
        object.key(mapping_.content_key);
        if (message.text)
          ft::append_json_string(out, *message.text);
        else
          out += message.parts.empty() ? "null" : message.parts;
      }
      if (!message.calls.empty()) {
        object.key("tool_calls");
        ft::append_tool_calls(out, message.calls);
      }
      for (const ft::Field& field : message.fields.all()) {
        if (field.json == "null" || field.key == mapping_.role_key || field.key == mapping_.content_key) continue;
        object.json(field.key, *message.fields.take(field.key));
      }
      object.end();
    }
    return out + "]";
  }

  void write_answer(std::string_view name, const Place& place, std::vector<ft::Message>& messages, Tree& row,
                    ft::Notes& notes) const {
    if (messages.empty()) return;
    if (!place) {
      notes.dropped("/" + std::string(name), "the mapping has no place for it");
      for (ft::Message& message : messages) {
        for (const ft::Field& field : message.fields.all()) message.fields.take(field.key);
      }
      return;
    }
    const ft::Message& only = messages[0];
    if (messages.size() == 1 && only.role == "assistant" && only.text && only.calls.empty() &&
        only.fields.all().empty())
      set_text(place, *only.text, row);
    else
      set(place, list_of(messages, 0), row);
  }

  // Other fields of the record are keys of the row; objects on the way of a mapped place are filled up.
  void write_others(ft::Chat& chat, Tree& row) const {
    for (const ft::Field& field : chat.fields.all()) {
      if (field.taken || field.json == "null" || ft::is_bookkeeping(field.key)) continue;
      if (set_rest(field.json, {field.key}, row)) chat.fields.take(field.key);
    }
  }

  bool set_rest(const std::string& json, std::vector<std::string> keys, Tree& row) const {
    bool on_the_way = false;
    for (const Place* place : mapping_.places()) on_the_way = on_the_way || place->begins_with(keys);
    ft::JsonReader reader;
    dom::object object;
    if (!on_the_way || reader.parse(json).get(object)) return row.set(keys, json);
    bool all = true;
    for (const auto& [key, value] : object) {
      keys.push_back(std::string(key));
      all = set_rest(simdjson::minify(value), keys, row) && all;
      keys.pop_back();
    }
    return all;
  }

  const Mapping mapping_;
  dom::parser parser_;
};

}  // namespace

FT_PLUGIN(JsonRows)
