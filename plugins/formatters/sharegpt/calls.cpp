// JSON within text, one small document each: calls are walked for the text of their arguments, tools are built.
#include "calls.hpp"

namespace sharegpt {
namespace {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && ft::is_blank(text.substr(text.size() - 1))) text.remove_suffix(1);
  return text;
}

bool is_call(dom::element element) {
  dom::object object;
  std::string_view name;
  return element.get(object) == simdjson::SUCCESS && ft::find_text(object, "name", name) && !name.empty();
}

bool are_calls(std::string_view value) {
  dom::parser parser;
  dom::element element;
  dom::array list;
  if (parser.parse(value.data(), value.size(), true).get(element)) return false;
  if (element.get(list)) return is_call(element);
  for (const dom::element item : list) {
    if (!is_call(item)) return false;
  }
  return list.size() > 0;
}

ft::ToolCall walk_call(ondemand::object object) {
  ft::ToolCall call{"", "", "{}"};
  for (ondemand::field field : object) {
    const std::string key(std::string_view(field.unescaped_key()));
    ondemand::value value = field.value();
    if (key == "name") {
      call.name = std::string_view(value.get_string());
    } else if (key == "arguments" && value.type() == ondemand::json_type::string) {
      call.arguments = std::string_view(value.get_string());
    } else if (key == "arguments") {
      call.arguments = trimmed(std::string_view(simdjson::to_json_string(value)));
    }
  }
  return call;
}

void append_spaced(std::string& out, dom::element element) {
  dom::object object;
  dom::array list;
  if (element.get(object) == simdjson::SUCCESS) {
    out += "{";
    bool first = true;
    for (const auto& [key, value] : object) {
      if (!first) out += ", ";
      first = false;
      ft::append_json_string(out, key);
      out += ": ";
      append_spaced(out, value);
    }
    out += "}";
  } else if (element.get(list) == simdjson::SUCCESS) {
    out += "[";
    bool first = true;
    for (const dom::element item : list) {
      if (!first) out += ", ";
      first = false;
      append_spaced(out, item);
    }
    out += "]";
  } else if (std::string_view text; element.get(text) == simdjson::SUCCESS) {
    ft::append_json_string(out, text);
  } else {
    out += simdjson::minify(element);
  }
}

// {"type": "function", "function": ...} and nothing else: the function.
dom::element bare(dom::element tool) {
  dom::object object;
  dom::element function;
  std::string_view type;
  if (tool.get(object) || object.size() != 2 || !ft::find_text(object, "type", type) || type != "function" ||
      !ft::find(object, "function", function) || !function.is_object())
    return tool;
  return function;
}

}  // namespace

std::optional<std::vector<ft::ToolCall>> parse_calls(std::string_view value) {
  if (!are_calls(value)) return std::nullopt;
  std::vector<ft::ToolCall> calls;
  ft::JsonWalker walker;
  ondemand::document& document = walker.open(value);
  if (document.type() == ondemand::json_type::array) {
    for (ondemand::value item : document.get_array()) calls.push_back(walk_call(item.get_object()));
  } else {
    calls.push_back(walk_call(document.get_object()));
  }
  return calls;
}

std::string render_calls(const std::vector<ft::ToolCall>& calls) {
  std::string out;
  if (calls.size() > 1) out += "[";
  for (const ft::ToolCall& call : calls) {
    if (&call != &calls.front()) out += ", ";
    out += "{\"name\": ";
    ft::append_json_string(out, call.name);
    out += ", \"arguments\": ";
    dom::parser parser;
    dom::object object;
    const std::string_view arguments = call.arguments;
    if (parser.parse(arguments.data(), arguments.size(), true).get(object))
      ft::append_json_string(out, arguments);
    else
      out += arguments;
    out += "}";
  }
  if (calls.size() > 1) out += "]";
  return out;
}

std::optional<std::string> parse_tools(dom::element tools) {
  dom::parser parser;
  std::string_view text;
  if (tools.get(text) == simdjson::SUCCESS) {
    if (ft::is_blank(text)) return std::string();
    if (parser.parse(text.data(), text.size(), true).get(tools)) return std::nullopt;
  }
  dom::array list;
  if (tools.get(list)) return std::nullopt;
  std::string out = "[";
  for (const dom::element tool : list) {
    dom::object object;
    dom::element function;
    if (tool.get(object)) return std::nullopt;
    if (out.size() > 1) out += ",";
    if (ft::find(object, "function", function) && function.is_object())
      out += simdjson::minify(tool);
    else
      out += R"({"type":"function","function":)" + simdjson::minify(tool) + "}";
  }
  return out.size() > 1 ? out + "]" : std::string();
}

std::string render_tools(std::string_view record_tools) {
  dom::parser parser;
  dom::array list;
  std::string out = "[";
  if (parser.parse(record_tools.data(), record_tools.size(), true).get(list)) return {};
  for (const dom::element tool : list) {
    if (!tool.is_object()) return {};
    if (out.size() > 1) out += ", ";
    append_spaced(out, bare(tool));
  }
  return out + "]";
}

}  // namespace sharegpt
