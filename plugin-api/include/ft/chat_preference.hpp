// Rows of two answers to one prompt as OpenAI spells them, and who took its shape: {"input": {"messages", "tools"?,
// ...}, "preferred_output": [...], "non_preferred_output": [...]}. The older names preferred_completion and
// non_preferred_completion are read and never written.
#pragma once

#include <ft/messages.hpp>

namespace ft {

// An answer's key, its older name, and what it is in a record.
struct PreferenceSide {
  std::string_view key, older, record;

  bool in(simdjson::dom::object row) const { return has_any(row, {key, older}); }
  // Whether `name` is where the row has this side.
  bool is_at(simdjson::dom::object row, std::string_view name) const {
    return name == key || (name == older && !has_any(row, {key}));
  }
};
inline constexpr PreferenceSide kPreferred{"preferred_output", "preferred_completion", "chosen"};
inline constexpr PreferenceSide kNonPreferred{"non_preferred_output", "non_preferred_completion", "rejected"};

inline bool is_preference(simdjson::dom::object row) {
  simdjson::dom::object input;
  return row.at_key("input").get(input) == simdjson::SUCCESS && (kPreferred.in(row) || kNonPreferred.in(row));
}

namespace detail {

inline void read_side(simdjson::dom::object row, const PreferenceSide& side, std::vector<Message>& messages,
                      Notes& notes) {
  simdjson::dom::element value;
  std::string path = "/" + std::string(side.key);
  if (!find(row, side.key, value)) {
    if (!find(row, side.older, value)) {
      notes.refuse("no_preference", path, "the row has no " + std::string(side.key),
                   "write [{\"role\": \"assistant\", \"content\": ...}]");
      return;
    }
    path = "/" + std::string(side.older);
    notes.reshaped(path, "its name of today is " + std::string(side.key));
  }
  read_messages(value, path, messages, notes);
  if (!notes.refused() && messages.empty())
    notes.refuse("no_preference", path, "the list is empty", "write the answer, or remove the row");
  if (!notes.refused()) refuse_empty(messages, path, notes);
}

}  // namespace detail

// Prompt, tools and both answers into the chat. Returns the fields of `input` that nobody knows, as an object, for
// keep_spelling(); fields beside the three are kept, those whose name a record has for something else are named.
inline std::string read_preference(simdjson::dom::object row, Chat& chat, Notes& notes) {
  simdjson::dom::element value;
  simdjson::dom::object input;
  std::string others;
  ObjectWriter extra(others);
  if (!find(row, "input", value) || value.get(input) || !find(input, "messages", value)) {
    notes.refuse("no_messages", "/input/messages", "the row has no input with messages",
                 "write {\"input\": {\"messages\": [...]}, ...}");
  } else {
    read_messages(value, "/input/messages", chat.messages, notes);
    if (!notes.refused() && chat.messages.empty())
      notes.refuse("no_messages", "/input/messages", "the list of messages is empty", "fill it, or remove the row");
    if (!notes.refused()) refuse_empty(chat.messages, "/input/messages", notes);
    for (const auto& [key, json] : input) {
      if (key == "tools" || key == "parallel_tool_calls")
        chat.fields.add(key, json);
      else if (key != "messages")
        extra.json(key, simdjson::minify(json));
    }
  }
  extra.end();
  detail::read_side(row, kPreferred, chat.chosen, notes);
  detail::read_side(row, kNonPreferred, chat.rejected, notes);
  for (const auto& [key, json] : row) {
    if (key == "input" || kPreferred.is_at(row, key) || kNonPreferred.is_at(row, key)) continue;
    if (key == "messages" || key == "chosen" || key == "rejected" || chat.fields.has(key))
      notes.dropped("/" + pointer_token(key), "the row has it beside what it says itself");
    else
      chat.fields.add(key, json);
  }
  return others;
}

// Whether the record is one, or a refusal.
inline bool has_preference(const Chat& chat, Notes& notes) {
  for (const PreferenceSide& side : {kPreferred, kNonPreferred}) {
    if (!(side.record == "chosen" ? chat.chosen : chat.rejected).empty()) continue;
    notes.refuse("not_carried", "/" + std::string(side.record),
                 "the record has no " + std::string(side.record) + " answer, so it is not written",
                 "choose the records that have both, or another format");
  }
  if (chat.messages.empty()) {
    notes.refuse("not_carried", "/messages", "the record has no prompt, so it is not written",
                 "choose the records that have one, or another format");
  }
  return !notes.refused();
}

}  // namespace ft
