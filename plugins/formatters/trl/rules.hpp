// What TRL's trainers take, as a table that the host checks in its one pass over a file: one type of row a dataset,
// answers on both sides, labels that are booleans, arguments that are objects.
#pragma once

#include <ft/chat_rules.hpp>

// AT: a side of a row, as "/chosen": text, or messages; NAME: its word.
#define TRL_SIDE(AT, NAME)                                                                                       \
  R"({"code": "bad_content", "severity": "error", "at": ")" AT R"(", "type": ["string", "array", "null"],)"      \
  R"( "message": "the )" NAME R"( is neither text nor a list of messages", "hint": "write it as text"},)"        \
  R"({"code": "empty_content", "severity": "error", "at": ")" AT R"(", "non_empty": true,)"                      \
  R"( "message": "the )" NAME R"( is empty", "hint": "write its text or its messages, or remove the row"},)"     \
  R"({"code": "bad_message", "severity": "error", "at": ")" AT R"(/*", "type": "object",)"                       \
  R"( "message": "the message is no object", "hint": "write {\"role\": ..., \"content\": ...}"},)"               \
  R"({"code": "bad_message", "severity": "error", "at": ")" AT R"(/*", "required": ["role"],)"                   \
  R"( "message": "the message has no {key}", "hint": "write {\"role\": ..., \"content\": ...}"},)"               \
  R"({"code": "unknown_role", "severity": "error", "at": ")" AT                                                  \
  R"(/*", "field": "/role", "type": "string", "non_empty": true,)"                                               \
  R"( "message": "the role is no text, or empty", "hint": "use system, user, assistant or tool"},)"              \
  R"({"code": "bad_content", "severity": "error", "at": ")" AT R"(/*", "field": "/content",)"                    \
  R"( "type": ["string", "array", "null"], "message": "the content is neither text nor a list of parts",)"       \
  R"( "hint": "write it as text"},)"                                                                             \
  R"({"code": "no_content", "severity": "error", "at": ")" AT R"(/*",)"                                          \
  R"( "any_of": ["content", "tool_calls", "thinking", "reasoning"],)"                                            \
  R"( "message": "the message has no {key}", "hint": "write its text, or remove the row"},)"                     \
  R"({"code": "empty_content", "severity": "error", "at": ")" AT R"(/*", "field": "/content", "says": "/text",)" \
  R"( "when": {"/tool_calls/0": {"present": false}},)"                                                           \
  R"( "message": "the message is empty", "hint": "write its text, or remove the row"},)"                         \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" AT                                                 \
  R"(/*/tool_calls/*", "type": "object", "required": ["function"],)"                                             \
  R"( "message": "the call names no function",)"                                                                 \
  R"( "hint": "write {\"type\": \"function\", \"function\": {\"name\": ..., \"arguments\": {...}}}"},)"          \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" AT                                                 \
  R"(/*/tool_calls/*/function", "type": "object", "required": ["name"],)"                                        \
  R"( "message": "the call names no function", "hint": "write {\"name\": ..., \"arguments\": {...}}"},)"         \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" AT                                                 \
  R"(/*/tool_calls/*/function/name", "type": "string",)"                                                         \
  R"( "message": "the name of a function is no text", "hint": "write the name of the function that is called"},)"

namespace trl {

inline constexpr const char* kRules = R"([
  {"code": "unknown_type", "severity": "error", "any_of": ["messages", "prompt", "text", "chosen", "completion", "completions"],
   "message": "the row has none of the fields of a type, like {key}", "hint": "a row has messages, text, prompt and completion, or chosen and rejected"},
)" TRL_SIDE("/prompt", "prompt") TRL_SIDE("/completion", "completion") TRL_SIDE("/chosen", "chosen answer")
    TRL_SIDE("/rejected", "rejected answer") R"(
  {"code": "no_preference", "severity": "error", "when": {"/chosen": {"present": true}}, "any_of": ["rejected"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "no_preference", "severity": "error", "when": {"/rejected": {"present": true}}, "any_of": ["chosen"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "bad_content", "severity": "error", "when": {"/chosen": {"present": true}}, "field": "/prompt", "type": ["string", "array"],
   "message": "the prompt is {value}", "hint": "write it, or leave it out where both answers begin with it"},
  {"code": "bad_label", "severity": "error", "at": "/label", "type": "boolean",
   "message": "the label is {value}", "hint": "write true or false"},
  {"code": "bad_steps", "severity": "error", "when": {"/completions": {"present": true}}, "required": ["labels"],
   "message": "steps without {key}", "hint": "write one label a step"},
  {"code": "no_prompt", "severity": "error", "when": {"/completion": {"present": true}}, "any_of": ["prompt"],
   "message": "a completion without {key}", "hint": "write the question, or remove the row"},
  {"code": "no_prompt", "severity": "error", "when": {"/completions": {"present": true}}, "any_of": ["prompt"],
   "message": "steps without {key}", "hint": "write the question, or remove the row"},
  {"code": "bad_steps", "severity": "error", "when": {"/labels": {"present": true}}, "required": ["completions"],
   "message": "labels without {key}", "hint": "write {\"completions\": [\"step\", ...], \"labels\": [true, ...]}"},
  {"code": "bad_steps", "severity": "error", "at": "/completions", "type": "array", "non_empty": true,
   "message": "the completions are no list of steps, or empty", "hint": "write [\"step\", ...]"},
  {"code": "bad_steps", "severity": "error", "at": "/completions/*", "type": "string",
   "message": "a step is no text", "hint": "write it as text"},
  {"code": "bad_steps", "severity": "error", "at": "/labels", "type": "array", "non_empty": true,
   "message": "the labels are no list of booleans, or empty", "hint": "write one label a step"},
  {"code": "bad_tools", "severity": "error", "at": "/tools", "type": ["array", "string", "null"],
   "message": "tools is neither a list nor its text", "hint": "write a list of functions"},
  {"code": "bad_tools", "severity": "error", "at": "/tools", "json": "array",
   "message": "the text of tools is no JSON list", "hint": "write a list of functions, or leave it out"},
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
