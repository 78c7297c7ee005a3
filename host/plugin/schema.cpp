#include "plugin/schema.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "text/distance.hpp"

namespace fthost::plugin {
namespace {

// What valijson checks, plus the annotations that fthost reads.
const std::set<std::string_view> kKeywords = {"type",          "properties",
                                              "required",      "additionalProperties",
                                              "default",       "description",
                                              "title",         "examples",
                                              "enum",          "const",
                                              "minimum",       "maximum",
                                              "multipleOf",    "exclusiveMinimum",
                                              "minLength",     "exclusiveMaximum",
                                              "maxLength",     "pattern",
                                              "items",         "minItems",
                                              "maxItems",      "uniqueItems",
                                              "contains",      "minProperties",
                                              "maxProperties", "anyOf",
                                              "oneOf",         "allOf",
                                              "not",           "if",
                                              "then",          "else",
                                              "propertyNames", "patternProperties",
                                              "$schema",       "$id",
                                              "$comment",      "format"};

Error schema_error(const std::string& owner, const std::string& path, const std::string& message) {
  return make_error(Code::config, "its configuration schema" + (path.empty() ? "" : " at " + path) + ": " + message,
                    owner, "the plugin's author must mend it");
}

// "config /target: ", "/target: " or "".
std::string at(const std::string& what, const std::string& pointer) {
  const std::string place = what + (what.empty() || pointer.empty() ? "" : " ") + pointer;
  return place.empty() ? "" : place + ": ";
}

Result<void> check_keywords(const Json& schema, const std::string& owner, const std::string& path) {
  if (schema.is_boolean()) return {};
  if (!schema.is_object()) return schema_error(owner, path, "is neither an object nor a boolean");
  for (const auto& [key, value] : schema.items()) {
    if (!kKeywords.contains(key)) return schema_error(owner, path, "unknown keyword \"" + key + "\"");
    if (key == "format" && value != "path") return schema_error(owner, path, "unknown format " + value.dump());
    const std::string below = path + "/" + key;
    if (key == "properties" || key == "patternProperties") {
      if (!value.is_object()) return schema_error(owner, below, "is not an object");
      for (const auto& [name, child] : value.items()) {
        if (auto done = check_keywords(child, owner, below + "/" + name); !done) return done;
      }
    } else if (key == "items" || key == "additionalProperties" || key == "not" || key == "if" || key == "then" ||
               key == "else" || key == "contains" || key == "propertyNames") {
      if (value.is_array()) return schema_error(owner, below, "a list of schemas is not supported");
      if (auto done = check_keywords(value, owner, below); !done) return done;
    } else if (key == "anyOf" || key == "oneOf" || key == "allOf") {
      for (const auto& child : value) {
        if (auto done = check_keywords(child, owner, below); !done) return done;
      }
    }
  }
  return {};
}

void fill_defaults(const Json& schema, Json& value) {
  if (!schema.is_object() || !value.is_object() || !schema.contains("properties")) return;
  for (const auto& [name, child] : schema["properties"].items()) {
    if (!child.is_object()) continue;
    if (!value.contains(name) && child.contains("default")) value[name] = child["default"];
    if (value.contains(name)) fill_defaults(child, value[name]);
  }
}

Result<void> refuse_unknown_keys(const Json& schema, const Json& value, const std::string& owner,
                                 const std::string& what, const std::string& path) {
  if (!schema.is_object() || !value.is_object() || !schema.contains("properties")) return {};
  const auto& properties = schema["properties"];
  const auto extra = schema.find("additionalProperties");
  const bool open =
      schema.contains("patternProperties") || (extra != schema.end() && !(extra->is_boolean() && !extra->get<bool>()));
  for (const auto& [key, child] : value.items()) {
    if (properties.contains(key)) {
      if (auto done = refuse_unknown_keys(properties[key], child, owner, what, path + "/" + key); !done) return done;
    } else if (!open) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : properties.items()) names.push_back(name);
      std::string hint = names.empty() ? "it takes no options" : "the known ones are";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i ? ", " : " ") + names[i];
      if (const auto near = text::nearest(key, names)) hint = "did you mean \"" + names[*near] + "\"?";
      return make_error(Code::config, at(what, path + "/" + key) + "unknown key", owner, hint);
    }
  }
  return {};
}

// valijson's context is <root>["a"][0]; a JSON pointer says the same.
std::string pointer_of(const std::string& context) {
  std::string pointer;
  for (std::size_t i = 0; i < context.size(); ++i) {
    if (context[i] != '[') continue;
    const bool quoted = i + 1 < context.size() && context[i + 1] == '"';
    const std::size_t begin = i + (quoted ? 2 : 1);
    const std::size_t end = context.find(quoted ? "\"]" : "]", begin);
    if (end == std::string::npos) break;
    pointer += "/" + context.substr(begin, end - begin);
    i = end;
  }
  return pointer;
}

std::string type_names(const Json& type) {
  if (type.is_string()) return type.get<std::string>();
  std::string names;
  for (const auto& item : type) names += (names.empty() ? "" : " or ") + item.get<std::string>();
  return names;
}

const Json* schema_at(const Json& schema, const std::string& pointer) {
  const Json* here = &schema;
  std::size_t begin = 1;
  while (begin <= pointer.size() && !pointer.empty()) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    const std::string name = pointer.substr(begin, end - begin);
    if (here->contains("properties") && (*here)["properties"].contains(name)) {
      here = &(*here)["properties"][name];
    } else if (here->contains("items")) {
      here = &(*here)["items"];
    } else {
      return nullptr;
    }
    begin = end + 1;
  }
  return here;
}

// The sentence for the common keywords; empty where another one has failed.
std::string explain(const Json& schema, const Json& value) {
  const std::string shown = value.dump();
  const auto type_fits = [&](const std::string& type) {
    return (type == "integer" &&
            (value.is_number_integer() ||
             (value.is_number_float() &&
              value.get<double>() == static_cast<double>(static_cast<long long>(value.get<double>()))))) ||
           (type == "number" && value.is_number()) || (type == "string" && value.is_string()) ||
           (type == "boolean" && value.is_boolean()) || (type == "array" && value.is_array()) ||
           (type == "object" && value.is_object()) || (type == "null" && value.is_null());
  };
  if (schema.contains("type")) {
    const auto& type = schema["type"];
    bool fits = type.is_string() && type_fits(type.get<std::string>());
    if (type.is_array()) {
      for (const auto& item : type) fits = fits || type_fits(item.get<std::string>());
    }
    if (!fits) return shown + " is not of type " + type_names(type);
  }
  if (schema.contains("enum")) {
    std::string choices;
    bool found = false;
    for (const auto& item : schema["enum"]) {
      found = found || item == value;
      choices += (choices.empty() ? "" : ", ") + item.dump();
    }
    if (!found) return shown + " is not one of " + choices;
  }
  if (value.is_number()) {
    const double number = value.get<double>();
    if (schema.contains("minimum") && number < schema["minimum"].get<double>())
      return shown + " is less than the minimum " + schema["minimum"].dump();
    if (schema.contains("maximum") && number > schema["maximum"].get<double>())
      return shown + " is more than the maximum " + schema["maximum"].dump();
    if (schema.contains("exclusiveMinimum") && schema["exclusiveMinimum"].is_number() &&
        number <= schema["exclusiveMinimum"].get<double>())
      return shown + " is not more than " + schema["exclusiveMinimum"].dump();
    if (schema.contains("exclusiveMaximum") && schema["exclusiveMaximum"].is_number() &&
        number >= schema["exclusiveMaximum"].get<double>())
      return shown + " is not less than " + schema["exclusiveMaximum"].dump();
  }
  if (value.is_object() && schema.contains("required")) {
    for (const auto& key : schema["required"]) {
      if (!value.contains(key.get<std::string>())) return "\"" + key.get<std::string>() + "\" is missing";
    }
  }
  return {};
}

}  // namespace

Result<void> resolve_paths(const Json& schema, Json& value,
                           const std::function<Result<std::string>(const std::string&)>& resolve) {
  if (!schema.is_object() || !value.is_object() || !schema.contains("properties")) return {};
  for (const auto& [name, child] : schema["properties"].items()) {
    if (!child.is_object() || !value.contains(name)) continue;
    Json& item = value[name];
    if (child.value("format", "") == "path" && item.is_string() && !item.get<std::string>().empty()) {
      auto path = resolve(item.get<std::string>());
      if (!path) return path.error();
      item = Json(*path);
    } else if (auto done = resolve_paths(child, item, resolve); !done) {
      return done;
    }
  }
  return {};
}

Result<Json> parse_schema(const std::string& text, const std::string& owner) {
  Json schema = Json::parse(text, nullptr, false);
  if (schema.is_discarded()) return schema_error(owner, "", "is not JSON");
  if (!schema.is_object() || schema.value("type", "") != "object")
    return schema_error(owner, "", "must have \"type\": \"object\"");
  if (auto done = check_keywords(schema, owner, ""); !done) return done.error();
  return schema;
}

Result<Json> apply_schema(const Json& schema, const Json& given, const std::string& owner, const std::string& what) {
  Json value = given.is_null() ? Json::object() : given;
  if (!value.is_object()) return make_error(Code::config, at(what, "") + value.dump() + " is not an object", owner);
  if (auto done = refuse_unknown_keys(schema, value, owner, what, ""); !done) return done.error();
  fill_defaults(schema, value);

  const nlohmann::json plain_schema = nlohmann::json::parse(schema.dump());
  const nlohmann::json plain_value = nlohmann::json::parse(value.dump());
  valijson::Schema parsed;
  valijson::adapters::NlohmannJsonAdapter schema_adapter(plain_schema);
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(schema_adapter, parsed);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target(plain_value);
  if (validator.validate(parsed, target, &results)) return value;

  // The first error is the outermost; the one with the longest path says it best.
  valijson::ValidationResults::Error error, deepest;
  std::string pointer;
  while (results.popError(error)) {
    std::string context;
    for (const auto& part : error.context) context += part;
    if (const std::string at = pointer_of(context); at.size() >= pointer.size()) {
      pointer = at;
      deepest = error;
    }
  }
  std::string message;
  const Json::json_pointer where(pointer);
  const Json* rule = schema_at(schema, pointer);
  if (rule && value.contains(where)) message = explain(*rule, value.at(where));
  if (message.empty()) {
    message = value.contains(where) && !pointer.empty() ? value.at(where).dump() + ": " : "";
    message += deepest.description;
    while (!message.empty() && message.back() == '.') message.pop_back();
  }
  return make_error(Code::config, at(what, pointer) + message, owner);
}

}  // namespace fthost::plugin
