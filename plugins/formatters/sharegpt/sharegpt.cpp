// sharegpt: {"conversations": [{"from", "value"}, ...], "system"?, "tools"?}, as JSON Lines or one list. A record
// keeps under metadata.sharegpt how a row was spelled where that is not this format's first spelling, so that a row
// read and written again is equal.
#include <ft/chat_own.hpp>

#include "calls.hpp"
#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

// The role of a record for a turn's, empty where it is not known.
std::string_view role_of(std::string_view from) {
  for (const std::string_view name : {"human", "user"}) {
    if (from == name) return "user";
  }
  for (const std::string_view name : {"gpt", "assistant", "chatgpt", "bing", "bard", "function_call"}) {
    if (from == name) return "assistant";
  }
  for (const std::string_view name : {"observation", "tool"}) {
    if (from == name) return "tool";
  }
  return from == "system" ? from : std::string_view();
}

std::string_view turn_of(const ft::Message& message) {
  if (message.role == "user") return "human";
  if (message.role == "assistant") return message.calls.empty() ? "gpt" : "function_call";
  if (message.role == "tool") return "observation";
  return message.role == "system" || message.role == "developer" ? "system" : "";
}

bool has_turns(dom::element list, std::string_view role, std::string_view content) {
  dom::array turns;
  dom::element first, value;
  dom::object turn;
  std::string_view from;
  return list.get(turns) == simdjson::SUCCESS && turns.at(0).get(first) == simdjson::SUCCESS &&
         first.get(turn) == simdjson::SUCCESS && ft::find_text(turn, role, from) &&
         turn.at_key(content).get(value) == simdjson::SUCCESS;
}

// How a row is spelled.
struct Spelling {
  std::vector<std::string> from, values;  // by message; empty: as this format writes it
  bool any_from = false, any_value = false;
  std::string keys, list, system, tools;  // "role" or "openai"; "messages"; "field" or "empty"; JSON

  std::string json() const {
    std::string out;
    ft::ObjectWriter object(out);
    if (any_from) object.json("from", texts(from));
    if (any_value) object.json("values", texts(values));
    if (!keys.empty()) object.text("keys", keys);
    if (!list.empty()) object.text("list", list);
    if (!system.empty()) object.text("system", system);
    if (!tools.empty()) object.json("tools", tools);
    object.end();
    return out;
  }

 private:
  static std::string texts(const std::vector<std::string>& list) {
    std::string out = "[";
    for (const std::string& text : list) {
      if (out.size() > 1) out += ",";
      ft::append_json_string(out, text);
    }
    return out + "]";
  }
};

class ShareGpt : public ft::ChatFormatter<ShareGpt> {
 public:
  static constexpr ft::Info info{.name = "sharegpt",
                                 .version = "1.0.0",
                                 .summary = "conversations of turns {from, value}, with system and tools",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "list": {"type": "boolean", "default": false, "description": "write one JSON list instead of JSON Lines"}}})",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = sharegpt::kRules};

  explicit ShareGpt(const ft::Config& config) { list_ = config["list"]; }

  static double recognise(dom::object row) {
    dom::element list, other;
    double sure = 0;
    if (ft::find(row, "conversations", list))
      sure = has_turns(list, "from", "value") ? 0.95 : has_turns(list, "role", "content") ? 0.9 : 0;
    else if (ft::find(row, "messages", list))
      sure = has_turns(list, "from", "value") ? 0.9 : 0;
    for (const std::string_view key : {"chosen", "rejected", "kto_tag", "label", "images", "videos", "audios"}) {
      if (sure > 0.3 && ft::find(row, key, other)) sure = 0.3;
    }
    return sure;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    Spelling spelling;
    dom::element list;
    std::string key = "conversations";
    if (!ft::find(row, key, list)) spelling.list = key = "messages";
    if (!ft::find(row, key, list)) {
      notes.refuse("no_messages", "/conversations", "the row has no conversations",
                   "it must be {\"conversations\": [{\"from\": ..., \"value\": ...}, ...]}; if it is another format, "
                   "name it with --format");
      return;
    }
    const bool by_role = !has_turns(list, "from", "value") && has_turns(list, "role", "content");
    std::vector<ft::Message> turns;
    if (by_role)
      ft::read_messages(list, "/" + key, turns, notes);
    else
      read_turns(list, "/" + key, turns, notes);
    const std::string_view system = ft::text_or_empty(row, "system", "", notes);
    dom::element value;
    if (ft::find(row, "system", value)) spelling.system = system.empty() ? "empty" : "field";
    if (notes.refused()) return;
    if (!system.empty()) {
      chat.messages.push_back(ft::text_message("system", system));
      spelling.from.emplace_back();
      spelling.values.emplace_back();
    }
    if (by_role) spelling.keys = keys_of(turns, "/" + key, notes);
    ft::CallOrder order;
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const std::string path = "/" + key + "/" + std::to_string(i);
      if (place(turns[i], path, by_role ? "/content" : "/value", spelling, order, notes))
        chat.messages.push_back(std::move(turns[i]));
    }
    ft::keep_rest(row, {key, "system", "tools"}, "", chat.fields, notes);
    read_tools(row, chat, spelling, notes);
    if (const std::string own = spelling.json(); own != "{}" && !ft::keep_own(chat.fields, info.name, own))
      notes.reshaped("/" + key,
                     "it is written in this format's first spelling: the row's metadata has no room for another");
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    if (chat.messages.empty()) {
      notes.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them, or another format");
      return;
    }
    const ft::Own own(chat.fields, info.name);
    const std::string_view field = own.text("system");
    const bool head = field == "field" && !chat.messages.empty() && chat.messages[0].role == "system";
    const bool as_openai = own.text("keys") == "openai";
    ft::ObjectWriter row(out);
    row.key(own.text("list") == "messages" ? "messages" : "conversations");
    std::string system;
    if (head) system = ft::plain_text(chat.messages[0], "/messages/0", notes).value_or("");
    if (as_openai)
      write_openai(chat, head, own, out);
    else
      write_turns(chat, head, own, out, notes);
    if (head || field == "empty") row.text("system", system);
    write_tools(chat, own, row, notes);
    row.end();
  }

 private:
  static void read_turns(dom::element list, const std::string& path, std::vector<ft::Message>& turns,
                         ft::Notes& notes) {
    dom::array all;
    if (list.get(all)) {
      notes.refuse("bad_messages", path, "it is " + std::string(ft::type_name(list)) + ", not a list of turns",
                   "write [{\"from\": ..., \"value\": ...}, ...]");
      return;
    }
    std::size_t index = 0;
    for (const dom::element item : all) {
      const std::string at = path + "/" + std::to_string(index++);
      dom::object object;
      std::string_view from, value;
      if (item.get(object) || !ft::find_text(object, "from", from)) {
        notes.refuse("bad_message", at, "the turn is no object that says whom it is from",
                     "write {\"from\": \"human\", \"value\": ...}");
        continue;
      }
      if (!ft::need_text(object, "value", at, value, notes)) continue;
      turns.push_back(ft::text_message(from, value));
      ft::keep_rest(object, {"from", "value"}, at, turns.back().fields, notes);
    }
  }

  // "role" for turns of text, "openai" where they have calls, ids or parts.
  static const char* keys_of(const std::vector<ft::Message>& turns, const std::string& path, ft::Notes& notes) {
    bool openai = false, function_call = false, parts = false;
    for (const ft::Message& turn : turns) {
      openai = openai || !turn.text || !turn.calls.empty() || turn.fields.has("tool_call_id");
      function_call = function_call || turn.role == "function_call";
      parts = parts || !turn.parts.empty();
    }
    if (parts && function_call)
      notes.refuse("bad_content", path, "it has turns of function_call, which are text, and turns with parts",
                   "spell the calls as tool_calls, or the parts as text");
    if (openai && function_call) notes.reshaped(path, "its calls are spelled in two ways, and written in one");
    return openai && !function_call ? "openai" : "role";
  }

  // A user or an assistant who says nothing.
  static bool is_empty(const ft::Message& message) {
    return message.parts.empty() && message.calls.empty() && ft::is_blank(message.text.value_or("")) &&
           (message.role == "user" || message.role == "assistant");
  }

  // Makes a message of a record of a turn, and notes how it was spelled.
  static bool place(ft::Message& turn, const std::string& path, const std::string& value, Spelling& spelling,
                    ft::CallOrder& order, ft::Notes& notes) {
    const std::string from = turn.role;
    const std::string_view role = role_of(from);
    if (role.empty()) {
      notes.refuse("unknown_role", path, "\"" + from + "\" is nobody that this format knows",
                   "write human, gpt, system, function_call or observation");
      return false;
    }
    turn.role = role;
    std::string kept;
    if (from == "function_call") {
      auto calls = sharegpt::parse_calls(turn.text.value_or(""));
      if (!calls) {
        notes.refuse("bad_tool_call", path + value, "it is no call of a function",
                     "write {\"name\": ..., \"arguments\": {...}} as text, or a list of such");
        return false;
      }
      if (sharegpt::render_calls(*calls) != *turn.text) kept = *turn.text;
      for (ft::ToolCall& call : *calls) call.id = order.call(call.name);
      turn.calls = std::move(*calls);
      turn.text.reset();
    } else if (!turn.text && turn.parts.empty() && turn.calls.empty()) {
      notes.refuse("no_content", path + value, "the turn says nothing", "write its text, or remove the row");
      return false;
    } else if (turn.text && is_empty(turn)) {
      notes.refuse("empty_content", path + value, "it is empty", "write its text, or remove the row");
      return false;
    }
    if (role == "tool" && !turn.fields.has("tool_call_id")) {
      if (const auto id = order.answer()) turn.fields.add_text("tool_call_id", *id);
    }
    const bool first_spelling = from == (spelling.keys == "openai" ? role : turn_of(turn));
    spelling.any_from = spelling.any_from || !first_spelling;
    spelling.any_value = spelling.any_value || !kept.empty();
    spelling.from.push_back(first_spelling ? "" : from);
    spelling.values.push_back(std::move(kept));
    return true;
  }

  static void read_tools(dom::object row, ft::Chat& chat, Spelling& spelling, ft::Notes& notes) {
    dom::element tools;
    if (!ft::find(row, "tools", tools)) return;
    const auto json = sharegpt::parse_tools(tools);
    if (!json) {
      notes.refuse("bad_tools", "/tools", "it is no list of functions, and no text that holds one",
                   "write \"[{\\\"name\\\": ..., \\\"parameters\\\": {...}}]\", or leave it out");
      return;
    }
    std::string_view text;
    if (!json->empty()) chat.fields.add("tools", *json);
    if (json->empty() || tools.get(text) || text != sharegpt::render_tools(*json))
      spelling.tools = simdjson::minify(tools);
  }

  static void write_tools(ft::Chat& chat, const ft::Own& own, ft::ObjectWriter& row, ft::Notes& notes) {
    const std::string* tools = chat.fields.take("tools");
    dom::element kept;
    if (own.find("tools", kept) && sharegpt::parse_tools(kept).value_or("") == (tools ? *tools : "")) {
      row.json("tools", simdjson::minify(kept));
    } else if (tools) {
      const std::string text = sharegpt::render_tools(*tools);
      if (text.empty() || text == "[]")
        notes.dropped("/tools", "it is no list of tools, or an empty one");
      else
        row.text("tools", text);
    }
  }

  // Messages as OpenAI spells them, which is how the row had them.
  static void write_openai(ft::Chat& chat, bool head, const ft::Own& own, std::string& out) {
    std::vector<ft::Message> messages(chat.messages.begin() + head, chat.messages.end());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::string_view from = own.text_at("from", i + head);
      if (role_of(from) == messages[i].role) messages[i].role = from;
      for (const ft::Field& field : messages[i].fields.all()) chat.messages[i + head].fields.take(field.key);
    }
    ft::append_messages(out, messages);
  }

  static void write_turns(ft::Chat& chat, bool head, const ft::Own& own, std::string& out, ft::Notes& notes) {
    const bool by_role = own.text("keys") == "role";
    ft::WrittenCalls written(false);
    out += "[";
    for (std::size_t i = head; i < chat.messages.size(); ++i) {
      ft::Message& message = chat.messages[i];
      const std::string path = "/messages/" + std::to_string(i);
      std::string_view from = turn_of(message);
      const auto text = ft::plain_text(message, path, notes);
      if (from.empty() || !text) {
        notes.refuse("not_carried", path + (text ? "/role" : "/content"),
                     text ? "sharegpt has no role \"" + message.role + "\", so the record is not written"
                          : "sharegpt has text alone, so the record is not written",
                     "choose other records, or another format");
        return;
      }
      if (is_empty(message) || message.parts == "[]") {
        notes.refuse("empty_content", path + "/content", "it is empty, so the record is not written",
                     "write its text, or choose other records");
        return;
      }
      if (message.role == "developer") notes.reshaped(path + "/role", "the developer message became a system turn");
      if (message.role == "tool") written.answer(message, path, info.name, notes);
      const std::string_view kept = own.text_at("from", i);
      if (role_of(kept) == message.role && (kept == "function_call") == !message.calls.empty()) from = kept;
      if (!message.calls.empty()) {
        if (!text->empty()) {
          notes.reshaped(path, "the text before the calls became a turn of its own");
          append_turn(message, "gpt", *text, by_role, out);
        }
        written.calls(message, path, info.name, notes);
        const std::string_view value = own.text_at("values", i);
        append_turn(message, from, same_calls(value, message) ? std::string(value) : render(message), by_role, out);
      } else {
        append_turn(message, from, *text, by_role, out);
      }
    }
    out += "]";
  }

  static std::string render(const ft::Message& message) { return sharegpt::render_calls(message.calls); }

  static bool same_calls(std::string_view value, const ft::Message& message) {
    const auto calls = value.empty() ? std::nullopt : sharegpt::parse_calls(value);
    if (!calls || calls->size() != message.calls.size()) return false;
    for (std::size_t i = 0; i < calls->size(); ++i) {
      if ((*calls)[i].name != message.calls[i].name || (*calls)[i].arguments != message.calls[i].arguments)
        return false;
    }
    return true;
  }

  static void append_turn(ft::Message& message, std::string_view from, std::string_view value, bool by_role,
                          std::string& out) {
    if (out.back() != '[') out += ",";
    ft::ObjectWriter turn(out);
    turn.text(by_role ? "role" : "from", from);
    turn.text(by_role ? "content" : "value", value);
    for (const std::string_view key : {"train", "train_detail", "weight"}) {
      if (const std::string* json = message.fields.take(key)) turn.json(key, *json);
    }
    turn.end();
  }
};

}  // namespace

FT_PLUGIN(ShareGpt)
