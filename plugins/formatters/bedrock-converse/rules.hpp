// What Bedrock takes as Converse rows, as a table that the host checks in its one pass over a file: the version by its
// right name, turns of user and assistant, blocks with something in them.
#pragma once

namespace bedrock_converse {

inline constexpr const char* kRules = R"([
  {"code": "no_messages", "severity": "error", "any_of": ["messages"],
   "message": "the row has no messages", "hint": "a row is {\"schemaVersion\": ..., \"messages\": [...]}"},
  {"code": "bad_version", "severity": "error", "when": {"/messages/*/content/*": {"present": true}, "/created_at": {"present": false}}, "required": ["schemaVersion"],
   "message": "the row has no {key}", "hint": "write \"schemaVersion\": \"bedrock-conversation-2024\""},
  {"code": "bad_version", "severity": "error", "at": "/schemaVersion", "in": ["bedrock-conversation-2024"],
   "message": "the version is {value}", "hint": "write \"bedrock-conversation-2024\""},
  {"code": "not_text", "severity": "error", "when": {"/schemaVersion": {"present": true}}, "field": "/system/*", "required": ["text"],
   "message": "a block of the system prompt without {key}", "hint": "write [{\"text\": ...}]"},
  {"code": "first_not_user", "severity": "error", "unless": ["unknown_role", "bad_message"], "when": {"/schemaVersion": {"present": true}}, "field": "/messages", "first": ["user"],
   "message": "the first message is the {value}'s", "hint": "begin with the user's; a system prompt stands in \"system\""},
  {"code": "last_not_assistant", "severity": "error", "unless": ["unknown_role", "bad_message"], "when": {"/schemaVersion": {"present": true}}, "field": "/messages", "last": ["assistant"],
   "message": "the last message is the {value}'s", "hint": "end with the assistant's answer"},
  {"code": "bad_order", "severity": "error", "when": {"/schemaVersion": {"present": true}}, "field": "/messages", "order": {"cycle": ["user", "assistant"]}, "unless": ["first_not_user", "unknown_role", "bad_message"],
   "message": "a message of the {value}, and user and assistant must take turns", "hint": "join neighbours of one role"},
  {"code": "bad_content", "severity": "error", "when": {"/schemaVersion": {"present": true}}, "field": "/messages/*/content", "type": "array", "non_empty": true,
   "message": "the content is no list of blocks, or empty", "hint": "write [{\"text\": ...}]"},
  {"code": "empty_content", "severity": "error", "when": {"/schemaVersion": {"present": true}}, "field": "/messages/*/content/*/text", "type": "string", "non_empty": true,
   "message": "a block of text without text", "hint": "write it, or remove the block"},
  {"code": "unmatched_tool", "severity": "error", "when": {"/schemaVersion": {"present": true}}, "field": "/messages",
   "references": {"from": "/content/*/toolResult/toolUseId", "to": "/content/*/toolUse/toolUseId"},
   "message": "the toolUseId {value} is not one of an earlier call", "hint": "repeat the id of the call that it answers"},
  {"code": "unanswered_tool_call", "severity": "warning", "when": {"/schemaVersion": {"present": true}}, "field": "/messages",
   "answered": {"from": "/content/*/toolResult/toolUseId", "to": "/content/*/toolUse/toolUseId"},
   "message": "the tool call {value} is not answered", "hint": "add the tool's answer, or end the row with the call"}
])";

}  // namespace bedrock_converse
