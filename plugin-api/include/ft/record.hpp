// A record of a chat taken apart: its messages, its other fields, and what a format has to say about a row.
#pragma once

#include <ft/formatter.hpp>
#include <ft/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
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
    paths_.clear();
  }

 private:
  void note(std::string path, std::string_view action, std::string_view message) {
    if (losses_.size() < kFew) {
      for (const Loss& loss : losses_) {
        if (loss.path == path) return;
      }
    } else {
      if (paths_.empty()) {
        for (const Loss& loss : losses_) paths_.insert(loss.path);
      }
      if (!paths_.insert(path).second) return;
    }
    losses_.push_back({std::move(path), std::string(action), std::string(message)});
  }

  static constexpr std::size_t kFew = 32;
  std::vector<Loss> losses_;
  std::vector<Refusal> refusals_;
  std::unordered_set<std::string> paths_;  // of the losses, where they are more than few
};

// Emits what was noted of a row; false where it is refused, and then its losses are not worth naming.
inline bool report(const Call& call, std::uint64_t line, const Notes& notes) {
  for (const auto& refusal : notes.refusals())
    call.finding(line, refusal.code, "error", refusal.path, refusal.message, refusal.hint);
  if (notes.refused()) return false;
  for (const auto& loss : notes.losses()) call.loss(line, loss.path, loss.action, loss.message);
  return true;
}

// Where a field lies that a format does not place: in an object of one member it is that member, so that what a mapping
// has left of an object is named, and not all of it.
inline std::string lost_path(std::string_view key, simdjson::dom::element value) {
  std::string path = "/" + pointer_token(key);
  simdjson::dom::object object;
  while (value.get(object) == simdjson::SUCCESS && object.size() == 1) {
    const auto member = *object.begin();
    path += "/" + pointer_token(member.key);
    value = member.value;
  }
  return path;
}

// Names a record's field, with its JSON, as one that the format does not place.
inline void drop_field(std::string_view key, std::string_view json, std::string_view format, Notes& notes) {
  if (is_bookkeeping(key)) return notes.dropped("/" + pointer_token(key), kBookkeeping);
  const std::string message = std::string(format) + " has no such field";
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  const bool opens = json.starts_with('{') && !parser.parse(json.data(), json.size(), true).get(value);
  notes.dropped(opens ? lost_path(key, value) : "/" + pointer_token(key), message);
}

}  // namespace ft
