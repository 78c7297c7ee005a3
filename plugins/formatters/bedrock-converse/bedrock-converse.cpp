// bedrock-converse: {"schemaVersion": "bedrock-conversation-2024", "system"?: [{"text"}], "messages": [{"role",
// "content":
// [{"text"}, ...]}], "toolConfig"?}. Answers of tools and what the user says behind them are one message there.
#include <ft/chat_own.hpp>

#include "blocks.hpp"
#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr std::string_view kVersion = "bedrock-conversation-2024";

class BedrockConverse : public ft::ChatFormatter<BedrockConverse> {
 public:
  static constexpr ft::Info info{.name = "bedrock-converse",
                                 .version = "1.0.0",
                                 .summary = "Converse rows for Nova and distillation on Bedrock",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = bedrock_converse::kRules};

  explicit BedrockConverse(const ft::Config&) {}

  static double recognise(dom::object row) {
    std::string_view version;
    dom::array messages;
    if (row.at_key("messages").get(messages)) return 0;
    return ft::find_text(row, "schemaVersion", version) && version.starts_with("bedrock-conver") ? 0.95 : 0;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    dom::element value;
    std::string_view version;
    if (!ft::find(row, "schemaVersion", value))
      notes.reshaped("/schemaVersion", "the row had none, and is written with one");
    else if (value.get(version) || !version.starts_with("bedrock-conver"))
      notes.refuse("bad_version", "/schemaVersion", "it is not bedrock-conversation-2024",
                   "write \"bedrock-conversation-2024\"; if it is another format, name it with --format");
    else if (version != kVersion)
      notes.reshaped("/schemaVersion", "it is written as bedrock-conversation-2024");
    if (ft::find(row, "system", value)) read_system(value, chat, notes);
    dom::array messages;
    if (row.at_key("messages").get(messages)) {
      notes.refuse("no_messages", "/messages", "the row has no list of messages",
                   "write [{\"role\": \"user\", \"content\": [{\"text\": ...}]}, ...]");
      return;
    }
    if (messages.size() == 0)
      notes.refuse("no_messages", "/messages", "the list of messages is empty", "fill it, or remove the row");
    std::string json;
    std::string_view before;
    std::size_t index = 0;
    for (const dom::element item : messages) {
      const std::string path = "/messages/" + std::to_string(index++);
      dom::object message;
      dom::array content;
      std::string_view role;
      if (item.get(message) || !ft::find_text(message, "role", role)) {
        notes.refuse("bad_message", path, "the message is no object with a role",
                     "write {\"role\": \"user\", \"content\": [{\"text\": ...}]}");
      } else if (role != "user" && role != "assistant") {
        notes.refuse(
            "unknown_role", path + "/role", "\"" + std::string(role) + "\" is no role of this format",
            role == "system" ? "write \"system\": [{\"text\": ...}] beside \"messages\"" : "write user or assistant");
      } else if (message.at_key("content").get(content) || content.size() == 0) {
        notes.refuse("no_content", path + "/content", "the message has no list of content",
                     "write [{\"text\": ...}], or remove the row");
      } else {
        if (role == before) notes.reshaped(path, "neighbours of one role are written as one message");
        before = role;
        read_message(role, message, content, path, chat, json, notes);
      }
    }
    ft::keep_rest(row, {"schemaVersion", "system", "messages", "toolConfig"}, "", chat.fields, notes);
    if (ft::find(row, "toolConfig", value)) {
      const auto tools = converse::read_tools(value, notes);
      if (!tools)
        notes.refuse("bad_tools", "/toolConfig", "it has no list of toolSpec with names",
                     "write {\"tools\": [{\"toolSpec\": {\"name\": ..., \"inputSchema\": {\"json\": {...}}}}]}");
      else if (!tools->empty())
        chat.fields.add("tools", *tools);
    }
    if (!json.empty() && !ft::keep_own(chat.fields, info.name, "{\"json\":" + json + "]}"))
      notes.reshaped("/messages", "results that are JSON are written as text: the row's metadata has no room for more");
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    const ft::Own own(chat.fields, info.name);
    ft::ObjectWriter row(out);
    row.text("schemaVersion", kVersion);
    std::size_t first = 0;
    if (!chat.messages.empty() && (chat.messages[0].role == "system" || chat.messages[0].role == "developer")) {
      if (chat.messages[0].role == "developer")
        notes.reshaped("/messages/0/role", "the developer message became the system prompt");
      row.json("system", "[");
      if (!converse::append_blocks(chat.messages[0], "/messages/0", out, notes)) return;
      out += "]";
      first = 1;
    }
    if (chat.messages.size() == first) {
      notes.refuse("no_messages", "/messages", "the record says nothing, so it is not written",
                   "choose the records that have messages, or another format");
      return;
    }
    row.json("messages", "[");
    std::string_view open;  // the role of the message that is being written
    bool after_tools = false;
    for (std::size_t i = first; i < chat.messages.size(); ++i) {
      ft::Message& message = chat.messages[i];
      const std::string path = "/messages/" + std::to_string(i);
      const std::string_view role = message.role == "tool" ? "user" : std::string_view(message.role);
      if (role != "user" && role != "assistant") {
        notes.refuse("not_carried", path + "/role",
                     "bedrock-converse has no message of \"" + message.role + "\" here, so the record is not written",
                     "choose other records, or another format");
        return;
      }
      if (role != open) {
        if (!open.empty()) out += "]},";
        out += R"({"role":")" + std::string(role) + R"(","content":[)";
        open = role;
      } else if (message.role != "tool" && !after_tools) {
        notes.reshaped(path, "joined with the message of the same role before it");
      } else if (message.role == "tool" && !after_tools) {
        notes.reshaped(path, "joined with the user's message before it");
      }
      after_tools = message.role == "tool";
      const std::size_t begin = out.size();
      if (!(after_tools ? write_result(message, i, path, own, out, notes) : write_message(message, path, out, notes)))
        return;
      if (out.size() == begin || is_blank(message)) {
        notes.refuse("not_carried", path + "/content", "the message is empty, so the record is not written",
                     "write its text, or choose other records");
        return;
      }
    }
    out += open.empty() ? "]" : "]}]";
    if (const std::string* tools = chat.fields.take("tools")) {
      const auto config = converse::write_tools(*tools, notes);
      if (!config || config->empty())
        notes.dropped("/tools", "it is no list of functions with names, or an empty one");
      else
        row.json("toolConfig", *config);
    }
    row.end();
  }

 private:
  static void read_system(dom::element value, ft::Chat& chat, ft::Notes& notes) {
    dom::array blocks;
    ft::ContentBuilder content;
    std::size_t index = 0;
    if (value.get(blocks)) {
      notes.refuse("bad_content", "/system", "it is " + std::string(ft::type_name(value)) + ", not a list",
                   "write [{\"text\": ...}]");
      return;
    }
    for (const dom::element item : blocks) {
      const std::string path = "/system/" + std::to_string(index++);
      dom::object block;
      std::string_view text;
      if (item.get(block) == simdjson::SUCCESS && block.size() == 1 && ft::find_text(block, "text", text))
        content.text(text);
      else
        notes.dropped(path, "the system prompt of a record is text");
    }
    if (content.empty()) return;
    ft::Message message;
    message.role = "system";
    content.move_to(message);
    chat.messages.push_back(std::move(message));
  }

  static void read_message(std::string_view role, dom::object object, dom::array blocks, const std::string& path,
                           ft::Chat& chat, std::string& json, ft::Notes& notes) {
    ft::Message message;
    message.role = role;
    ft::ContentBuilder content;
    std::size_t index = 0;
    for (const dom::element item : blocks) {
      const std::string at = path + "/content/" + std::to_string(index++);
      dom::object block, inner, reasoning;
      std::string_view text;
      if (item.get(block)) {
        notes.refuse("bad_content", at, "the block is no object", "write {\"text\": ...}");
      } else if (ft::find_text(block, "text", text)) {
        name_others(block, "text", at, notes);
        if (!message.calls.empty()) notes.reshaped(at, "text behind a call is written before it");
        content.text(text);
      } else if (block.at_key("toolUse").get(inner) == simdjson::SUCCESS) {
        name_others(block, "toolUse", at, notes);
        read_call(inner, at, message, notes);
      } else if (block.at_key("toolResult").get(inner) == simdjson::SUCCESS) {
        name_others(block, "toolResult", at, notes);
        if (!content.empty()) notes.reshaped(at, "what is said before an answer of a tool is written behind it");
        read_result(inner, at, chat, json, notes);
      } else if (block.at_key("reasoningContent").get(inner) == simdjson::SUCCESS &&
                 inner.at_key("reasoningText").get(reasoning) == simdjson::SUCCESS &&
                 ft::find_text(reasoning, "text", text) && !message.fields.has("reasoning")) {
        name_others(block, "reasoningContent", at, notes);
        name_others(inner, "reasoningText", at + "/reasoningContent", notes);
        if (!content.empty()) notes.reshaped(at, "reasoning is written before what is said");
        if (reasoning.size() > 1)
          notes.dropped(at + "/reasoningContent/reasoningText/signature", "a record has no place for it");
        message.fields.add_text("reasoning", text);
      } else if (!is_media(block)) {
        notes.refuse("bad_content", at, "the block is none that this format has", "write {\"text\": ...}");
      } else {
        converse::add_block(content, block);
      }
    }
    ft::keep_rest(object, {"role", "content"}, path, message.fields, notes);
    const bool results_alone = content.empty() && message.calls.empty() && message.fields.all().empty();
    if (results_alone && role == "user" && !chat.messages.empty() && chat.messages.back().role == "tool") return;
    content.move_to(message);
    if (message.parts.empty() && message.calls.empty() && ft::is_blank(message.text.value_or("")))
      notes.refuse("empty_content", path + "/content", "it is empty", "write its text, or remove the row");
    chat.messages.push_back(std::move(message));
  }

  static void name_others(dom::object object, std::string_view but, const std::string& path, ft::Notes& notes) {
    for (const auto& [key, value] : object) {
      if (key != but && !value.is_null())
        notes.dropped(path + "/" + ft::pointer_token(key), "a record has no place for it");
    }
  }
  // One key, whose value is an object.
  static bool is_media(dom::object block) {
    return block.size() == 1 && (*block.begin()).value.is_object() && (*block.begin()).key != "toolUse" &&
           (*block.begin()).key != "toolResult" && (*block.begin()).key != "type";
  }
  static bool is_blank(const ft::Message& message) {
    return message.role != "tool" && message.parts.empty() && message.calls.empty() &&
           ft::is_blank(message.text.value_or(""));
  }

  static void read_call(dom::object use, const std::string& path, ft::Message& message, ft::Notes& notes) {
    ft::ToolCall call{"", "", "{}"};
    std::string_view id, name;
    dom::element input;
    if (message.role != "assistant" || !ft::find_text(use, "toolUseId", id) || !ft::find_text(use, "name", name)) {
      notes.refuse("bad_tool_call", path, "only the assistant calls tools, with a toolUseId and a name",
                   "write {\"toolUse\": {\"toolUseId\": ..., \"name\": ..., \"input\": {...}}}");
      return;
    }
    call.id = id;
    call.name = name;
    for (const auto& [key, value] : use) {
      if (key != "toolUseId" && key != "name" && key != "input" && !value.is_null())
        notes.dropped(path + "/toolUse/" + ft::pointer_token(key), "a record has no place for it");
    }
    if (!ft::find(use, "input", input)) {
      notes.reshaped(path + "/toolUse/input", "a call without input is written with {}");
    } else if (!input.is_object()) {
      notes.refuse("bad_tool_call", path + "/toolUse/input",
                   "it is " + std::string(ft::type_name(input)) + ", not an object",
                   "write the arguments as an object");
    } else {
      call.arguments = simdjson::minify(input);
    }
    message.calls.push_back(std::move(call));
  }

  static void read_result(dom::object result, const std::string& path, ft::Chat& chat, std::string& json,
                          ft::Notes& notes) {
    std::string_view id, text;
    dom::array blocks;
    if (!ft::find_text(result, "toolUseId", id) || result.at_key("content").get(blocks)) {
      notes.refuse("bad_tool_call", path, "the answer of a tool has no toolUseId or no list of content",
                   "write {\"toolResult\": {\"toolUseId\": ..., \"content\": [{\"text\": ...}]}}");
      return;
    }
    ft::Message message;
    message.role = "tool";
    message.fields.add_text("tool_call_id", id);
    ft::ContentBuilder content;
    for (const dom::element item : blocks) {
      dom::object block;
      dom::element value;
      if (item.get(block)) {
        notes.refuse("bad_content", path, "a block is no object", "write {\"text\": ...}");
      } else if (blocks.size() == 1 && ft::find(block, "json", value)) {
        name_others(block, "json", path + "/toolResult/content", notes);
        content.text(std::string(simdjson::minify(value)));
        json += (json.empty() ? "[" : ",") + std::to_string(chat.messages.size());
      } else if (ft::find_text(block, "text", text)) {
        name_others(block, "text", path + "/toolResult/content", notes);
        content.text(text);
      } else if (!is_media(block)) {
        notes.refuse("bad_content", path, "a block is none that this format has", "write {\"text\": ...}");
      } else {
        converse::add_block(content, block);
      }
    }
    content.move_to(message);
    ft::keep_rest(result, {"toolUseId", "content"}, path + "/toolResult", message.fields, notes);
    chat.messages.push_back(std::move(message));
  }

  static bool write_message(ft::Message& message, const std::string& path, std::string& out, ft::Notes& notes) {
    const auto begin_block = [&] {
      if (out.back() != '[') out += ",";
    };
    if (const std::string* reasoning = message.role == "assistant" ? message.fields.take("reasoning") : nullptr) {
      begin_block();
      out += R"({"reasoningContent":{"reasoningText":{"text":)" + *reasoning + "}}}";
    }
    if (!converse::append_blocks(message, path, out, notes)) return false;
    for (std::size_t i = 0; i < message.calls.size(); ++i) {
      const ft::ToolCall& call = message.calls[i];
      const auto input = ft::arguments_object(call, path + "/tool_calls/" + std::to_string(i), notes);
      if (!input) return false;
      begin_block();
      out += R"({"toolUse":)";
      ft::ObjectWriter use(out);
      use.text("toolUseId", call.id);
      use.text("name", call.name);
      use.json("input", *input);
      use.end();
      out += "}";
    }
    return true;
  }

  static bool write_result(ft::Message& message, std::size_t index, const std::string& path, const ft::Own& own,
                           std::string& out, ft::Notes& notes) {
    const std::string* id = message.fields.take("tool_call_id");
    if (!id || !id->starts_with('"')) {
      notes.refuse("not_carried", path, "the answer names no call, so the record is not written",
                   "give it the tool_call_id of its call");
      return false;
    }
    if (out.back() != '[') out += ",";
    out += R"({"toolResult":)";
    ft::ObjectWriter result(out);
    result.json("toolUseId", *id);
    result.json("content", "[");
    if (own.lists("json", index) && message.text && text_is_json(*message.text))
      out += "{\"json\":" + *message.text + "}";
    else if (message.parts.empty() && message.text.value_or("").empty())
      out += R"({"text":""})";
    else if (!converse::append_blocks(message, path, out, notes))
      return false;
    out += "]";
    if (const std::string* status = message.fields.take("status")) result.json("status", *status);
    result.end();
    out += "}";
    return true;
  }

  static bool text_is_json(std::string_view text) {
    dom::parser parser;
    return parser.parse(text.data(), text.size(), true).error() == simdjson::SUCCESS;
  }
};

}  // namespace

FT_PLUGIN(BedrockConverse)
