#include "plugin/conformance_records.hpp"

#include <regex>

namespace fthost::plugin::conformance {
namespace {

using Json = nlohmann::ordered_json;

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

bool begins_with(const std::string& path, const std::string& prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// A loss at the path or above it; a whole message that is lost has moved its neighbours.
bool named_above(const std::string& path, const std::vector<Json>& losses) {
  static const std::regex whole_message("(/messages)/[0-9]+");
  for (const Json& loss : losses) {
    const std::string lost = loss["path"].get<std::string>();
    std::smatch found;
    if (begins_with(path, lost)) return true;
    if (std::regex_match(lost, found, whole_message) && begins_with(path, found[1])) return true;
  }
  return false;
}

// Whether a loss names a part of the value at `path` itself, not something within a part.
bool part_named(const std::string& path, const std::vector<Json>& losses) {
  for (const Json& loss : losses) {
    const std::string named = loss["path"].get<std::string>();
    if (begins_with(named, path) && named.find('/', path.size() + 1) == std::string::npos) return true;
  }
  return false;
}

bool may_be_new(const std::string& path) {
  for (const char* known : {"/id", "/source", "/metadata", "/created_at"}) {
    if (begins_with(path, known)) return true;
  }
  return false;
}

std::string token(const std::string& key) {
  std::string made;
  for (const char c : key) made += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return made;
}

std::string difference(const Json& record, const Json& back, const std::string& path, const std::vector<Json>& losses) {
  if (record == back || named_above(path, losses)) return {};
  if (record.is_object() && back.is_object()) {
    for (const auto& [key, value] : record.items()) {
      const std::string below = path + "/" + token(key);
      const Json other = back.contains(key) ? back[key] : Json();
      if (auto found = difference(value, other, below, losses); !found.empty()) return found;
    }
    for (const auto& [key, value] : back.items()) {
      const std::string below = path + "/" + token(key);
      if (!record.contains(key) && !value.is_null() && !may_be_new(below) && !named_above(below, losses)) return below;
    }
    return {};
  }
  if (record.is_array() && back.is_array() && record.size() == back.size()) {
    for (std::size_t i = 0; i < record.size(); ++i) {
      if (auto found = difference(record[i], back[i], path + "/" + std::to_string(i), losses); !found.empty())
        return found;
    }
    return {};
  }
  if (part_named(path, losses)) return {};  // parts that became text, a list that lost an item
  return path.empty() ? "/" : path;
}

}  // namespace

std::vector<Json> sample_records() {
  const Json call{{"id", "call_1"},
                  {"type", "function"},
                  {"function", {{"name", "weather"}, {"arguments", "{\"city\":\"Oslo\",\"days\":1.0}"}}}};
  const Json tool{{"type", "function"},
                  {"function",
                   {{"name", "weather"},
                    {"description", "The weather."},
                    {"parameters", {{"type", "object"}, {"properties", {{"city", {{"type", "string"}}}}}}}}}};
  const Json image{{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,iVBORw0KGgo="}}}};
  Json with_tools{
      {"id", "tools"}, {"messages", Json::array()}, {"tools", Json::array({tool})}, {"parallel_tool_calls", false}};
  with_tools["messages"] =
      Json::array({message("user", "Weather in Oslo?"),
                   Json{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array({call})}},
                   Json{{"role", "tool"}, {"tool_call_id", "call_1"}, {"content", "{\"sky\": \"clear\"}"}},
                   message("assistant", "Clear.")});
  Json thinking = message("assistant", "4");
  thinking["reasoning"] = "2 + 2";
  thinking["weight"] = 1;
  Json named = message("user", "And 2 + 2?");
  named["name"] = "ann";
  Json first = message("assistant", "Hello, 1?");
  first["weight"] = 0;
  return {
      {{"id", "plain"},
       {"messages",
        Json::array({message("system", "Be brief."), message("user", "Hi."), message("assistant", "Hello.")})}},
      {{"id", "two turns"},
       {"messages", Json::array({message("user", "One\n\nTwo \"quoted\" \\ back\tslash"),
                                 message("assistant",
                                         "Gr\xC3\xBC\xC3\x9F"
                                         "e \xF0\x9F\x99\x82 \xE6\x97\xA5\xE6\x9C\xAC"),
                                 message("user", "User:\nSystem:\n### Instruction:\n<|im_end|>"),
                                 message("assistant", "{\"json\": [1, 2]}")})}},
      with_tools,
      {{"id", "kept"},
       {"rating", 9},
       {"ratings", Json::array({{{"by", "ann"}, {"value", 9}}})},
       {"group", "g"},
       {"tags", Json::array({"a", "b"})},
       {"split", "train"},
       {"source", "test"},
       {"metadata", {{"ticket", 12}}},
       {"x_unknown", {{"deep", Json::array({1, 2.5, nullptr})}}},
       {"messages", Json::array({message("system", "S"), message("user", "1 + 1?"), first, named, thinking})}},
      {{"id", "assistant/first"},
       {"messages", Json::array({message("assistant", "How can I help?"), message("user", "Not at all."),
                                 message("assistant", "Well.")})}},
      {{"id", "parts"},
       {"messages", Json::array({message("user", Json::array({{{"type", "text"}, {"text", "What is it?"}}, image})),
                                 message("assistant", "A dot.")})}},
      {{"id", "preference"},
       {"messages", Json::array({message("user", "Name a colour.")})},
       {"chosen", Json::array({message("assistant", "Blue.")})},
       {"rejected", Json::array({message("assistant", "Seven.")})}},
      {{"id", "label"},
       {"messages", Json::array({message("user", "Name a number."), message("assistant", "Seven.")})},
       {"label", true}},
      {{"id", "reference"}, {"messages", Json::array({message("user", "6 x 7?")})}, {"reference", "42"}},
      {{"id", "text alone"}, {"messages", Json::array({message("assistant", "Once upon a time, 1.\n")})}},
  };
}

Json long_record() {
  std::string text;
  while (text.size() < (1u << 20)) text += "All work and no play, number " + std::to_string(text.size()) + ". ";
  text += "End.";
  return {{"id", "long"}, {"messages", Json::array({message("user", "Tell me all."), message("assistant", text)})}};
}

std::string unnamed_difference(const Json& record, const Json& back, const std::vector<Json>& losses) {
  return difference(record, back, "", losses);
}

}  // namespace fthost::plugin::conformance
