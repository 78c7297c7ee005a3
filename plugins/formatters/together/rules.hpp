// What Together takes, as a table that the host checks in its one pass over a file: one shape a file and no other
// columns, turns one after the other, whole weights of messages, images within the row. Records of a project (they have
// created_at) may have columns of their own.
#pragma once

#include <ft/chat_rules.hpp>

// LIST: the place of the messages.
#define TOGETHER_MESSAGES(LIST)                                                                                                \
  R"({"code": "unknown_role", "severity": "error", "at": ")" LIST R"(/*", "field": "/role",)"                                  \
  R"( "in": ["system", "user", "assistant", "tool"], "message": "Together knows no role {value}",)"                            \
  R"( "hint": "use system, user, assistant or tool"},)"                                                                        \
  R"({"code": "system_not_first", "severity": "error", "at": ")" LIST R"(", "after": {"system": [""]},)"                       \
  R"( "message": "a system message behind others", "hint": "put it first"},)"                                                  \
  R"({"code": "same_role_twice", "severity": "error", "at": ")" LIST R"(",)"                                                   \
  R"( "after": {"user": ["", "system", "assistant", "tool"], "assistant": ["", "system", "user", "tool"]},)"                   \
  R"( "unless": ["unknown_role"],)"                                                                                            \
  R"( "message": "two messages of the {value} in a row, and turns must alternate", "hint": "make one of them"},)"              \
  R"({"code": "no_content", "severity": "error", "at": ")" LIST R"(/*", "required": ["role", "content"],)"                     \
  R"( "when": {"/tool_calls": {"present": false}}, "message": "a message without {key}",)"                                     \
  R"( "hint": "write {\"role\": ..., \"content\": ...}"},)"                                                                    \
  R"({"code": "no_content", "severity": "error", "at": ")" LIST R"(/*", "field": "/content",)"                                 \
  R"( "type": ["string", "array"], "when": {"/tool_calls": {"present": false}},)"                                              \
  R"( "message": "the content is {value}", "hint": "write it as text or a list of parts"},)"                                   \
  R"({"code": "bad_weight", "severity": "error", "at": ")" LIST R"(/*", "field": "/weight", "type": "integer",)"               \
  R"( "message": "the weight {value} is no whole number", "hint": "write 0 for a message that is not to be learnt, else 1"},)" \
  R"({"code": "bad_weight", "severity": "error", "at": ")" LIST R"(/*", "field": "/weight", "min": 0, "max": 1,)"              \
  R"( "message": "the weight {value} is neither 0 nor 1", "hint": "write 0 for a message that is not to be learnt, else 1"},)" \
  R"({"code": "weight_on_image", "severity": "error", "at": ")" LIST R"(/*", "field": "/weight", "in": [0],)"                  \
  R"( "when": {"/content/*/type": ["image_url"]}, "message": "a message with an image has the weight {value}",)"               \
  R"( "hint": "images are not trained on: leave the weight out, or write 0"},)"                                                \
  R"({"code": "reasoning_not_on_assistant", "severity": "warning", "at": ")" LIST R"(/*",)"                                    \
  R"( "refused": ["reasoning", "reasoning_content"], "when": {"/role": ["system", "user", "tool"]},)"                          \
  R"( "message": "{key} beside a message that is not the assistant's", "hint": "remove it"},)"                                 \
  R"({"code": "reasoning_twice", "severity": "warning", "at": ")" LIST R"(/*",)"                                               \
  R"( "at_most_one": ["reasoning", "reasoning_content"], "message": "a message with reasoning and reasoning_content",)"        \
  R"( "hint": "keep one"},)"                                                                                                   \
  R"({"code": "bad_part", "severity": "error", "at": ")" LIST R"(/*/content/*", "field": "/type",)"                            \
  R"( "in": ["text", "image_url"], "message": "a part of type {value}", "hint": "the parts are text and image_url"},)"         \
  R"({"code": "mixed_content", "severity": "error", "when": {")" LIST R"(/*/content/*/type": {"present": true}},)"             \
  R"( "field": ")" LIST R"(/*/content", "type": ["array", "null"],)"                                                           \
  R"( "message": "the row has messages of parts and of text alone",)"                                                          \
  R"( "hint": "write all as parts: [{\"type\": \"text\", \"text\": ...}]"},)"                                                  \
  R"({"code": "image_not_on_user", "severity": "error", "at": ")" LIST R"(/*", "field": "/content/*",)"                        \
  R"( "refused": ["image_url"], "when": {"/role": ["system", "assistant", "tool"]},)"                                          \
  R"( "message": "an image in a message that is not the user's", "hint": "put it into a user message"},)"                      \
  R"({"code": "bad_image", "severity": "error", "at": ")" LIST R"(/*/content/*", "required": ["image_url"],)"                  \
  R"( "when": {"/type": ["image_url"]}, "message": "a part of type image_url without {key}",)"                                 \
  R"( "hint": "write {\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,...\"}}"},)"                   \
  R"({"code": "bad_image", "severity": "error", "at": ")" LIST R"(/*/content/*", "field": "/image_url/url",)"                  \
  R"( "prefix": ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/jpg;base64,",)"                              \
  R"( "data:image/webp;base64,"], "message": "the image is not in the row as PNG, JPEG or WEBP in base64",)"                   \
  R"( "hint": "write data:image/png;base64,... in place of a link"},)"                                                         \
  R"({"code": "broken_image", "severity": "error", "at": ")" LIST R"(/*/content/*", "field": "/image_url/url",)"               \
  R"( "base64": true, "unless": ["bad_image"], "message": "the base64 of the image is broken or cut short",)"                  \
  R"( "hint": "encode the image again"},)"                                                                                     \
  R"({"code": "unknown_key", "severity": "warning", "at": ")" LIST R"(/*",)"                                                   \
  R"( "allowed": ["role", "content", "weight", "name", "tool_calls", "tool_call_id", "reasoning", "reasoning_content"],)"      \
  R"( "message": "a message has the key {key}, which Together does not read",)"                                                \
  R"( "hint": "remove it, or look for a misspelling"},)"                                                                       \
  R"({"code": "large_image", "severity": "error", "at": ")" LIST R"(/*/content/*", "field": "/image_url/url",)"                \
  R"( "max_bytes": 13981060, "message": "an image of {count} bytes in base64; 10 MB before it are the most",)"                 \
  R"( "hint": "make it smaller"},)"                                                                                            \
  R"({"code": "too_many_images", "severity": "error",)"                                                                        \
  R"( "count_at": {"at": ")" LIST R"(/*/content/*/type", "values": ["image_url"], "max": 10},)"                                \
  R"( "message": "{count} images in a row; 10 are the most", "hint": "leave some out"},)" FT_CALL_RULES(LIST)

namespace together {

inline constexpr const char* kRules = R"([
  {"code": "unknown_format", "severity": "error", "any_of": ["messages", "prompt", "text", "input"],
   "message": "the row has no messages, prompt, text or input", "hint": "write one of Together's shapes"},
  {"code": "several_formats", "severity": "error", "at_most_one": ["messages", "prompt", "text", "input"],
   "message": "the row is of {count} shapes at once", "hint": "keep one of messages, prompt, text and input"},
  {"code": "mixed_formats", "severity": "error", "same_keys": ["messages", "prompt", "text", "input"],
   "message": "the row is of another shape than the first", "hint": "write one shape a file"},
  {"code": "extra_column", "severity": "error", "when": {"/messages": {"present": true}, "/created_at": {"present": false}},
   "allowed": ["messages", "tools", "weight"], "message": "the column {key}, which Together refuses beside messages", "hint": "remove it"},
  {"code": "extra_column", "severity": "error", "when": {"/prompt": {"present": true}, "/created_at": {"present": false}},
   "allowed": ["prompt", "completion", "weight"], "message": "the column {key}, which Together refuses beside prompt and completion", "hint": "remove it"},
  {"code": "extra_column", "severity": "error", "when": {"/text": {"present": true}, "/created_at": {"present": false}},
   "allowed": ["text", "weight"], "message": "the column {key}, which Together refuses beside text", "hint": "remove it"},
  {"code": "extra_column", "severity": "error", "when": {"/input": {"present": true}, "/created_at": {"present": false}},
   "allowed": ["input", "preferred_output", "non_preferred_output", "weight"],
   "message": "the column {key}, which Together refuses beside a preference", "hint": "remove it"},
  {"code": "bad_row_weight", "severity": "error", "at": "/weight", "type": "number", "min": 0,
   "message": "the row's weight is {value}", "hint": "write a number, 0 or more: the loss is multiplied by it"},
  {"code": "no_assistant", "severity": "error", "unless": ["unknown_role", "bad_message"], "when": {"/chosen": {"present": false}}, "field": "/messages", "count_of": {"values": ["assistant"], "min": 1},
   "message": "no message is the assistant's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "first_not_user", "severity": "error", "unless": ["unknown_role", "bad_message"], "at": "/messages", "first": ["system", "user"],
   "message": "the first message is the {value}'s", "hint": "begin with a system or user message, or remove it"},
  {"code": "last_not_assistant", "severity": "warning", "unless": ["no_assistant", "unknown_role", "bad_message"], "when": {"/chosen": {"present": false}}, "field": "/messages", "last": ["assistant"],
   "message": "the last message is {value}; nothing behind the last answer is trained on", "hint": "end the row with the assistant's answer"},
)" TOGETHER_MESSAGES("/messages") FT_ONLY_ANSWER_RULES("/messages") FT_TOOL_RULES("/tools") R"(
  {"code": "not_text", "severity": "error", "at": "/prompt", "type": "string", "non_empty": true,
   "message": "the prompt is no text, or empty", "hint": "write it as text; messages go into the shape of messages"},
  {"code": "no_completion", "severity": "error", "when": {"/prompt": {"present": true}}, "required": ["completion"],
   "message": "a prompt without {key}", "hint": "write the answer, or remove the row"},
  {"code": "not_text", "severity": "error", "at": "/completion", "type": "string", "non_empty": true,
   "message": "the completion is no text, or empty", "hint": "write it as text, or remove the row"},
  {"code": "not_text", "severity": "error", "at": "/text", "type": "string", "non_empty": true,
   "message": "the text is no text, or empty", "hint": "write it as text, or remove the row"},
  {"code": "no_preference", "severity": "error", "when": {"/input": {"present": true}}, "required": ["preferred_output", "non_preferred_output"],
   "message": "the row has no {key}", "hint": "write both answers"},
  {"code": "no_preference", "severity": "error", "at": "/input", "type": "object",
   "message": "input is no object", "hint": "write {\"messages\": [...]}"},
  {"code": "no_messages", "severity": "error", "at": "/input", "any_of": ["messages"],
   "message": "the input has no messages", "hint": "write {\"messages\": [{\"role\": \"user\", \"content\": ...}]}"},
  {"code": "last_is_assistant", "severity": "error", "unless": ["unknown_role", "bad_message", "bad_messages", "no_messages"], "at": "/input/messages", "last": ["system", "user", "tool"],
   "message": "the prompt ends with the message of the {value}", "hint": "end it with the user's; the answers stand beside it"},
)" FT_MESSAGE_RULES("/input/messages") TOGETHER_MESSAGES("/input/messages") FT_TOOL_RULES("/input/tools")
    FT_ANSWER_RULES("/preferred_output", "the preferred answer")
        FT_ANSWER_RULES("/non_preferred_output", "the non-preferred answer")
            FT_DIFFERENT_ANSWERS("/preferred_output", "/non_preferred_output") FT_LINES_RULE("Together", "together") R"(
  {"code": "unknown_key", "severity": "warning", "at": "/input", "allowed": ["messages", "tools"],
   "message": "the input has a {key}, which Together does not read", "hint": "remove it"},
  {"code": "no_rows", "severity": "error", "rows": {"min": 1}, "message": "the file has no rows", "hint": "add some"},
  {"code": "too_large", "severity": "error", "bytes": {"max": 100000000000},
   "message": "the file has {count} bytes; 100 GB are the most", "hint": "split the file"}
])";

}  // namespace together
