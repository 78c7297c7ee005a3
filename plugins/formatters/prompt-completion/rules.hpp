// What rows of prompt and completion may hold, as a table that the host checks in its one pass over a file.
#pragma once

namespace prompt_completion {

inline constexpr const char* kRules = R"([
  {"code": "no_prompt", "severity": "error", "any_of": ["prompt", "completion"],
   "message": "the row has no {key}", "hint": "a row is {\"prompt\": ..., \"completion\": ...}"},
  {"code": "no_completion", "severity": "error", "when": {"/prompt": {"present": true}}, "required": ["completion"],
   "message": "a prompt without {key}", "hint": "write the answer, or remove the row"},
  {"code": "no_prompt", "severity": "error", "when": {"/completion": {"present": true}}, "required": ["prompt"],
   "message": "a completion without {key}", "hint": "write it, or make rows of the format text"},
  {"code": "not_text", "severity": "error", "at": "/prompt", "type": "string", "non_empty": true,
   "message": "the prompt is no text, or empty", "hint": "write it as text; messages are another format"},
  {"code": "not_text", "severity": "error", "at": "/completion", "type": "string", "non_empty": true,
   "message": "the completion is no text, or empty", "hint": "write it as text, or remove the row"},
  {"code": "bad_row_weight", "severity": "error", "at": "/weight", "type": "number", "min": 0,
   "message": "the row's weight is {value}", "hint": "write a number, 0 or more"},
  {"code": "several_formats", "severity": "warning", "when": {"/prompt": {"present": true}, "/completion": {"present": true}},
   "refused": ["messages", "text", "conversations"],
   "message": "the row has {key} beside prompt and completion, and services refuse rows of two shapes", "hint": "keep one"}
])";

}  // namespace prompt_completion
