// Checks rows and reshapes older spellings: `functions` to `tools`, `function_call` to `tool_calls`, role "function"
// to "tool", arguments that are an object to the JSON string that the format has. A row that needs none of it is
// passed on as it stands, byte for byte.
#include "decode.hpp"

#include <algorithm>
#include <array>

namespace openai_chat {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};

std::string_view type_name(dom::element element) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return "a list";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::STRING:
      return "text";
    case dom::element_type::BOOL:
      return "a boolean";
    case dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// The value of a key, or false where it is absent or null.
bool find(dom::object object, std::string_view key, dom::element& value) {
  return object.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}

bool find_text(dom::object object, std::string_view key, std::string_view& text) {
  dom::element value;
  return find(object, key, value) && value.get(text) == simdjson::SUCCESS;
}

class RowCheck {
 public:
  RowCheck(const ft::Call& call, std::uint64_t number) : call_(call), number_(number) {}

  bool legacy() const { return legacy_; }

  // False where the row was refused.
  bool row(dom::object object) {
    dom::element value;
    dom::array messages;
    if (!find(object, "messages", value)) {
      refuse("no_messages", "/messages", "the row has no messages",
             "it must be {\"messages\": [...]}; if it is another format, name it with --format");
    } else if (value.get(messages)) {
      refuse("no_messages", "/messages", "messages is " + std::string(type_name(value)) + ", not a list",
             "write [{\"role\": ..., \"content\": ...}, ...]");
    } else if (messages.begin() == messages.end()) {
      refuse("no_messages", "/messages", "the list of messages is empty", "remove the row or fill it");
    } else {
      std::size_t index = 0;
      for (dom::element message : messages) check_message(message, "/messages/" + std::to_string(index++));
    }
    check_functions(object, "tools", false);
    check_functions(object, "functions", true);
    return good_;
  }

 private:
  void refuse(std::string_view code, const std::string& path, const std::string& message, std::string_view hint) {
    call_.finding(number_, code, "error", path, message, hint);
    good_ = false;
  }

  void check_functions(dom::object row, std::string_view key, bool old_spelling) {
    dom::element list;
    dom::array tools;
    if (!find(row, key, list)) return;
    if (list.get(tools)) {
      refuse("bad_tools", "/" + std::string(key),
             std::string(key) + " is " + std::string(type_name(list)) + ", not a list", "write a list of functions");
      return;
    }
    std::size_t index = 0;
    for (dom::element item : tools) {
      const std::string path = "/" + std::string(key) + "/" + std::to_string(index++);
      dom::object tool;
      if (item.get(tool))
        refuse("bad_tools", path, "a tool is " + std::string(type_name(item)) + ", not an object", "write an object");
    }
    legacy_ = legacy_ || old_spelling;
  }

  void check_message(dom::element element, const std::string& path) {
    dom::object message;
    if (element.get(message)) {
      refuse("bad_message", path, "the message is " + std::string(type_name(element)) + ", not an object",
             "write {\"role\": ..., \"content\": ...}");
      return;
    }
    std::string_view role;
    if (!find_text(message, "role", role)) {
      refuse("unknown_role", path + "/role", "the message has no role",
             "add \"role\": \"user\", \"assistant\" or \"system\"");
    } else if (role == "function") {
      legacy_ = true;
      if (!called_function_) {
        refuse("unmatched_tool", path, "an answer of a function that no message before it has called",
               "add the assistant's function_call before it");
      }
    } else if (!is_role(role)) {
      std::string hint = "use system, developer, user, assistant or tool";
      if (role == "human") hint = "write \"user\"";
      if (role == "gpt" || role == "bot" || role == "model" || role == "ai") hint = "write \"assistant\"";
      refuse("unknown_role", path + "/role", "\"" + std::string(role) + "\" is no role of this format", hint);
    }
    dom::element calls;
    const bool tool_calls = find(message, "tool_calls", calls);
    if (tool_calls) check_tool_calls(calls, path + "/tool_calls");
    const bool function_call = find(message, "function_call", calls);
    if (function_call) {
      legacy_ = called_function_ = true;
      check_function(calls, path + "/function_call", false);
      if (tool_calls) {
        refuse("bad_tool_call", path + "/function_call", "the message has function_call and tool_calls",
               "keep tool_calls");
      }
    }
    // An assistant may refuse, or have spoken, in place of content.
    std::string_view refusal;
    dom::element audio;
    const bool otherwise = (find_text(message, "refusal", refusal) && !refusal.empty()) ||
                           (find(message, "audio", audio) && audio.is_object());
    check_content(message, path + "/content", role == "assistant" && (tool_calls || function_call || otherwise));
  }

  void check_content(dom::object message, const std::string& path, bool optional) {
    dom::element content;
    if (!find(message, "content", content)) {
      if (!optional) refuse("no_content", path, "the message has no content", "write its text, or remove the message");
      return;
    }
    if (content.is_string()) {
      if (!optional && blank(content.get_string().value())) {
        refuse("empty_content", path, "the message is empty", "write its text, or remove the row");
      }
      return;
    }
    dom::array parts;
    if (content.get(parts)) {
      refuse("bad_content", path, "content is " + std::string(type_name(content)),
             "it must be text or a list of parts");
      return;
    }
    if (parts.begin() == parts.end() && !optional) {
      refuse("empty_content", path, "the list of parts is empty", "write its text, or remove the row");
    }
    std::size_t index = 0;
    for (dom::element item : parts) {
      dom::object part;
      std::string_view type, text;
      const std::string where = path + "/" + std::to_string(index++);
      if (item.get(part) || !find_text(part, "type", type)) {
        refuse("bad_content", where, "the part has no type", "write {\"type\": \"text\", \"text\": ...}");
      } else if (type == "text" && !find_text(part, "text", text)) {
        refuse("bad_content", where + "/text", "the part has no text", "write {\"type\": \"text\", \"text\": ...}");
      }
    }
  }

  void check_tool_calls(dom::element element, const std::string& path) {
    dom::array calls;
    if (element.get(calls)) {
      refuse("bad_tool_call", path, "tool_calls is " + std::string(type_name(element)) + ", not a list",
             "write a list of calls");
      return;
    }
    std::size_t index = 0;
    for (dom::element item : calls) {
      const std::string where = path + "/" + std::to_string(index++);
      dom::object tool_call;
      dom::element function;
      if (item.get(tool_call) || !find(tool_call, "function", function)) {
        refuse("bad_tool_call", where, "the call names no function",
               "write {\"id\": ..., \"type\": \"function\", \"function\": {\"name\": ..., \"arguments\": \"...\"}}");
      } else {
        check_function(function, where + "/function", true);
      }
    }
  }

  void check_function(dom::element element, const std::string& path, bool object_is_old) {
    dom::object function;
    std::string_view name;
    dom::element arguments;
    if (element.get(function) || !find_text(function, "name", name)) {
      refuse("bad_tool_call", path, "the call names no function", "write {\"name\": ..., \"arguments\": \"...\"}");
    } else if (find(function, "arguments", arguments) && !arguments.is_string()) {
      if (arguments.is_object()) {
        legacy_ = legacy_ || object_is_old;
      } else {
        refuse("bad_tool_call", path + "/arguments", "arguments is " + std::string(type_name(arguments)),
               "it must be a string that holds a JSON object");
      }
    }
  }

  const ft::Call& call_;
  std::uint64_t number_;
  bool good_ = true, legacy_ = false, called_function_ = false;
};

// Writes a checked row in today's spelling and reports each place as reshaped.
class Reshape {
 public:
  Reshape(const ft::Call& call, std::uint64_t number) : call_(call), number_(number) {}

  std::string row(dom::object object) {
    begin_object();
    for (const auto& [key, value] : object) {
      if (key == "messages") {
        name("messages");
        write_messages(value.get_array().value());
      } else if (key == "functions" && !value.is_null() && !has_tools(object)) {
        name("tools");
        write_functions(value.get_array().value());
        call_.loss(number_, "/functions", "reshaped", "functions became tools");
      } else if (key == "functions" && !value.is_null()) {
        call_.loss(number_, "/functions", "dropped", "the row has tools as well");
      } else {
        copy(key, value);
      }
    }
    end_object();
    return std::move(out_);
  }

 private:
  static bool has_tools(dom::object object) {
    dom::element tools;
    return find(object, "tools", tools);
  }
  void begin_object() {
    out_.push_back('{');
    first_ = true;
  }
  void end_object() {
    out_.push_back('}');
    first_ = false;
  }
  void name(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    ft::append_json_string(out_, key);
    out_.push_back(':');
  }
  void copy(std::string_view key, dom::element value) {
    name(key);
    out_ += simdjson::minify(value);
  }
  void text(std::string_view key, std::string_view value) {
    name(key);
    ft::append_json_string(out_, value);
  }

  void write_functions(dom::array functions) {
    out_.push_back('[');
    bool first = true;
    for (dom::element function : functions) {
      if (!first) out_.push_back(',');
      first = false;
      out_ += R"({"type":"function","function":)" + simdjson::minify(function) + "}";
    }
    out_.push_back(']');
  }

  void write_messages(dom::array messages) {
    out_.push_back('[');
    std::size_t index = 0;
    for (dom::element message : messages) {
      if (index > 0) out_.push_back(',');
      write_message(message.get_object().value(), "/messages/" + std::to_string(index++));
    }
    out_.push_back(']');
  }

  void write_message(dom::object message, const std::string& path) {
    begin_object();
    for (const auto& [key, value] : message) {
      std::string_view role;
      if (key == "role" && value.get(role) == simdjson::SUCCESS && role == "function") {
        text("role", "tool");
        text("tool_call_id", "call_" + std::to_string(calls_));
        call_.loss(number_, path + "/role", "reshaped", "role \"function\" became \"tool\"");
      } else if (key == "function_call" && !value.is_null()) {
        name("tool_calls");
        out_.push_back('[');
        begin_object();
        text("id", "call_" + std::to_string(++calls_));
        text("type", "function");
        name("function");
        write_function(value.get_object().value());
        end_object();
        out_.push_back(']');
        call_.loss(number_, path + "/function_call", "reshaped", "function_call became tool_calls");
      } else if (key == "tool_calls" && !value.is_null()) {
        name("tool_calls");
        write_tool_calls(value.get_array().value(), path + "/tool_calls");
      } else {
        copy(key, value);
      }
    }
    end_object();
  }

  void write_tool_calls(dom::array calls, const std::string& path) {
    out_.push_back('[');
    std::size_t index = 0;
    for (dom::element item : calls) {
      if (index > 0) out_.push_back(',');
      begin_object();
      const dom::object tool_call = item.get_object();
      for (const auto& [key, value] : tool_call) {
        if (key != "function") {
          copy(key, value);
          continue;
        }
        name(key);
        if (write_function(value.get_object().value())) {
          call_.loss(number_, path + "/" + std::to_string(index) + "/function/arguments", "reshaped",
                     "the object became the JSON string that the format has");
        }
      }
      end_object();
      ++index;
    }
    out_.push_back(']');
  }

  // True where arguments were an object.
  bool write_function(dom::object function) {
    bool reshaped = false;
    begin_object();
    for (const auto& [key, value] : function) {
      if (key == "arguments" && value.is_object()) {
        text(key, simdjson::minify(value));
        reshaped = true;
      } else {
        copy(key, value);
      }
    }
    end_object();
    return reshaped;
  }

  const ft::Call& call_;
  std::uint64_t number_;
  std::string out_;
  bool first_ = true;
  std::size_t calls_ = 0;  // function calls so far: their ids
};

}  // namespace

bool is_role(std::string_view role) { return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end(); }

bool begins_with_messages(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] != '{') return false;
  std::size_t depth = 0;
  for (std::size_t at = first; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return false;
    if (c != '"') continue;
    const std::size_t begin = ++at;
    while (at < line.size() && line[at] != '"') at += line[at] == '\\' ? 2 : 1;
    if (at >= line.size()) return false;
    const std::size_t next = line.find_first_not_of(" \t", at + 1);
    const bool is_key = next != std::string_view::npos && line[next] == ':';
    if (depth == 1 && is_key && line.substr(begin, at - begin) == "messages") return true;
  }
  return false;
}

void decode_row(const ft::Call& call, std::uint64_t number, std::string_view line, dom::object row) {
  RowCheck check(call, number);
  if (!check.row(row)) return;
  if (check.legacy()) {
    call.record(number, Reshape(call, number).row(row));
  } else {
    const std::size_t begin = line.find('{');
    call.record(number, line.substr(begin, line.rfind('}') + 1 - begin));
  }
}

}  // namespace openai_chat
