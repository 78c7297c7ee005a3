// Reading the fields of tokenizer.json with errors that name the place.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"

namespace fthost::text {

inline constexpr int kMaxNesting = 16;  // of a Sequence in a Sequence

inline Error bad_field(const std::string& what, const std::string& where) {
  return make_error(Code::input, what, where, "the file is damaged or of a newer format");
}
inline Error unsupported_part(const std::string& part, const std::string& where) {
  return make_error(Code::unsupported, part + " is not supported", where,
                    "use a model whose tokenizer is a byte-level BPE or a BPE with byte fallback");
}

// The string at `key`; empty if it is missing, null or something else.
inline std::string string_field(const nlohmann::json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}
inline bool bool_field(const nlohmann::json& json, const char* key, bool otherwise) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}
// The value at `key`, or null.
inline const nlohmann::json& field(const nlohmann::json& json, const char* key) {
  static const nlohmann::json null;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() ? *found : null;
}

}  // namespace fthost::text
