// What a training file of this format may hold, as a table that the host checks in its one pass over a file. The host's
// own checks come before it: JSON, messages, roles, empty content.
#pragma once

namespace openai_chat {

inline constexpr const char* kRules = R"([
  {"code": "no_assistant", "severity": "error", "at": "/messages", "count_of": {"values": ["assistant"], "min": 1},
   "message": "no message is the assistant's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "last_not_assistant", "severity": "warning", "at": "/messages", "last": ["assistant"],
   "message": "the last message is {value}; nothing behind the last answer is trained on", "hint": "end the row with the assistant's answer"},
  {"code": "bad_weight", "severity": "error", "at": "/messages/*", "field": "/weight", "in": [0, 1],
   "message": "the weight {value} is neither 0 nor 1", "hint": "write 0 for an answer that is not to be learnt, else 1"},
  {"code": "weight_not_on_assistant", "severity": "error", "at": "/messages/*", "refused": ["weight"],
   "when": {"/role": ["system", "developer", "user", "tool"]},
   "message": "a weight on a message that is not the assistant's", "hint": "remove it: only answers are trained on"},
  {"code": "bad_part", "severity": "error", "at": "/messages/*/content/*", "field": "/type", "in": ["text", "image_url"],
   "message": "a part of type {value}", "hint": "the parts of this format are text and image_url"},
  {"code": "image_not_on_user", "severity": "error", "at": "/messages/*", "field": "/content/*", "refused": ["image_url"],
   "when": {"/role": ["system", "developer", "assistant", "tool"]},
   "message": "an image in a message that is not the user's", "hint": "put it into a user message"},
  {"code": "bad_tool_call", "severity": "error", "at": "/messages/*/tool_calls/*", "required": ["id", "type", "function"],
   "message": "a tool call without {key}", "hint": "write {\"id\": ..., \"type\": \"function\", \"function\": {...}}"},
  {"code": "bad_tool_call", "severity": "error", "at": "/messages/*/tool_calls/*", "field": "/type", "in": ["function"],
   "message": "a tool call of type {value}", "hint": "the type is \"function\""},
  {"code": "bad_tool_call", "severity": "error", "at": "/messages/*/tool_calls/*/function", "required": ["name", "arguments"],
   "message": "a tool call without {key}", "hint": "write {\"name\": ..., \"arguments\": \"{...}\"}"},
  {"code": "bad_arguments", "severity": "error", "at": "/messages/*/tool_calls/*/function/arguments", "type": "string", "json": "object",
   "message": "the arguments are not a string that holds a JSON object", "hint": "write them as \"{\\\"city\\\": \\\"Oslo\\\"}\""},
  {"code": "tool_calls_not_on_assistant", "severity": "error", "at": "/messages/*", "refused": ["tool_calls"],
   "when": {"/role": ["system", "developer", "user", "tool"]},
   "message": "tool calls in a message that is not the assistant's", "hint": "only the assistant calls tools"},
  {"code": "no_tool_call_id", "severity": "error", "at": "/messages/*", "required": ["tool_call_id"], "when": {"/role": ["tool"]},
   "message": "a tool's answer without tool_call_id", "hint": "repeat the id of the call that it answers"},
  {"code": "unmatched_tool", "severity": "error", "at": "/messages", "references": {"from": "/tool_call_id", "to": "/tool_calls/*/id"},
   "message": "the tool_call_id {value} is not one of an earlier call", "hint": "repeat the id of the call that it answers"},
  {"code": "unanswered_tool_call", "severity": "warning", "at": "/messages", "answered": {"from": "/tool_call_id", "to": "/tool_calls/*/id"},
   "message": "the tool call {value} is not answered", "hint": "add the tool's answer, or end the row with the call"},
  {"code": "bad_tools", "severity": "error", "at": "/tools", "type": "array", "non_empty": true,
   "message": "tools is not a list of functions", "hint": "write a list, or leave it out"},
  {"code": "bad_tools", "severity": "error", "at": "/tools/*", "required": ["type", "function"],
   "message": "a tool without {key}", "hint": "write {\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": {...}}}"},
  {"code": "bad_tools", "severity": "error", "at": "/tools/*", "field": "/type", "in": ["function"],
   "message": "a tool of type {value}", "hint": "the type is \"function\""},
  {"code": "bad_tools", "severity": "error", "at": "/tools/*/function", "required": ["name"],
   "message": "a function without a name", "hint": "name it"},
  {"code": "bad_tools", "severity": "error", "at": "/tools/*/function/name", "type": "string", "min_length": 1, "max_length": 64,
   "message": "the function's name {value} is not 1 to 64 characters of text", "hint": "shorten it"},
  {"code": "bad_parallel_tool_calls", "severity": "error", "at": "/parallel_tool_calls", "type": "boolean",
   "message": "parallel_tool_calls is {value}", "hint": "write true or false"},
  {"code": "too_few_rows", "severity": "warning", "rows": {"min": 10},
   "message": "the number of rows is {count}; OpenAI takes files of 10 rows and more", "hint": "add rows"}
])";

}  // namespace openai_chat
