// What a chat format keeps of its own spelling for the way back, in metadata.<format>: nothing that trains, so that a
// row read and written again is equal and no other format need name it as lost. And calls without ids, for formats in
// which an answer follows the call that it answers.
#pragma once

#include <deque>
#include <ft/chat.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ft {

// Keeps every field of a row (an empty path) or of a message but those of these keys, as keep_others() does; one whose
// name a record has for something else is named as dropped.
inline void keep_rest(simdjson::dom::object object, std::initializer_list<std::string_view> known,
                      const std::string& path, Fields& fields, Notes& notes) {
  static constexpr std::string_view kRow[] = {"messages", "chosen", "rejected", "tools"};
  static constexpr std::string_view kMessage[] = {"role", "content", "tool_calls", "tool_call_id"};
  for (const auto& [key, value] : object) {
    bool is_known = value.is_null(), is_taken = fields.has(key);
    for (const std::string_view name : known) is_known = is_known || name == key;
    if (is_known) continue;
    for (const std::string_view name : kRow) is_taken = is_taken || (path.empty() && name == key);
    for (const std::string_view name : kMessage) is_taken = is_taken || (!path.empty() && name == key);
    if (is_taken)
      notes.dropped(path + "/" + pointer_token(key), "a record has this name for something else");
    else
      fields.add(key, value);
  }
}

// Puts `json` into the metadata among the fields of a row that has been read. False where the row has metadata of its
// own that cannot take it: then what it says is lost.
inline bool keep_own(Fields& fields, std::string_view format, std::string_view json) {
  std::string own;
  append_json_string(own, format);
  own += ":";
  own += json;
  Fields kept;
  bool placed = false;
  for (const Field& field : fields.all()) {
    std::string value = field.json;
    if (field.key == "metadata" && value != "null") {
      JsonReader reader;
      simdjson::dom::object object;
      simdjson::dom::element known;
      if (placed || reader.parse(value).get(object) || object.at_key(format).get(known) == simdjson::SUCCESS)
        return false;
      value.pop_back();
      value += (object.size() > 0 ? "," : "") + own + "}";
      placed = true;
    } else if (field.key == "metadata") {
      continue;
    }
    kept.add(field.key, std::move(value));
  }
  if (!placed) kept.add("metadata", "{" + own + "}");
  fields = std::move(kept);
  return true;
}

// The other way: what a record keeps for this format. The metadata counts as placed where it holds nothing else.
class Own {
 public:
  Own(Fields& fields, std::string_view format) {
    for (const Field& field : fields.all()) {
      if (field.key != "metadata") continue;
      simdjson::dom::object all;
      if (reader_.parse(field.json).get(all) || all.at_key(format).get(own_)) continue;
      has_ = true;
      if (all.size() == 1) fields.take("metadata");
      return;
    }
  }
  Own(const Own&) = delete;

  bool find(std::string_view key, simdjson::dom::element& value) const { return has_ && ft::find(own_, key, value); }
  std::string_view text(std::string_view key) const {
    std::string_view text;
    if (has_) find_text(own_, key, text);
    return text;
  }
  bool is_true(std::string_view key) const {
    simdjson::dom::element value;
    bool yes = false;
    return find(key, value) && value.get(yes) == simdjson::SUCCESS && yes;
  }
  // Whether the list of this key holds the number.
  bool lists(std::string_view key, std::size_t wanted) const {
    simdjson::dom::element value;
    simdjson::dom::array list;
    if (!find(key, value) || value.get(list)) return false;
    for (const simdjson::dom::element item : list) {
      std::uint64_t number = 0;
      if (item.get(number) == simdjson::SUCCESS && number == wanted) return true;
    }
    return false;
  }
  // The text of list[index], empty where there is none.
  std::string_view text_at(std::string_view key, std::size_t index) const {
    simdjson::dom::element value;
    simdjson::dom::array list;
    std::string_view text;
    if (find(key, value) && value.get(list) == simdjson::SUCCESS && list.at(index).get(text)) return {};
    return text;
  }

 private:
  JsonReader reader_;
  simdjson::dom::object own_;
  bool has_ = false;
};

// The content of a message, grown part by part: text while there is one part, of text, else parts.
class ContentBuilder {
 public:
  void text(std::string_view text) {
    only_.reset();
    if (parts_.empty()) only_ = std::string(text);
    std::string part = R"({"type":"text","text":)";
    append_json_string(part, text);
    add(part + "}");
  }
  void image(std::string_view url) {
    std::string part = R"({"type":"image_url","image_url":{"url":)";
    append_json_string(part, url);
    part_json(part + "}}");
  }
  void part_json(std::string_view json) {
    only_.reset();
    add(json);
  }
  bool empty() const { return parts_.empty(); }
  void move_to(Message& message) {
    if (only_)
      message.text = std::move(*only_);
    else if (!parts_.empty())
      message.parts = parts_ + "]";
  }

 private:
  void add(std::string_view json) {
    parts_ += parts_.empty() ? "[" : ",";
    parts_ += json;
  }
  std::string parts_;
  std::optional<std::string> only_;
};

// Appends the content of a record's message to the list of parts in which `out` ends: text as {"text": ...}, each part
// as `part_of(part, path, notes)` writes it. False, and a refusal with this message and hint, where that gives nothing.
template <class PartOf>
bool append_content(const Message& message, const std::string& path, std::string& out, const PartOf& part_of,
                    const std::string& refusal, const std::string& hint, Notes& notes) {
  const auto append = [&](std::string_view part) {
    if (out.back() != '[') out += ",";
    out += part;
  };
  if (message.parts.empty()) {
    if (message.text.value_or("").empty()) return true;
    std::string part = R"({"text":)";
    append_json_string(part, *message.text);
    append(part + "}");
    return true;
  }
  JsonReader reader;
  simdjson::dom::array parts;
  if (reader.parse(message.parts).get(parts)) return true;
  std::size_t index = 0;
  for (const simdjson::dom::element item : parts) {
    const std::string at = path + "/content/" + std::to_string(index++);
    const std::string part = part_of(item, at, notes);
    if (part.empty()) {
      notes.refuse("not_carried", at, refusal, hint);
      return false;
    }
    append(part);
  }
  return true;
}

// The JSON of a call's arguments for a format in which they are an object, null where the text holds none. Named where
// reading it back would give other text.
inline std::optional<std::string> arguments_object(const ToolCall& call, const std::string& path, Notes& notes) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(call.arguments.data(), call.arguments.size(), true).get(object)) {
    notes.refuse("not_carried", path + "/function/arguments",
                 "the arguments are no JSON object, and the format has no text there, so the record is not written",
                 "mend the arguments, or choose another format");
    return std::nullopt;
  }
  std::string json = simdjson::minify(object);
  if (json != call.arguments)
    notes.reshaped(path + "/function/arguments", "an object there: how its text is spaced and escaped is not kept");
  return json;
}

// Reading: ids "call_1", "call_2", ... for the calls of a row, in their order. Writing: the same, so that it is known
// which id reading will give. An answer belongs to the oldest call that has none (of that name, where names are given).
class CallOrder {
 public:
  std::string call(std::string_view name) {
    open_.emplace_back("call_" + std::to_string(++calls_), std::string(name));
    return open_.back().first;
  }
  std::optional<std::string> answer(std::string_view name = {}) {
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (!name.empty() && it->second != name) continue;
      std::string id = std::move(it->first);
      open_.erase(it);
      return id;
    }
    return std::nullopt;
  }

 private:
  std::deque<std::pair<std::string, std::string>> open_;  // id, name
  std::size_t calls_ = 0;
};

// Writing the messages of a record without ids: names those that reading will not give again, refuses answers that
// would be taken for another call's.
class WrittenCalls {
 public:
  explicit WrittenCalls(bool names) : names_(names) {}

  void calls(const Message& message, const std::string& path, std::string_view format, Notes& notes) {
    std::size_t index = 0;
    for (const ToolCall& call : message.calls) {
      const std::string given = order_.call(call.name);
      known_[call.id] = {given, call.name};
      if (call.id != given)
        notes.dropped(path + "/tool_calls/" + std::to_string(index) + "/id",
                      std::string(format) + " has no ids of calls: the order says what answers what");
      ++index;
    }
  }
  // The name of the function whose answer the message is: its call's, else the message's own; empty where it has none.
  std::string answer(Message& message, const std::string& path, std::string_view format, Notes& notes) {
    const std::string* json = message.fields.take("tool_call_id");
    const std::string id = json ? text_of(*json) : std::string();
    const auto found = known_.find(id);
    std::string name = found == known_.end() ? std::string() : found->second.second;
    for (const Field& field : message.fields.all()) {
      if (name.empty() && field.key == "name") name = text_of(field.json);
    }
    const auto given = order_.answer(names_ ? name : std::string());
    if (found == known_.end()) {
      if (json)
        notes.dropped(path + "/tool_call_id", std::string(format) + " has no ids of calls, and no call has this one");
      if (given) refuse(path, "the answer names no call, while one before it waits for its answer", notes);
    } else if (!given || *given != found->second.first) {
      refuse(path, "the answers are not in the order of their calls", notes);
    } else if (id != *given) {
      notes.dropped(path + "/tool_call_id",
                    std::string(format) + " has no ids of calls: the order says what answers what");
    }
    return name;
  }

  static std::string text_of(std::string_view json) {
    JsonReader reader;
    std::string_view text;
    return reader.parse(json).get(text) ? std::string(json) : std::string(text);
  }

 private:
  static void refuse(const std::string& path, std::string message, Notes& notes) {
    notes.refuse("not_carried", path, message + ", and the format has no ids, so the record is not written",
                 "put the answers behind their calls, in the same order");
  }

  bool names_;
  CallOrder order_;
  std::map<std::string, std::pair<std::string, std::string>> known_;  // id: the one that reading gives, name
};

}  // namespace ft
