// Rules that the formats of OpenAI's shape share, as text for their rule tables (ft::Info::rules): of calls and their
// answers in a list of messages, and of tools. Each is a macro of a place and ends with a comma.
#pragma once

// LIST: the place of the messages, as "/messages".
#define FT_CALL_RULES(LIST)                                                                                            \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST                                                     \
  R"(/*", "field": "/tool_calls", "type": ["array", "null"],)"                                                         \
  R"( "non_empty": true, "message": "tool_calls is no list of calls", "hint": "write the calls, or leave it out"},)"   \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST R"(/*/tool_calls/*",)"                              \
  R"( "required": ["id", "type", "function"], "message": "a tool call without {key}",)"                                \
  R"( "hint": "write {\"id\": ..., \"type\": \"function\", \"function\": {...}}"},)"                                   \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST R"(/*/tool_calls/*", "field": "/type",)"            \
  R"( "in": ["function"], "message": "a tool call of type {value}", "hint": "the type is \"function\""},)"             \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST R"(/*/tool_calls/*", "field": "/function",)"        \
  R"( "required": ["name", "arguments"], "message": "a tool call without {key}",)"                                     \
  R"( "hint": "write {\"name\": ..., \"arguments\": \"{...}\"}"},)"                                                    \
  R"({"code": "bad_arguments", "severity": "error", "at": ")" LIST                                                     \
  R"(/*/tool_calls/*", "field": "/function/arguments",)"                                                               \
  R"( "type": "string", "json": "object", "message": "the arguments are not a string that holds a JSON object",)"      \
  R"( "hint": "write them as \"{\\\"city\\\": \\\"Oslo\\\"}\"", "fix": "stringify"},)"                                 \
  R"({"code": "tool_calls_not_on_assistant", "severity": "error", "at": ")" LIST R"(/*",)"                             \
  R"( "refused": ["tool_calls", "function_call"],)"                                                                    \
  R"( "when": {"/role": ["system", "developer", "user", "tool", "function"]},)"                                        \
  R"( "message": "tool calls in a message that is not the assistant's", "hint": "only the assistant calls tools"},)"   \
  R"({"code": "no_tool_call_id", "severity": "error", "at": ")" LIST R"(/*", "required": ["tool_call_id"],)"           \
  R"( "when": {"/role": ["tool"]}, "message": "a tool's answer without tool_call_id",)"                                \
  R"( "hint": "repeat the id of the call that it answers"},)"                                                          \
  R"({"code": "tool_call_id_not_on_tool", "severity": "warning", "at": ")" LIST R"(/*", "refused": ["tool_call_id"],)" \
  R"( "when": {"/role": ["system", "developer", "user", "assistant"]},)"                                               \
  R"( "message": "a tool_call_id in a message that is no tool's answer", "hint": "remove it", "fix": "remove"},)"      \
  R"({"code": "unmatched_tool", "severity": "error", "at": ")" LIST R"(",)"                                            \
  R"( "references": {"from": "/tool_call_id", "to": "/tool_calls/*/id"},)"                                             \
  R"( "message": "the tool_call_id {value} is not one of an earlier call",)"                                           \
  R"( "hint": "repeat the id of the call that it answers"},)"                                                          \
  R"({"code": "unanswered_tool_call", "severity": "warning", "at": ")" LIST R"(",)"                                    \
  R"( "answered": {"from": "/tool_call_id", "to": "/tool_calls/*/id"}, "message": "the tool call {value} is not)"      \
  R"( answered", "hint": "add the tool's answer, or end the row with the call"},)"                                     \
  R"({"code": "repeated_tool_call_id", "severity": "warning", "at": ")" LIST R"(", "unique": "/tool_calls/*/id",)"     \
  R"( "message": "two calls have the id {value}, so it is not clear which one is answered",)"                          \
  R"( "hint": "give each call of a row an id of its own"},)"                                                           \
  R"({"code": "misplaced_tool", "severity": "error", "at": ")" LIST R"(", "after": {"tool": ["assistant", "tool"],)"   \
  R"( "function": ["assistant"]}, "message": "a tool's answer that does not follow the assistant's call",)"            \
  R"( "hint": "put it behind the message with its call"},)"

// AT: the place of the tools, as "/tools".
#define FT_TOOL_RULES(AT)                                                                                          \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(", "type": ["array", "null"], "non_empty": true,)" \
  R"( "message": "tools is not a list of functions", "hint": "write a list, or leave it out"},)"                   \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "required": ["type", "function"],)"           \
  R"( "message": "a tool without {key}",)"                                                                         \
  R"( "hint": "write {\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": {...}}}"},)"           \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "field": "/type", "in": ["function"],)"       \
  R"( "message": "a tool of type {value}", "hint": "the type is \"function\""},)"                                  \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "field": "/function", "required": ["name"],)" \
  R"( "message": "a function without a name", "hint": "name it"},)"                                                \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT                                                       \
  R"(/*/function/name", "type": "string", "min_length": 1,)"                                                       \
  R"( "max_length": 64, "message": "the function's name {value} is not 1 to 64 characters of text",)"              \
  R"( "hint": "shorten it"},)"                                                                                     \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT                                                       \
  R"(/*", "field": "/function/parameters", "type": ["object", "null"],)"                                           \
  R"( "message": "the parameters of a function are no JSON Schema", "hint": "write {\"type\": \"object\", ...}"},)"

// AT: an answer of a preference, as "/preferred_output"; NAME: its last word.
#define FT_ANSWER_RULES(AT, NAME)                                                                                  \
  R"({"code": "not_one_answer", "severity": "error", "at": ")" AT R"(", "min_count": 1, "max_count": 1,)"          \
  R"( "message": ")" NAME R"( has {count} messages", "hint": "write the one answer"},)"                            \
  R"({"code": "not_one_answer", "severity": "error", "at": ")" AT R"(/*", "field": "/role", "in": ["assistant"],)" \
  R"( "message": ")" NAME R"( is the {value}'s, not the assistant's", "hint": "write the assistant's answer"},)"   \
  R"({"code": "no_content", "severity": "error", "at": ")" AT R"(/*", "any_of": ["content", "tool_calls"],)"       \
  R"( "message": ")" NAME R"( has no content", "hint": "write the answer, or remove the row"},)"
