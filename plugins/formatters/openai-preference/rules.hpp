// What a preference file may hold, as a table that the host checks in its one pass over a file: one assistant's answer
// on each side, text alone.
#pragma once

#include <ft/chat_rules.hpp>

namespace openai_preference {

inline constexpr const char* kRules = R"([
  {"code": "no_preference", "severity": "error", "any_of": ["input"],
   "message": "the row has no {key}", "hint": "a row is {\"input\": {\"messages\": [...]}, \"preferred_output\": [...], \"non_preferred_output\": [...]}"},
  {"code": "no_preference", "severity": "error", "at": "/input", "type": "object",
   "message": "input is no object", "hint": "write {\"messages\": [...]}"},
  {"code": "no_messages", "severity": "error", "at": "/input", "any_of": ["messages"],
   "message": "the input has no messages", "hint": "write {\"messages\": [{\"role\": \"user\", \"content\": ...}]}"},
  {"code": "last_is_assistant", "severity": "error", "unless": ["unknown_role", "bad_message", "bad_messages", "no_messages"], "at": "/input/messages", "last": ["system", "developer", "user", "tool", "function"],
   "message": "the prompt ends with the assistant's message", "hint": "move it to the answers, or remove it"},
  {"code": "no_user", "severity": "warning", "unless": ["last_is_assistant", "unknown_role", "bad_message", "bad_messages", "no_messages"], "at": "/input/messages", "count_of": {"values": ["user"], "min": 1},
   "message": "no message of the prompt is the user's", "hint": "add the question"},
  {"code": "bad_weight", "severity": "error", "at": "/input/messages/*", "field": "/weight", "in": [0, 1],
   "message": "the weight {value} is neither 0 nor 1", "hint": "leave it out: the answers alone are trained on"},
  {"code": "weight_not_on_assistant", "severity": "error", "at": "/input/messages/*", "refused": ["weight"],
   "when": {"/role": ["system", "developer", "user", "tool", "function"]},
   "message": "a weight on a message that is not the assistant's", "hint": "remove it"},
  {"code": "not_text", "severity": "error", "at": "/input/messages/*/content/*", "field": "/type", "in": ["text"],
   "message": "a part of type {value}; preferences are of text alone", "hint": "remove the row"},
  {"code": "not_text", "severity": "error", "at": "/preferred_output/*/content/*", "field": "/type", "in": ["text", "refusal"],
   "message": "a part of type {value}; preferences are of text alone", "hint": "remove the row"},
  {"code": "not_text", "severity": "error", "at": "/non_preferred_output/*/content/*", "field": "/type", "in": ["text", "refusal"],
   "message": "a part of type {value}; preferences are of text alone", "hint": "remove the row"},
)" FT_MESSAGE_RULES("/input/messages") FT_ROLE_RULES("/input/messages") FT_NAME_RULES("/input/messages")
    FT_CALL_RULES("/input/messages") FT_TOOL_RULES("/input/tools")
        FT_ANSWER_RULES("/preferred_output", "the preferred answer")
            FT_ANSWER_RULES("/non_preferred_output", "the non-preferred answer")
                FT_DIFFERENT_ANSWERS("/preferred_output", "/non_preferred_output")
                    FT_LINES_RULE("OpenAI", "openai-preference") R"(
  {"code": "bad_parallel_tool_calls", "severity": "error", "at": "/input/parallel_tool_calls", "type": ["boolean", "null"],
   "message": "parallel_tool_calls is {value}", "hint": "write true or false"},
  {"code": "older_spelling", "severity": "warning", "refused": ["preferred_completion", "non_preferred_completion"],
   "message": "{key} is an older name, which the service does not read", "hint": "fthost convert writes today's"},
  {"code": "no_preference", "severity": "error", "when": {"/input": {"present": true}}, "required": ["preferred_output", "non_preferred_output"],
   "message": "the row has no {key}", "hint": "write the other answer"},
  {"code": "too_few_rows", "severity": "error", "rows": {"min": 10},
   "message": "the number of rows is {count}; OpenAI takes files of 10 rows and more", "hint": "add rows"},
  {"code": "too_large", "severity": "error", "bytes": {"max": 536870912},
   "message": "the file has {count} bytes; OpenAI takes files of up to 512 MB", "hint": "split the file"}
])";

}  // namespace openai_preference
