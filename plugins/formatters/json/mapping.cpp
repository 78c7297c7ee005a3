#include "mapping.hpp"

#include <ft/formatter.hpp>

namespace json_rows {
namespace {

std::string token_of(std::string_view text) {
  std::string token;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1');
    token += escaped ? (text[++i] == '0' ? '~' : '/') : text[i];
  }
  return token;
}

std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    std::string_view name = list.substr(begin, end - begin);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

}  // namespace

Place::Place(const std::string& text) {
  if (text.empty()) return;
  if (text[0] != '/') {
    tokens_.push_back(text);
    return;
  }
  for (std::size_t begin = 1;;) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    tokens_.push_back(token_of(std::string_view(text).substr(begin, end - begin)));
    if (end == text.size()) return;
    begin = end + 1;
  }
}

std::string Place::text() const {
  std::string pointer;
  for (const std::string& token : tokens_) pointer += "/" + ft::pointer_token(token);
  return pointer;
}

bool Place::find(simdjson::dom::object row, simdjson::dom::element& value) const {
  simdjson::dom::object object = row;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (i > 0 && value.get(object)) return false;
    if (object.at_key(tokens_[i]).get(value)) return false;
  }
  return !tokens_.empty() && !value.is_null();
}

bool Place::begins_with(const std::vector<std::string>& keys) const {
  return keys.size() <= tokens_.size() && std::equal(keys.begin(), keys.end(), tokens_.begin());
}

Mapping::Mapping(const ft::Config& config) {
  const auto place = [&](const char* name) { return Place(config[name].get<std::string>()); };
  system = place("system");
  prompt = place("prompt");
  completion = place("completion");
  messages = place("messages");
  chosen = place("chosen");
  rejected = place("rejected");
  tools = place("tools");
  role_key = config["role_key"];
  content_key = config["content_key"];
  for (const auto& [name, pointer] : config["fields"].items()) fields.emplace_back(name, Place(pointer));
  for (const char* role : {"system", "user", "assistant", "tool"})
    roles.emplace_back(role, names_of(config[std::string(role) + "_role"].get<std::string>()));
  if (!prompt && !completion && !messages) messages = Place("messages");
}

std::vector<const Place*> Mapping::places() const {
  std::vector<const Place*> all;
  for (const Place* place : {&system, &prompt, &completion, &messages, &chosen, &rejected, &tools}) {
    if (*place) all.push_back(place);
  }
  for (const auto& field : fields) all.push_back(&field.second);
  return all;
}

std::string Mapping::role_of(std::string_view name) const {
  for (const auto& [role, names] : roles) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return role;
  }
  return name == "developer" ? std::string(name) : std::string();
}

std::string Mapping::name_of(std::string_view role) const {
  for (const auto& [known, names] : roles) {
    if (known == role && !names.empty()) return names.front();
  }
  return std::string(role);
}

}  // namespace json_rows
