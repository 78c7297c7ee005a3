// gemini: {"systemInstruction"?: {"parts": [{"text"}]}, "contents": [{"role": "user" | "model", "parts": [...]}],
// "tools"?: [{"functionDeclarations"}]}. Answers of functions that follow each other are parts of one content; calls
// have no ids. What a row says in another way than this format writes it is kept under metadata.gemini.
#include "parts.hpp"
#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

// What a record keeps of a row.
struct Kept {
  std::string system_role, tool_role, objects;  // JSON; objects: the messages whose answers are no {"content": text}
  bool upper = false;

  std::string json() const {
    std::string out;
    ft::ObjectWriter object(out);
    if (!system_role.empty()) object.json("system_role", system_role);
    if (!tool_role.empty()) object.json("tool_role", tool_role);
    if (!objects.empty()) object.json("objects", objects + "]");
    if (upper) object.json("upper", "true");
    object.end();
    return out;
  }
};

class Gemini : public ft::ChatFormatter<Gemini> {
 public:
  static constexpr ft::Info info{.name = "gemini",
                                 .version = "1.0.0",
                                 .summary = "systemInstruction, contents and tools, for Gemini on Vertex",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = gemini::kRules};

  explicit Gemini(const ft::Config&) {}

  static double recognise(dom::object row) {
    dom::array contents, parts;
    dom::element first, other;
    if (row.at_key("contents").get(contents) || contents.at(0).get(first) || first.at_key("parts").get(parts)) return 0;
    return ft::find(row, "completions", other) ? 0.3 : 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    Kept kept;
    dom::element value;
    if (gemini::find_either(row, "systemInstruction", "system_instruction", "", value, notes))
      read_system(value, chat, kept, notes);
    dom::array contents;
    if (row.at_key("contents").get(contents)) {
      notes.refuse("no_messages", "/contents", "the row has no list of contents",
                   "write [{\"role\": \"user\", \"parts\": [{\"text\": ...}]}, ...]; if it is another format, name it "
                   "with --format");
      return;
    }
    ft::CallOrder order;
    std::size_t index = 0;
    for (const dom::element item : contents)
      read_content(item, "/contents/" + std::to_string(index++), chat, order, kept, notes);
    ft::keep_rest(row, {"systemInstruction", "system_instruction", "contents", "tools"}, "", chat.fields, notes);
    if (ft::find(row, "tools", value)) {
      const auto tools = gemini::read_tools(value, notes);
      if (!tools) {
        notes.refuse("bad_tools", "/tools", "it is no list of functionDeclarations with names",
                     "write [{\"functionDeclarations\": [{\"name\": ..., \"parameters\": {...}}]}]");
        return;
      }
      kept.upper = tools->upper;
      if (tools->json.empty())
        notes.dropped("/tools", "it has no functions");
      else
        chat.fields.add("tools", tools->json);
    }
    if (const std::string own = kept.json(); own != "{}" && !ft::keep_own(chat.fields, info.name, own))
      notes.reshaped("/contents",
                     "roles and answers of functions are written in this format's first spelling: the "
                     "row's metadata has no room for another");
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    const ft::Own own(chat.fields, info.name);
    ft::ObjectWriter row(out);
    std::size_t first = 0;
    if (!chat.messages.empty() && (chat.messages[0].role == "system" || chat.messages[0].role == "developer")) {
      if (chat.messages[0].role == "developer")
        notes.reshaped("/messages/0/role", "the developer message became the system instruction");
      row.key("systemInstruction");
      ft::ObjectWriter system(out);
      if (const auto role = own.text("system_role"); !role.empty()) system.text("role", role);
      system.json("parts", "[");
      if (!gemini::append_parts(chat.messages[0], "/messages/0", out, notes)) return;
      out += "]";
      system.end();
      first = 1;
    }
    if (chat.messages.size() == first) {
      notes.refuse("no_messages", "/messages", "the record says nothing, so it is not written",
                   "choose the records that have messages, or another format");
      return;
    }
    row.json("contents", "[");
    ft::WrittenCalls calls(true);
    for (std::size_t i = first; i < chat.messages.size(); ++i) {
      const std::string_view role = chat.messages[i].role;
      const bool tool = role == "tool";
      if (!tool && role != "user" && role != "assistant") {
        notes.refuse("not_carried", "/messages/" + std::to_string(i) + "/role",
                     "gemini has no content of \"" + std::string(role) + "\" here, so the record is not written",
                     "choose other records, or another format");
        return;
      }
      if (out.back() != '[') out += ",";
      dom::element given;
      const bool has_role = !tool || !own.find("tool_role", given) || !own.text("tool_role").empty();
      out += "{";
      if (has_role) {
        const std::string_view kept = tool ? own.text("tool_role") : std::string_view();
        out += "\"role\":";
        ft::append_json_string(out, role == "assistant" ? "model" : kept.empty() ? "user" : kept);
        out += ",";
      }
      out += "\"parts\":[";
      if (tool) {
        if (!write_answer(chat.messages[i], i, own, calls, out, notes)) return;
        while (i + 1 < chat.messages.size() && chat.messages[i + 1].role == "tool") {
          ++i;
          if (!write_answer(chat.messages[i], i, own, calls, out, notes)) return;
        }
      } else if (!write_parts(chat.messages[i], i, calls, out, notes)) {
        return;
      }
      out += "]}";
    }
    out += "]";
    if (const std::string* tools = chat.fields.take("tools")) {
      const auto json = gemini::write_tools(*tools, own.is_true("upper"), notes);
      if (!json || json->empty())
        notes.dropped("/tools", "it is no list of functions with names, or an empty one");
      else
        row.json("tools", *json);
    }
    row.end();
  }

 private:
  static void read_system(dom::element value, ft::Chat& chat, Kept& kept, ft::Notes& notes) {
    dom::object system;
    dom::array parts;
    ft::ContentBuilder content;
    std::size_t index = 0;
    if (value.get(system) || system.at_key("parts").get(parts)) {
      notes.refuse("bad_content", "/systemInstruction", "it has no list of parts",
                   "write {\"parts\": [{\"text\": ...}]}");
      return;
    }
    for (const auto& [key, other] : system) {
      if (key == "role" && other.is_string())
        kept.system_role = simdjson::minify(other);
      else if (key != "parts" && !other.is_null())
        notes.dropped("/systemInstruction/" + ft::pointer_token(key), "a record has no place for it");
    }
    for (const dom::element item : parts) {
      const std::string path = "/systemInstruction/parts/" + std::to_string(index++);
      dom::object part;
      std::string_view text;
      if (item.get(part) == simdjson::SUCCESS && part.size() == 1 && ft::find_text(part, "text", text))
        content.text(text);
      else
        notes.dropped(path, "the system prompt of a record is text");
    }
    if (content.empty()) {
      notes.dropped("/systemInstruction", "it says nothing");
      return;
    }
    ft::Message message;
    message.role = "system";
    content.move_to(message);
    chat.messages.push_back(std::move(message));
  }

  static void read_content(dom::element item, const std::string& path, ft::Chat& chat, ft::CallOrder& order, Kept& kept,
                           ft::Notes& notes) {
    dom::object object, inner;
    dom::array parts;
    dom::element value;
    if (item.get(object) || object.at_key("parts").get(parts) || parts.size() == 0) {
      notes.refuse("no_content", path + "/parts", "the content has no parts",
                   "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}, or remove the row");
      return;
    }
    std::string_view role;
    ft::find_text(object, "role", role);
    ft::Message message;
    message.role = role == "model" ? "assistant" : "user";
    ft::ContentBuilder content;
    const std::size_t before = chat.messages.size();
    std::size_t index = 0;
    for (const dom::element one : parts) {
      const std::string at = path + "/parts/" + std::to_string(index++);
      dom::object part;
      std::string_view text;
      bool thought = false;
      if (one.get(part)) {
        notes.refuse("bad_content", at, "the part is no object", "write {\"text\": ...}");
      } else if (ft::find_text(part, "text", text)) {
        if (part.at_key("thought").get(thought) == simdjson::SUCCESS && thought) {
          notes.reshaped(at, "the thought became the message's reasoning");
          if (!message.fields.has("reasoning")) message.fields.add_text("reasoning", text);
          continue;
        }
        name_others(part, "text", "text", at, notes);
        if (!message.calls.empty()) notes.reshaped(at, "text behind a call is written before it");
        content.text(text);
      } else if (gemini::find_either(part, "functionCall", "function_call", at, value, notes)) {
        name_others(part, "functionCall", "function_call", at, notes);
        read_call(value, at, role, message, order, notes);
      } else if (gemini::find_either(part, "functionResponse", "function_response", at, value, notes)) {
        name_others(part, "functionResponse", "function_response", at, notes);
        if (!content.empty()) notes.reshaped(at, "what is said before an answer of a function is written behind it");
        read_answer(value, at, chat, order, kept, notes);
      } else if (part.size() == 0 || part.at_key("type").error() == simdjson::SUCCESS) {
        notes.refuse("bad_content", at, "the part is none that this format has", "write {\"text\": ...}");
      } else {
        gemini::add_part(content, part);
      }
    }
    const bool answers = chat.messages.size() > before;
    const bool alone = answers && content.empty() && message.calls.empty();
    if (answers) note_role(object, path, before, kept, chat, notes);
    if (!(role == "user" || role == "model" || (alone && (role.empty() || role == "function" || role == "tool")))) {
      notes.refuse("unknown_role", path + "/role", "\"" + std::string(role) + "\" is no role of this format",
                   "write user or model; the system prompt is systemInstruction, beside contents");
      return;
    }
    if (alone) {
      name_others(object, "role", "parts", path, notes);
      return;
    }
    if (answers) notes.reshaped(path, "answers of functions and what is said behind them are written as two contents");
    ft::keep_rest(object, {"role", "parts"}, path, message.fields, notes);
    content.move_to(message);
    if (message.parts.empty() && message.calls.empty() && ft::is_blank(message.text.value_or("")))
      notes.refuse("empty_content", path + "/parts", "it is empty", "write its text, or remove the row");
    chat.messages.push_back(std::move(message));
  }

  static void name_others(dom::object part, std::string_view but, std::string_view or_but, const std::string& path,
                          ft::Notes& notes) {
    for (const auto& [key, value] : part) {
      if (key != but && key != or_but && !value.is_null())
        notes.dropped(path + "/" + ft::pointer_token(key), "a record has no place for it");
    }
  }

  // The role of a content with answers, where it is not "user".
  static void note_role(dom::object content, const std::string& path, std::size_t before, Kept& kept,
                        const ft::Chat& chat, ft::Notes& notes) {
    std::string_view role;
    ft::find_text(content, "role", role);
    std::string json;
    if (role != "user") ft::append_json_string(json, role);
    bool first = true;
    for (std::size_t i = 0; i < before; ++i) first = first && chat.messages[i].role != "tool";
    if (first)
      kept.tool_role = json;
    else if (kept.tool_role != json)
      notes.reshaped(path + "/role", "the answers of a row are written with one role");
    if (before > 0 && chat.messages[before - 1].role == "tool")
      notes.reshaped(path, "answers that follow each other are written as one content");
  }

  static void read_call(dom::element value, const std::string& path, std::string_view role, ft::Message& message,
                        ft::CallOrder& order, ft::Notes& notes) {
    dom::object call;
    dom::element args;
    std::string_view name;
    if (role != "model" || value.get(call) || !ft::find_text(call, "name", name)) {
      notes.refuse("bad_tool_call", path, "only the model calls functions, by their name",
                   "write {\"functionCall\": {\"name\": ..., \"args\": {...}}}");
      return;
    }
    for (const auto& [key, other] : call) {
      if (key != "name" && key != "args" && !other.is_null())
        notes.dropped(path + "/functionCall/" + ft::pointer_token(key), "calls are told apart by their order");
    }
    ft::ToolCall made{order.call(name), std::string(name), "{}"};
    if (ft::find(call, "args", args)) {
      made.arguments = simdjson::minify(args);
      if (!args.is_object())
        notes.refuse("bad_tool_call", path + "/functionCall/args",
                     "it is " + std::string(ft::type_name(args)) + ", not an object",
                     "write the arguments as an object");
    } else {
      notes.reshaped(path + "/functionCall/args", "a call without args is written with {}");
    }
    message.calls.push_back(std::move(made));
  }

  static void read_answer(dom::element value, const std::string& path, ft::Chat& chat, ft::CallOrder& order, Kept& kept,
                          ft::Notes& notes) {
    dom::object answer, response;
    std::string_view name, text;
    if (value.get(answer) || !ft::find_text(answer, "name", name) || answer.at_key("response").get(response)) {
      notes.refuse("bad_tool_call", path, "the answer names no function, or its response is no object",
                   "write {\"functionResponse\": {\"name\": ..., \"response\": {\"content\": ...}}}");
      return;
    }
    for (const auto& [key, other] : answer) {
      if (key != "name" && key != "response" && !other.is_null())
        notes.dropped(path + "/functionResponse/" + ft::pointer_token(key), "answers are told apart by their order");
    }
    ft::Message message;
    message.role = "tool";
    if (response.size() == 1 && ft::find_text(response, "content", text)) {
      message.text = std::string(text);
    } else {
      message.text = simdjson::minify(response);
      kept.objects += (kept.objects.empty() ? "[" : ",") + std::to_string(chat.messages.size());
    }
    if (const auto id = order.answer(name))
      message.fields.add_text("tool_call_id", *id);
    else
      message.fields.add_text("name", name);
    chat.messages.push_back(std::move(message));
  }

  static bool write_parts(ft::Message& message, std::size_t index, ft::WrittenCalls& calls, std::string& out,
                          ft::Notes& notes) {
    const std::string path = "/messages/" + std::to_string(index);
    const std::size_t begin = out.size();
    if (!gemini::append_parts(message, path, out, notes)) return false;
    for (std::size_t i = 0; i < message.calls.size(); ++i) {
      const auto args = ft::arguments_object(message.calls[i], path + "/tool_calls/" + std::to_string(i), notes);
      if (!args) return false;
      if (out.back() != '[') out += ",";
      out += R"({"functionCall":)";
      ft::ObjectWriter call(out);
      call.text("name", message.calls[i].name);
      call.json("args", *args);
      call.end();
      out += "}";
    }
    calls.calls(message, path, info.name, notes);
    const bool blank = message.parts.empty() && message.calls.empty() && ft::is_blank(message.text.value_or(""));
    if (out.size() > begin && !blank) return true;
    notes.refuse("not_carried", path + "/content", "the message is empty, so the record is not written",
                 "write its text, or choose other records");
    return false;
  }

  static bool write_answer(ft::Message& message, std::size_t index, const ft::Own& own, ft::WrittenCalls& calls,
                           std::string& out, ft::Notes& notes) {
    const std::string path = "/messages/" + std::to_string(index);
    const std::string name = calls.answer(message, path, info.name, notes);
    for (const ft::Field& field : message.fields.all()) {
      if (field.key == "name" && ft::WrittenCalls::text_of(field.json) == name) message.fields.take("name");
    }
    const auto text = ft::plain_text(message, path, notes);
    if (name.empty() || !text) {
      notes.refuse("not_carried", path,
                   std::string(name.empty() ? "the answer names no function" : "the answer is no text") +
                       ", so the record is not written",
                   "give it the tool_call_id of its call, and text");
      return false;
    }
    if (out.back() != '[') out += ",";
    out += R"({"functionResponse":)";
    ft::ObjectWriter answer(out);
    answer.text("name", name);
    if (own.lists("objects", index) && text_is_object(*text)) {
      answer.json("response", *text);
    } else {
      answer.json("response", R"({"content":)");
      ft::append_json_string(out, *text);
      out += "}";
    }
    answer.end();
    out += "}";
    return true;
  }

  static bool text_is_object(std::string_view text) {
    dom::parser parser;
    dom::object object;
    return parser.parse(text.data(), text.size(), true).get(object) == simdjson::SUCCESS;
  }
};

}  // namespace

FT_PLUGIN(Gemini)
