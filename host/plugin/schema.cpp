#include "plugin/schema.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
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

using Pointer = Json::json_pointer;

// "config /target: ", "/target: " or "".
std::string at(const std::string& what, const Pointer& pointer) {
  const std::string below = pointer.to_string();
  const std::string place = what + (what.empty() || below.empty() ? "" : " ") + below;
  return place.empty() ? "" : place + ": ";
}

// std::regex needs stack for every character that it matches, and a worker's is small.
constexpr std::size_t kPatternLimit = 256;

std::string regex_problem(const std::string& pattern) {
  try {
    const std::regex compiled(pattern);
    return {};
  } catch (const std::regex_error& error) {
    return "\"" + pattern + "\" is no regular expression: " + error.what();
  }
}

// What valijson finds wrong with a schema itself.
std::string shape_problem(const nlohmann::json& schema) {
  try {
    valijson::Schema parsed;
    const valijson::adapters::NlohmannJsonAdapter adapter(schema);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, parsed);
    return {};
  } catch (const std::exception& error) {
    std::string problem = error.what();
    while (problem.ends_with('.')) problem.pop_back();
    return problem;
  }
}

// `reached`: by properties, items and additionalProperties alone, which is where resolve_paths looks.
Result<void> check_schema(const nlohmann::json& schema, const std::string& owner, const std::string& path,
                          bool reached) {
  if (schema.is_boolean()) return {};
  if (!schema.is_object()) return schema_error(owner, path, "is neither an object nor a boolean");
  for (const auto& [key, value] : schema.items()) {
    if (!kKeywords.contains(key)) return schema_error(owner, path, "unknown keyword \"" + key + "\"");
    const std::string below = path + "/" + key;
    if (key == "format") {
      if (value != "path") return schema_error(owner, path, "unknown format " + value.dump());
      if (!reached)
        return schema_error(owner, path, "a format is only seen in properties, items and additionalProperties");
    } else if (key == "properties" || key == "patternProperties") {
      if (!value.is_object()) return schema_error(owner, below, "is not an object");
      for (const auto& [name, child] : value.items()) {
        if (key == "patternProperties") {
          if (const auto problem = regex_problem(name); !problem.empty()) return schema_error(owner, below, problem);
        }
        if (auto done = check_schema(child, owner, below + "/" + name, reached && key == "properties"); !done)
          return done;
      }
    } else if (key == "items" || key == "additionalProperties" || key == "not" || key == "if" || key == "then" ||
               key == "else" || key == "contains" || key == "propertyNames") {
      if (value.is_array()) return schema_error(owner, below, "a list of schemas is not supported");
      const bool here = reached && (key == "items" || key == "additionalProperties");
      if (auto done = check_schema(value, owner, below, here); !done) return done;
    } else if (key == "anyOf" || key == "oneOf" || key == "allOf") {
      if (!value.is_array()) return schema_error(owner, below, "is not a list of schemas");
      for (const auto& child : value) {
        if (auto done = check_schema(child, owner, below, false); !done) return done;
      }
    } else if (key == "pattern" && value.is_string()) {
      if (const auto problem = regex_problem(value.get<std::string>()); !problem.empty())
        return schema_error(owner, below, problem);
    } else if (key == "multipleOf" && !(value.is_number() && value.get<double>() > 0)) {
      return schema_error(owner, below, "is not a number above 0");
    }
  }
  if (const auto problem = shape_problem(schema); !problem.empty()) return schema_error(owner, path, problem);
  return {};
}

// Calls visit(schema, part, key or index) for each part of `value` that has a schema of its own, until one fails.
template <class Value, class Visit>
Result<void> for_each_part(const Json& schema, Value& value, Visit&& visit) {
  if (!schema.is_object()) return {};
  if (const auto items = schema.find("items"); value.is_array() && items != schema.end()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (Result<void> done = visit(*items, value[i], std::to_string(i)); !done) return done;
    }
  }
  if (!value.is_object()) return {};
  const auto properties = schema.find("properties"), others = schema.find("additionalProperties");
  for (auto& [key, part] : value.items()) {
    const bool named = properties != schema.end() && properties->contains(key);
    if (!named && others == schema.end()) continue;
    if (Result<void> done = visit(named ? properties->at(key) : *others, part, key); !done) return done;
  }
  return {};
}

void fill_defaults(const Json& schema, Json& value) {
  if (schema.is_object() && value.is_object() && schema.contains("properties")) {
    for (const auto& [name, child] : schema["properties"].items()) {
      if (child.is_object() && !value.contains(name) && child.contains("default")) value[name] = child["default"];
    }
  }
  for_each_part(schema, value, [](const Json& child, Json& part, const std::string&) -> Result<void> {
    fill_defaults(child, part);
    return {};
  }).value();
}

Result<void> refuse_unknown_keys(const Json& schema, const Json& value, const std::string& owner,
                                 const std::string& what, const Pointer& place) {
  if (schema.is_object() && value.is_object() && schema.contains("properties")) {
    const auto& properties = schema["properties"];
    const auto extra = schema.find("additionalProperties");
    const bool open = schema.contains("patternProperties") ||
                      (extra != schema.end() && !(extra->is_boolean() && !extra->get<bool>()));
    for (const auto& [key, child] : value.items()) {
      if (open || properties.contains(key)) continue;
      std::vector<std::string> names;
      for (const auto& [name, unused] : properties.items()) names.push_back(name);
      std::string hint = names.empty() ? "it takes no options" : "the known ones are";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i ? ", " : " ") + names[i];
      if (const auto near = text::nearest(key, names)) hint = "did you mean \"" + names[*near] + "\"?";
      return make_error(Code::config, at(what, place / key) + "unknown key", owner, hint);
    }
  }
  return for_each_part(schema, value, [&](const Json& child, const Json& part, const std::string& key) {
    return refuse_unknown_keys(child, part, owner, what, place / key);
  });
}

// Fails where a string is longer than a pattern of its schema may be matched with.
Result<void> refuse_long_for_pattern(const Json& schema, const Json& value, const std::string& owner,
                                     const std::string& what, const Pointer& place) {
  if (!schema.is_object()) return {};
  const auto check = [&](const std::string& text, const Pointer& where) -> Result<void> {
    if (text.size() <= kPatternLimit) return {};
    return make_error(
        Code::config,
        at(what, where) + "longer than the " + std::to_string(kPatternLimit) + " bytes that a pattern is matched with",
        owner, "shorten it");
  };
  const auto below = [&](const Json& child, const Json& part, const std::string& key) {
    return refuse_long_for_pattern(child, part, owner, what, place / key);
  };
  if (schema.contains("pattern") && value.is_string()) return check(value.get_ref<const std::string&>(), place);
  for (const auto& [keyword, child] : schema.items()) {
    Result<void> done;
    if (keyword == "anyOf" || keyword == "oneOf" || keyword == "allOf") {
      for (std::size_t i = 0; i < child.size() && done; ++i)
        done = refuse_long_for_pattern(child[i], value, owner, what, place);
    } else if (keyword == "not" || keyword == "if" || keyword == "then" || keyword == "else") {
      done = refuse_long_for_pattern(child, value, owner, what, place);
    } else if (keyword == "contains" && value.is_array()) {
      for (std::size_t i = 0; i < value.size() && done; ++i) done = below(child, value[i], std::to_string(i));
    } else if ((keyword == "patternProperties" || keyword == "propertyNames") && value.is_object()) {
      for (const auto& [key, part] : value.items()) {
        if (done) done = check(key, place);
        if (keyword == "propertyNames") continue;
        for (const auto& [unused, rule] : child.items()) {
          if (done) done = below(rule, part, key);
        }
      }
    }
    if (!done) return done;
  }
  return for_each_part(schema, value, below);
}

// valijson's context is <root>["a"][0]; a JSON pointer says the same.
Pointer pointer_of(const std::string& context) {
  Pointer pointer;
  for (std::size_t i = 0; i < context.size(); ++i) {
    if (context[i] != '[') continue;
    const bool quoted = i + 1 < context.size() && context[i + 1] == '"';
    const std::size_t begin = i + (quoted ? 2 : 1);
    const std::size_t end = context.find(quoted ? "\"]" : "]", begin);
    if (end == std::string::npos) break;
    pointer.push_back(context.substr(begin, end - begin));
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

const Json* schema_at(const Json& schema, Pointer pointer) {
  std::vector<std::string> names;
  for (; !pointer.empty(); pointer.pop_back()) names.push_back(pointer.back());
  const Json* here = &schema;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!here->is_object()) return nullptr;
    if (here->contains("properties") && (*here)["properties"].contains(*name)) {
      here = &(*here)["properties"][*name];
    } else if (here->contains("items")) {
      here = &(*here)["items"];
    } else {
      return nullptr;
    }
  }
  return here;
}

// The sentence for the common keywords; empty where another one has failed.
std::string explain(const Json& schema, const Json& value) {
  const std::string shown = value.dump();
  const auto type_fits = [&](const std::string& type) {
    return (type == "integer" &&
            (value.is_number_integer() ||
             (value.is_number_float() && value.get<double>() == std::trunc(value.get<double>())))) ||
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
  return for_each_part(schema, value, [&](const Json& child, Json& part, const std::string&) -> Result<void> {
    if (child.is_object() && child.contains("format") && part.is_string() &&
        !part.get_ref<const std::string&>().empty()) {
      auto path = resolve(part.get<std::string>());
      if (!path) return path.error();
      part = Json(*path);
      return {};
    }
    return resolve_paths(child, part, resolve);
  });
}

Result<Json> parse_schema(const std::string& text, const std::string& owner) {
  Json schema = Json::parse(text, nullptr, false);
  if (schema.is_discarded()) return schema_error(owner, "", "is not JSON");
  if (!schema.is_object() || !schema.contains("type") || schema["type"] != "object")
    return schema_error(owner, "", "must have \"type\": \"object\"");
  if (auto done = check_schema(nlohmann::json::parse(text), owner, "", true); !done) return done.error();
  return schema;
}

Result<Json> apply_schema(const Json& schema, const Json& given, const std::string& owner, const std::string& what) {
  Json value = given.is_null() ? Json::object() : given;
  if (!value.is_object())
    return make_error(Code::config, at(what, Pointer()) + value.dump() + " is not an object", owner);
  if (auto done = refuse_unknown_keys(schema, value, owner, what, Pointer()); !done) return done.error();
  fill_defaults(schema, value);
  if (auto done = refuse_long_for_pattern(schema, value, owner, what, Pointer()); !done) return done.error();

  const nlohmann::json plain_schema = nlohmann::json::parse(schema.dump());
  const nlohmann::json plain_value = nlohmann::json::parse(value.dump());
  valijson::ValidationResults results;
  try {
    valijson::Schema parsed;
    const valijson::adapters::NlohmannJsonAdapter schema_adapter(plain_schema), target(plain_value);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(schema_adapter, parsed);
    if (valijson::Validator().validate(parsed, target, &results)) return value;
  } catch (const std::exception& error) {
    return make_error(Code::config, at(what, Pointer()) + "cannot be checked: " + error.what(), owner,
                      "the schema's author must mend it");
  }

  // The first error is the outermost; the one with the longest path says it best.
  valijson::ValidationResults::Error error, deepest;
  Pointer where;
  while (results.popError(error)) {
    std::string context;
    for (const auto& part : error.context) context += part;
    if (const Pointer here = pointer_of(context); here.to_string().size() >= where.to_string().size()) {
      where = here;
      deepest = error;
    }
  }
  std::string message;
  const Json* rule = schema_at(schema, where);
  if (rule && rule->is_object() && value.contains(where)) message = explain(*rule, value.at(where));
  if (message.empty()) {
    message = value.contains(where) && !where.empty() ? value.at(where).dump() + ": " : "";
    message += deepest.description;
    while (!message.empty() && message.back() == '.') message.pop_back();
  }
  return make_error(Code::config, at(what, where) + message, owner);
}

}  // namespace fthost::plugin
