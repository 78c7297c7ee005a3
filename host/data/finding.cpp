#include "data/finding.hpp"

#include "data/json_text.hpp"

namespace fthost::data {

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "error";
}

std::string to_json(const Finding& finding) {
  std::string json =
      "{\"code\":" + json_string(finding.code) + ",\"severity\":\"" + severity_name(finding.severity) + "\"";
  json += ",\"file\":" + json_string(finding.file) + ",\"line\":" + std::to_string(finding.line);
  json += ",\"path\":" + json_string(finding.path) + ",\"provider\":" + json_string(finding.provider);
  json += ",\"message\":" + json_string(finding.message) + ",\"hint\":" + json_string(finding.hint) +
          ",\"fixable\":" + (finding.fixable ? "true" : "false") + "}";
  return json;
}

}  // namespace fthost::data
