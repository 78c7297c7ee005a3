// What Vertex takes for preference tuning, as a table that the host checks in its one pass over a file: contents that
// end with the user's, two completions with the scores 1 and 0, text alone.
#pragma once

namespace gemini_preference {

inline constexpr const char* kRules = R"([
  {"code": "no_contents", "severity": "error", "any_of": ["contents"],
   "message": "the row has no contents", "hint": "a row is {\"contents\": [...], \"completions\": [...]}"},
  {"code": "last_not_user", "severity": "error", "when": {"/completions": {"present": true}}, "field": "/contents", "last": ["user"],
   "message": "the last content is of {value}, and the completions answer the user", "hint": "end with the user's"},
  {"code": "unknown_role", "severity": "error", "when": {"/completions": {"present": true}}, "field": "/contents/*/role", "in": ["user", "model"],
   "message": "{value} is no role here", "hint": "write user or model"},
  {"code": "not_text", "severity": "error", "when": {"/completions": {"present": true}}, "field": "/contents/*/parts/*", "allowed": ["text"],
   "message": "a part with {key}; preferences are of text alone", "hint": "remove the row"},
  {"code": "bad_completions", "severity": "error", "at": "/completions", "min_count": 2, "max_count": 2,
   "message": "{count} completions", "hint": "write two: one with the score 1, one with 0"},
  {"code": "bad_completions", "severity": "error", "at": "/completions/*", "required": ["score", "completion"],
   "message": "a completion without {key}", "hint": "write {\"score\": 1, \"completion\": {\"role\": \"model\", \"parts\": [...]}}"},
  {"code": "bad_score", "severity": "error", "at": "/completions/*/score", "in": [0, 1],
   "message": "the score {value} is neither 0 nor 1", "hint": "write 1 for the better answer, 0 for the other"},
  {"code": "bad_score", "severity": "error", "at": "/completions", "unique": "/*",
   "message": "the two completions are the same", "hint": "remove the row"},
  {"code": "bad_score", "severity": "error", "when": {"/completions": {"present": true}},
   "count_at": {"at": "/completions/*/score", "values": [1], "min": 1, "max": 1},
   "message": "{count} completions have the score 1", "hint": "write 1 for the better answer, 0 for the other"},
  {"code": "unknown_role", "severity": "error", "at": "/completions/*/completion", "field": "/role", "in": ["model"],
   "message": "a completion of {value}", "hint": "write model"},
  {"code": "not_text", "severity": "error", "at": "/completions/*/completion/parts/*", "allowed": ["text"],
   "message": "a part with {key}; preferences are of text alone", "hint": "remove the row"},
  {"code": "not_text", "severity": "error", "at": "/system_instruction/parts/*", "allowed": ["text"],
   "message": "a part of the instruction with {key}", "hint": "an instruction is of text alone"},
  {"code": "camel_case", "severity": "error", "when": {"/completions": {"present": true}}, "refused": ["systemInstruction"],
   "message": "{key}, which is spelled system_instruction in preferences", "hint": "fthost convert writes it"}
])";

}  // namespace gemini_preference
