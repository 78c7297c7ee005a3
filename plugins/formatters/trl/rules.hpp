// What TRL's trainers take, as a table that the host checks in its one pass over a file: one type of row a dataset,
// answers on both sides, labels that are booleans, arguments that are objects.
#pragma once

namespace trl {

inline constexpr const char* kRules = R"([
  {"code": "unknown_type", "severity": "error", "any_of": ["messages", "prompt", "text", "chosen", "completion", "completions"],
   "message": "the row has none of the fields of a type, like {key}", "hint": "a row has messages, text, prompt and completion, or chosen and rejected"},
  {"code": "no_preference", "severity": "error", "when": {"/chosen": {"present": true}}, "required": ["rejected"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "no_preference", "severity": "error", "when": {"/rejected": {"present": true}}, "required": ["chosen"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "bad_label", "severity": "error", "at": "/label", "type": "boolean",
   "message": "the label is {value}", "hint": "write true or false"},
  {"code": "bad_steps", "severity": "error", "when": {"/completions": {"present": true}}, "required": ["labels"],
   "message": "steps without {key}", "hint": "write one label a step"},
  {"code": "bad_steps", "severity": "error", "at": "/labels/*", "type": "boolean",
   "message": "the label of a step is {value}", "hint": "write true or false"},
  {"code": "bad_arguments", "severity": "warning", "when": {"/created_at": {"present": false}}, "field": "/messages/*/tool_calls/*/function/arguments", "type": ["object", "null"],
   "message": "the arguments are text, where chat templates want an object", "hint": "fthost convert writes objects"},
  {"code": "bad_arguments", "severity": "warning", "when": {"/created_at": {"present": false}}, "field": "/prompt/*/tool_calls/*/function/arguments", "type": ["object", "null"],
   "message": "the arguments are text, where chat templates want an object", "hint": "fthost convert writes objects"},
  {"code": "bad_arguments", "severity": "warning", "when": {"/created_at": {"present": false}}, "field": "/completion/*/tool_calls/*/function/arguments", "type": ["object", "null"],
   "message": "the arguments are text, where chat templates want an object", "hint": "fthost convert writes objects"},
  {"code": "mixed_types", "severity": "error",
   "same_keys": ["messages", "text", "prompt", "completion", "completions", "chosen", "rejected", "label", "labels"],
   "message": "the row is of another type than the first", "hint": "a dataset is of one type: write the others to files of their own"}
])";

}  // namespace trl
