// What a training file of this format may hold, as a table that the host checks in its one pass over a file. The host's
// own checks come before it: JSON, messages, roles, empty content. The rules are those of the service's guide, of its
// cookbook's checks and of its contract; records of a project (they have created_at) may have fields of their own.
#pragma once

#include <ft/chat_rules.hpp>

namespace openai_chat {

inline constexpr const char* kRules = R"([
  {"code": "no_assistant", "severity": "error", "at": "/messages", "count_of": {"values": ["assistant"], "min": 1},
   "message": "no message is the assistant's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "last_not_assistant", "severity": "warning", "at": "/messages", "last": ["assistant"],
   "message": "the last message is {value}; nothing behind the last answer is trained on", "hint": "end the row with the assistant's answer"},
  {"code": "no_user", "severity": "warning", "at": "/messages", "count_of": {"values": ["user"], "min": 1},
   "message": "no message is the user's", "hint": "add the question that the answer is to"},
  {"code": "no_system", "severity": "info", "at": "/messages", "count_of": {"values": ["system", "developer"], "min": 1}, "once": true,
   "message": "rows without a system message: {count}", "hint": "add the prompt that the model will be used with, if there is one"},
  {"code": "system_not_first", "severity": "warning", "at": "/messages",
   "after": {"system": ["", "system", "developer"], "developer": ["", "system", "developer"]},
   "message": "a {value} message behind others", "hint": "put it first"},
  {"code": "same_role_twice", "severity": "warning", "at": "/messages",
   "after": {"user": ["", "system", "developer", "assistant", "tool", "function"],
             "assistant": ["", "system", "developer", "user", "tool", "function"]},
   "message": "two messages of the {value} in a row", "hint": "make one of them, or add what stood between them"},
  {"code": "unknown_key", "severity": "warning", "at": "/messages/*",
   "refused": ["reasoning", "reasoning_content", "thinking", "train", "train_detail"],
   "message": "the format has no {key} in a message", "hint": "convert the file: what is left out is named"},
  {"code": "unknown_key", "severity": "error", "when": {"/created_at": {"present": false}}, "field": "/messages/*",
   "allowed": ["role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal", "audio",
               "reasoning", "reasoning_content", "thinking", "train", "train_detail"],
   "message": "a message has the key {key}, which the format does not know", "hint": "remove it, or look for a misspelling"},
  {"code": "bad_weight", "severity": "error", "at": "/messages/*", "field": "/weight", "in": [0, 1],
   "message": "the weight {value} is neither 0 nor 1", "hint": "write 0 for an answer that is not to be learnt, else 1"},
  {"code": "weight_not_on_assistant", "severity": "error", "at": "/messages/*", "refused": ["weight"],
   "when": {"/role": ["system", "developer", "user", "tool", "function"]},
   "message": "a weight on a message that is not the assistant's", "hint": "remove it: only answers are trained on", "fix": "remove"},
  {"code": "bad_name", "severity": "error", "at": "/messages/*", "field": "/name", "type": ["string", "null"], "max_length": 64,
   "message": "the name {value} is not 1 to 64 characters of text", "hint": "shorten it, or leave it out"},
  {"code": "bad_part", "severity": "error", "at": "/messages/*/content/*", "field": "/type", "in": ["text", "image_url", "refusal"],
   "message": "a part of type {value}", "hint": "the parts of this format are text and image_url"},
  {"code": "image_not_on_user", "severity": "error", "at": "/messages/*", "field": "/content/*", "refused": ["image_url"],
   "when": {"/role": ["system", "developer", "assistant", "tool", "function"]},
   "message": "an image in a message that is not the user's", "hint": "put it into a user message"},
  {"code": "bad_image", "severity": "error", "at": "/messages/*/content/*", "required": ["image_url"], "when": {"/type": ["image_url"]},
   "message": "a part of type image_url without {key}", "hint": "write {\"type\": \"image_url\", \"image_url\": {\"url\": ...}}"},
  {"code": "bad_image", "severity": "error", "at": "/messages/*/content/*", "field": "/image_url", "type": "object", "required": ["url"],
   "message": "an image without {key}", "hint": "write {\"url\": \"https://...\"} or {\"url\": \"data:image/png;base64,...\"}"},
  {"code": "bad_image", "severity": "error", "at": "/messages/*/content/*", "field": "/image_url/url", "type": "string",
   "prefix": ["https://", "http://", "data:image/"],
   "message": "the address of the image is neither a link nor a data URL of an image", "hint": "write https://... or data:image/png;base64,..."},
  {"code": "bad_image", "severity": "error", "at": "/messages/*/content/*", "field": "/image_url/detail", "in": ["auto", "low", "high"],
   "message": "the detail {value}", "hint": "it is auto, low or high"},
)" FT_CALL_RULES("/messages") FT_TOOL_RULES("/tools") R"(
  {"code": "too_many_tools", "severity": "error", "at": "/tools", "max_count": 128,
   "message": "{count} tools; 128 are the most", "hint": "leave out those that the row does not need"},
  {"code": "bad_parallel_tool_calls", "severity": "error", "field": "/parallel_tool_calls", "type": ["boolean", "null"],
   "message": "parallel_tool_calls is {value}", "hint": "write true or false"},
  {"code": "bad_function_call", "severity": "error", "at": "/messages/*", "field": "/function_call", "type": ["object", "null"], "required": ["name", "arguments"],
   "message": "a function_call without {key}", "hint": "write {\"name\": ..., \"arguments\": \"{...}\"}"},
  {"code": "bad_arguments", "severity": "error", "at": "/messages/*", "field": "/function_call/arguments", "type": "string", "json": "object",
   "message": "the arguments are not a string that holds a JSON object", "hint": "write them as \"{\\\"city\\\": \\\"Oslo\\\"}\""},
  {"code": "bad_function_call", "severity": "error", "at": "/messages/*", "required": ["name"], "when": {"/role": ["function"]},
   "message": "a function's answer without its name", "hint": "write the name of the function that was called"},
  {"code": "bad_functions", "severity": "error", "at": "/functions", "type": ["array", "null"], "non_empty": true, "max_count": 128,
   "message": "functions is not a list of 1 to 128 functions", "hint": "write a list, or leave it out"},
  {"code": "bad_functions", "severity": "error", "at": "/functions/*", "required": ["name"],
   "message": "a function without a name", "hint": "name it"},
  {"code": "older_spelling", "severity": "warning", "refused": ["functions"],
   "message": "{key} is the older spelling of tools", "hint": "fthost convert writes today's"},
  {"code": "older_spelling", "severity": "warning", "at": "/messages/*", "refused": ["function_call"],
   "message": "{key} is the older spelling of tool_calls", "hint": "fthost convert writes today's"},
  {"code": "too_few_rows", "severity": "warning", "rows": {"min": 10},
   "message": "the number of rows is {count}; OpenAI takes files of 10 rows and more", "hint": "add rows"},
  {"code": "too_large", "severity": "error", "bytes": {"max": 536870912},
   "message": "the file has {count} bytes; OpenAI takes files of up to 512 MB, and more by its uploads alone", "hint": "split the file"}
])";

}  // namespace openai_chat
