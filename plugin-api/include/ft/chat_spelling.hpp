// How a row was spelled, for formats that have several spellings of one thing: what the record alone does not say is
// kept with it, so that writing the format again gives the same row.
#pragma once

#include <ft/chat.hpp>

namespace ft {

// JSON without spaces as Python's json.dumps writes it: one behind each ':' and ','.
inline std::string spaced_json(std::string_view compact) {
  std::string spaced;
  bool quoted = false, escaped = false;
  for (const char c : compact) {
    spaced += c;
    if (quoted) {
      quoted = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      quoted = true;
    } else if (c == ':' || c == ',') {
      spaced += ' ';
    }
  }
  return spaced;
}

// How a row was spelled, where the record alone does not say it: kept as metadata.<format>, so that writing the format
// again gives the same row. `json` is an object; an empty one is not kept.
inline void keep_spelling(Fields& fields, std::string_view format, std::string_view json, Notes& notes) {
  if (json == "{}") return;
  std::string own;
  append_json_string(own, format);
  own += ":";
  const std::string* metadata = fields.get("metadata");
  if (!metadata || *metadata == "{}") {
    fields.set("metadata", "{" + own + std::string(json) + "}");
  } else if (metadata->starts_with('{') && metadata->find(own) == std::string::npos) {
    fields.set("metadata", metadata->substr(0, metadata->size() - 1) + "," + own + std::string(json) + "}");
  } else {
    notes.reshaped("/metadata", "it has no place for how the row was spelled, so that is not kept");
  }
}

// What keep_spelling kept: false where there is none. `spelling` lives until the parser's next use. Metadata that holds
// nothing else counts as placed.
inline bool take_spelling(Fields& fields, std::string_view format, simdjson::dom::parser& parser,
                          simdjson::dom::object& spelling) {
  simdjson::dom::object metadata;
  const std::string* json = fields.get("metadata");
  if (!json || json->find(format) == std::string::npos || parser.parse(*json).get(metadata) ||
      metadata.at_key(format).get(spelling))
    return false;
  if (metadata.size() == 1) fields.take("metadata");
  return true;
}

}  // namespace ft
