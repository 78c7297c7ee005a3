// Configuration against a plugin's JSON Schema (draft 7): defaults filled in, unknown keys refused by name, the rest
// checked by valijson. A schema with a keyword that nobody would check is refused when the plugin is loaded.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.hpp"

namespace fthost::plugin {

using Json = nlohmann::ordered_json;

// Parses and checks the schema itself. `owner` begins each message: `scorer "length"`.
Result<Json> parse_schema(const std::string& text, const std::string& owner);

// The configuration with its defaults, or an Error such as
//   scorer "length": config /target: -3 is less than the minimum 1
// `what` names the thing checked ("config", "fthost.json").
Result<Json> apply_schema(const Json& schema, const Json& given, const std::string& owner,
                          const std::string& what = "config");

// Every string whose schema says "format": "path" becomes what `resolve` makes of it: absolute, and allowed.
Result<void> resolve_paths(const Json& schema, Json& value,
                           const std::function<Result<std::string>(const std::string&)>& resolve);

}  // namespace fthost::plugin
