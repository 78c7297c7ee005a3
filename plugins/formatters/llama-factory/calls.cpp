#include "calls.hpp"

namespace llama_factory {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

namespace {

// The arguments stay the text that they are.
void read_call(ondemand::object object, std::vector<ft::ToolCall>& calls) {
  ft::ToolCall call{{}, {}, "{}"};
  bool named = false;
  for (ondemand::field field : object) {
    const std::string key(std::string_view(field.unescaped_key()));
    if (key == "name") {
      call.name = std::string_view(field.value().get_string());
      named = true;
    } else if (key == "arguments") {
      ondemand::value value = field.value();
      if (value.type() == ondemand::json_type::string)
        call.arguments = std::string_view(value.get_string());
      else
        call.arguments = std::string_view(simdjson::to_json_string(value));
    }
  }
  if (!named) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
  calls.push_back(std::move(call));
}

// The function within {"type": "function", "function": {...}}.
bool is_wrapped(dom::object tool, dom::object& function) {
  std::string_view type;
  return tool.size() == 2 && ft::find_text(tool, "type", type) && type == "function" &&
         tool.at_key("function").get(function) == simdjson::SUCCESS;
}

}  // namespace

bool Calls::read(std::string_view value, std::vector<ft::ToolCall>& calls) {
  dom::element checked;
  if (parser_.parse(value.data(), value.size(), true).get(checked)) return false;
  try {
    ondemand::document& document = walker_.open(value);
    if (checked.is_array()) {
      for (ondemand::value item : document.get_array()) read_call(item.get_object(), calls);
    } else {
      read_call(document.get_object(), calls);
    }
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
  return !calls.empty();
}

std::string Calls::text(const std::vector<ft::ToolCall>& calls, const std::string& path, ft::Notes& notes) {
  std::string text = calls.size() > 1 ? "[" : "";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::string where = path + "/tool_calls/" + std::to_string(i) + "/function/arguments";
    std::string arguments = calls[i].arguments;
    dom::element checked;
    if (ft::is_blank(arguments)) {
      arguments = "{}";
      notes.reshaped(where, "no arguments became an object without fields");
    } else if (parser_.parse(arguments).get(checked) || checked.is_string()) {
      notes.refuse("bad_tool_call", where, "the arguments are no JSON", "mend them in the dataset");
    }
    text += i > 0 ? ", {\"name\": " : "{\"name\": ";
    ft::append_json_string(text, calls[i].name);
    text += ", \"arguments\": " + arguments + "}";
  }
  return calls.size() > 1 ? text + "]" : text;
}

bool Calls::read_tools(dom::element tools, std::string& json) {
  std::string_view text;
  dom::array list;
  if (tools.get(text) == simdjson::SUCCESS && parser_.parse(text.data(), text.size(), true).get(tools)) return false;
  if (tools.get(list)) return false;
  json = "[";
  for (const dom::element item : list) {
    dom::object tool;
    dom::element value;
    if (item.get(tool)) return false;
    if (json.size() > 1) json += ",";
    const bool whole = ft::find(tool, "type", value) && value.is_string() && ft::find(tool, "function", value);
    json += whole ? simdjson::minify(item) : "{\"type\":\"function\",\"function\":" + simdjson::minify(item) + "}";
  }
  json += "]";
  return true;
}

std::string Calls::tools_text(const std::string& json) {
  dom::array list;
  if (parser_.parse(json).get(list)) return json;
  std::string text = "[";
  for (const dom::element item : list) {
    dom::object tool, function;
    if (text.size() > 1) text += ",";
    text += item.get(tool) == simdjson::SUCCESS && is_wrapped(tool, function) ? simdjson::minify(function)
                                                                              : simdjson::minify(item);
  }
  return ft::spaced_json(text + "]");
}

}  // namespace llama_factory
