// What Fireworks takes, as a table that the host checks in its one pass over a file: OpenAI's rows, 3 to 3,000,000 of
// them, the system message first, weights 0 or 1 of messages and any number of rows.
#pragma once

#include <ft/chat_rules.hpp>

// LIST: the place of the messages.
#define FIREWORKS_MESSAGES(LIST)                                                                                          \
  R"({"code": "unknown_role", "severity": "error", "at": ")" LIST R"(/*", "field": "/role",)"                             \
  R"( "in": ["system", "user", "assistant", "tool"], "message": "Fireworks knows no role {value}",)"                      \
  R"( "hint": "use system, user, assistant or tool"},)"                                                                   \
  R"({"code": "system_not_first", "severity": "error", "at": ")" LIST R"(", "after": {"system": [""]},)"                  \
  R"( "message": "a system message behind others", "hint": "put it first"},)"                                             \
  R"({"code": "null_content", "severity": "warning", "at": ")" LIST R"(/*", "field": "/content",)"                        \
  R"( "type": ["string", "array"], "message": "the content is {value}, where Fireworks wants text",)"                     \
  R"( "hint": "write \"\" beside a call"},)"                                                                              \
  R"({"code": "bad_weight", "severity": "error", "at": ")" LIST R"(/*", "field": "/weight", "in": [0, 1],)"               \
  R"( "message": "the weight {value} is neither 0 nor 1", "hint": "write 0 for a message that is passed over, else 1"},)" \
  R"({"code": "bad_part", "severity": "error", "at": ")" LIST R"(/*/content/*", "field": "/type",)"                       \
  R"( "in": ["text", "image_url"], "message": "a part of type {value}", "hint": "the parts are text and image_url"},)"    \
  R"({"code": "image_not_on_user", "severity": "error", "at": ")" LIST R"(/*", "field": "/content/*",)"                   \
  R"( "refused": ["image_url"], "when": {"/role": ["system", "assistant", "tool"]},)"                                     \
  R"( "message": "an image in a message that is not the user's", "hint": "put it into a user message"},)"                 \
  R"({"code": "reasoning_not_on_assistant", "severity": "warning", "at": ")" LIST R"(/*",)"                               \
  R"( "refused": ["reasoning_content"], "when": {"/role": ["system", "user", "tool"]},)"                                  \
  R"( "message": "{key} beside a message that is not the assistant's", "hint": "remove it"},)" FT_CALL_RULES(LIST)

namespace fireworks {

inline constexpr const char* kRules = R"([
  {"code": "unknown_format", "severity": "error", "any_of": ["messages", "input"],
   "message": "the row has neither messages nor a preference", "hint": "write {\"messages\": [...]}"},
  {"code": "mixed_formats", "severity": "error", "same_keys": ["messages", "input"],
   "message": "the row is of another shape than the first", "hint": "write conversations and preferences to files of their own"},
  {"code": "mixed_row_weights", "severity": "error", "same_keys": ["weight"],
   "message": "some rows have a weight and some have none", "hint": "give all rows one, or none"},
  {"code": "bad_row_weight", "severity": "error", "at": "/weight", "type": "number",
   "message": "the row's weight is {value}", "hint": "write a number: the loss is multiplied by it"},
  {"code": "no_assistant", "severity": "error", "unless": ["unknown_role", "bad_message"], "when": {"/chosen": {"present": false}}, "field": "/messages", "count_of": {"values": ["assistant"], "min": 1},
   "message": "no message is the assistant's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "last_not_assistant", "severity": "warning", "unless": ["no_assistant", "unknown_role", "bad_message"], "when": {"/chosen": {"present": false}}, "field": "/messages", "last": ["assistant"],
   "message": "the last message is {value}; nothing behind the last answer is trained on", "hint": "end the row with the assistant's answer"},
)" FIREWORKS_MESSAGES("/messages") FT_ONLY_ANSWER_RULES("/messages") FT_TOOL_RULES("/tools") R"(
  {"code": "no_preference", "severity": "error", "when": {"/input": {"present": true}}, "required": ["preferred_output", "non_preferred_output"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "no_preference", "severity": "error", "at": "/input", "type": "object",
   "message": "input is no object", "hint": "write {\"messages\": [...]}"},
  {"code": "no_messages", "severity": "error", "at": "/input", "any_of": ["messages"],
   "message": "the input has no messages", "hint": "write {\"messages\": [{\"role\": \"user\", \"content\": ...}]}"},
  {"code": "last_is_assistant", "severity": "error", "unless": ["unknown_role", "bad_message", "bad_messages", "no_messages"], "at": "/input/messages", "last": ["system", "user", "tool"],
   "message": "the prompt ends with the message of the {value}", "hint": "end it with the user's; the answers stand beside it"},
)" FT_MESSAGE_RULES("/input/messages") FIREWORKS_MESSAGES("/input/messages") FT_TOOL_RULES("/input/tools")
    FT_ANSWER_RULES("/preferred_output", "the preferred answer")
        FT_ANSWER_RULES("/non_preferred_output", "the non-preferred answer")
            FT_DIFFERENT_ANSWERS("/preferred_output", "/non_preferred_output")
                FT_LINES_RULE("Fireworks", "fireworks") R"(
  {"code": "too_few_rows", "severity": "error", "rows": {"min": 3},
   "message": "the number of rows is {count}; Fireworks takes files of 3 rows and more", "hint": "add rows"},
  {"code": "too_many_rows", "severity": "error", "rows": {"max": 3000000},
   "message": "the number of rows is {count}; Fireworks takes 3,000,000 at most", "hint": "split the file"}
])";

}  // namespace fireworks
