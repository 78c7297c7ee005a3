// What Vertex takes for preference tuning, as a table that the host checks in its one pass over a file: contents that
// end with the user's, two completions with the scores 1 and 0, text alone.
#pragma once

#include <ft/chat_rules.hpp>

// AT: a content, as "/contents/*".
#define GEMINI_CONTENT(AT)                                                                                          \
  R"({"code": "no_content", "severity": "error", "at": ")" AT R"(", "type": "object",)"                             \
  R"( "message": "a content is no object", "hint": "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}"},)"   \
  R"({"code": "no_content", "severity": "error", "at": ")" AT R"(", "required": ["parts"],)"                        \
  R"( "message": "a content without {key}", "hint": "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}"},)"  \
  R"({"code": "no_content", "severity": "error", "at": ")" AT R"(/parts", "type": "array", "non_empty": true,)"     \
  R"( "message": "the parts are no list, or empty", "hint": "write [{\"text\": ...}]"},)"                           \
  R"({"code": "empty_content", "severity": "error", "at": ")" AT R"(", "field": "/parts",)"                         \
  R"( "says": "/text", "when": {"/parts/0": {"present": true}}, "message": "the content is empty",)"                \
  R"( "hint": "write its text, or remove the row"},)"                                                               \
  R"({"code": "not_text", "severity": "error", "at": ")" AT R"(/parts/*", "type": "object", "required": ["text"],)" \
  R"( "message": "a part is no text", "hint": "write {\"text\": ...}"},)"                                           \
  R"({"code": "not_text", "severity": "error", "at": ")" AT R"(/parts/*/text", "type": "string",)"                  \
  R"( "message": "the text of a part is {value}", "hint": "write it as text"},)"

namespace gemini_preference {

inline constexpr const char* kRules = R"([
)" FT_LINES_RULE("Vertex", "gemini-preference") R"(
  {"code": "no_contents", "severity": "error", "any_of": ["contents"],
   "message": "the row has no contents", "hint": "a row is {\"contents\": [...], \"completions\": [...]}"},
  {"code": "no_contents", "severity": "error", "at": "/contents", "type": "array", "non_empty": true,
   "message": "the contents are no list, or empty", "hint": "write [{\"role\": \"user\", \"parts\": [{\"text\": ...}]}, ...]"},
  {"code": "no_content", "severity": "error", "at": "/contents/*", "required": ["role"],
   "message": "a content without {key}", "hint": "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}"},
)" GEMINI_CONTENT("/contents/*") GEMINI_CONTENT("/completions/*/completion") R"(
  {"code": "no_content", "severity": "error", "at": "/system_instruction", "type": ["object", "null"],
   "message": "the instruction is no object with parts", "hint": "write {\"parts\": [{\"text\": ...}]}"},
  {"code": "no_content", "severity": "error", "at": "/system_instruction", "required": ["parts"],
   "message": "an instruction without {key}", "hint": "write {\"parts\": [{\"text\": ...}]}"},
  {"code": "no_content", "severity": "error", "at": "/system_instruction/parts", "type": "array", "says": "/text",
   "message": "the parts of the instruction are no list, or empty", "hint": "write [{\"text\": ...}], or leave the instruction out"},
  {"code": "not_text", "severity": "error", "at": "/system_instruction/parts/*", "type": "object", "required": ["text"],
   "message": "a part of the instruction is no text", "hint": "write {\"text\": ...}"},
  {"code": "not_text", "severity": "error", "at": "/system_instruction/parts/*/text", "type": "string",
   "message": "the text of a part is {value}", "hint": "write it as text"},
  {"code": "bad_completions", "severity": "error", "when": {"/contents": {"present": true}}, "any_of": ["completions"],
   "message": "the row has no {key}", "hint": "write two: one with the score 1, one with 0"},
  {"code": "bad_completions", "severity": "error", "at": "/completions", "type": ["array", "null"],
   "message": "the completions are no list", "hint": "write two: one with the score 1, one with 0"},
  {"code": "bad_completions", "severity": "error", "at": "/completions/*", "type": "object",
   "message": "a completion is no object", "hint": "write {\"score\": 1, \"completion\": {\"role\": \"model\", \"parts\": [...]}}"},
  {"code": "last_not_user", "severity": "error", "unless": ["unknown_role", "no_content"], "when": {"/completions": {"present": true}}, "field": "/contents", "last": ["user"],
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
  {"code": "same_answers", "severity": "warning", "differ": {"from": "/completions/0/completion", "to": "/completions/1/completion"},
   "message": "the two answers are the same, so there is nothing to prefer", "hint": "remove the row"},
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
