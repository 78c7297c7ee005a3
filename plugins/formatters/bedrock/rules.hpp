// What Bedrock takes for tuning Claude, as a table that the host checks in its one pass over a file: two keys, turns of
// user and assistant from the first to the last, text alone.
#pragma once

#include <ft/chat_rules.hpp>

namespace bedrock {

inline constexpr const char* kRules = R"([
)" FT_LINES_RULE("Bedrock", "bedrock") R"(
  {"code": "no_messages", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "any_of": ["messages"],
   "message": "the row has no {key}", "hint": "write [{\"role\": \"user\", \"content\": ...}, ...]"},
  {"code": "unknown_role", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages/*/role", "in": ["user", "assistant"],
   "message": "{value} is no role here", "hint": "write user or assistant; a system prompt stands in \"system\""},
  {"code": "no_content", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages/*", "required": ["content"],
   "message": "a message without {key}", "hint": "write its text, or remove the row"},
  {"code": "extra_key", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "allowed": ["system", "messages"],
   "message": "the key {key}, and no other than system and messages is allowed", "hint": "remove it"},
  {"code": "extra_key", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages/*", "allowed": ["role", "content"],
   "message": "the key {key} in a message, and no other than role and content is allowed", "hint": "remove it"},
  {"code": "not_text", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/system", "type": ["string", "null"], "non_empty": true,
   "message": "the system prompt is no text, or empty", "hint": "write it as text, or leave it out"},
  {"code": "too_few_messages", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages", "min_count": 2,
   "message": "{count} message; two are the least", "hint": "write the question and its answer"},
  {"code": "first_not_user", "severity": "error", "unless": ["unknown_role", "bad_message"], "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages", "first": ["user"],
   "message": "the first message is the {value}'s", "hint": "begin with the user's; a system prompt stands in \"system\""},
  {"code": "last_not_assistant", "severity": "error", "unless": ["too_few_messages", "unknown_role", "bad_message"], "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages", "last": ["assistant"],
   "message": "the last message is the {value}'s", "hint": "end with the assistant's answer"},
  {"code": "bad_order", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages", "order": {"cycle": ["user", "assistant"]}, "unless": ["first_not_user", "unknown_role", "bad_message"],
   "message": "a message of the {value}, and user and assistant must take turns", "hint": "join neighbours of one role"},
  {"code": "not_text", "severity": "error", "when": {"/schemaVersion": {"present": false}, "/created_at": {"present": false}}, "field": "/messages/*/content", "type": "string", "non_empty": true,
   "message": "the content is no text, or empty", "hint": "write it as text, or remove the row"}
])";

}  // namespace bedrock
