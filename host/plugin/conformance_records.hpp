// The records that formatters are tried with, and what is lost between a record and what was read back. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fthost::plugin::conformance {

// One of each shape that a record may have: chats, tools, preferences, parts, bookkeeping, unknown fields.
std::vector<nlohmann::ordered_json> sample_records();
nlohmann::ordered_json long_record();  // with a message of one megabyte

// The JSON pointer of a place where `back` differs from `record` and that no loss names, or empty. A loss names all
// that is below its path, and the value above it where that changed its shape; a whole message that is lost names all
// of /messages. An id, a source and metadata may be new in `back`; null and absent are equal.
std::string unnamed_difference(const nlohmann::ordered_json& record, const nlohmann::ordered_json& back,
                               const std::vector<nlohmann::ordered_json>& losses);

}  // namespace fthost::plugin::conformance
