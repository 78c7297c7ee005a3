// Rules that the formats of OpenAI's shape share, as text for their rule tables (ft::Info::rules): of calls and their
// answers in a list of messages, and of tools. Each is a macro of a place and ends with a comma.
#pragma once

// LIST: a place of messages as OpenAI spells them, where the host does not look by itself.
#define FT_MESSAGE_RULES(LIST)                                                                                     \
  R"({"code": "bad_messages", "severity": "error", "at": ")" LIST R"(", "type": "array",)"                         \
  R"( "message": "the messages are no list", "hint": "write [{\"role\": ..., \"content\": ...}, ...]"},)"          \
  R"({"code": "no_messages", "severity": "error", "at": ")" LIST                                                   \
  R"(", "non_empty": true, "unless": ["not_one_answer"],)"                                                         \
  R"( "message": "the list of messages is empty", "hint": "fill it, or remove the row"},)"                         \
  R"({"code": "bad_message", "severity": "error", "at": ")" LIST R"(/*", "type": "object",)"                       \
  R"( "message": "the message is no object", "hint": "write {\"role\": ..., \"content\": ...}"},)"                 \
  R"({"code": "bad_message", "severity": "error", "at": ")" LIST R"(/*", "required": ["role"],)"                   \
  R"( "message": "the message has no {key}", "hint": "write {\"role\": ..., \"content\": ...}"},)"                 \
  R"({"code": "bad_content", "severity": "error", "at": ")" LIST R"(/*", "field": "/content",)"                    \
  R"( "type": ["string", "array", "null"], "message": "the content is neither text nor a list of parts",)"         \
  R"( "hint": "write it as text"},)"                                                                               \
  R"({"code": "bad_content", "severity": "error", "at": ")" LIST R"(/*/content/*", "type": "object",)"             \
  R"( "message": "a part of the content is no object", "hint": "write {\"type\": \"text\", \"text\": ...}"},)"     \
  R"({"code": "bad_content", "severity": "error", "at": ")" LIST R"(/*/content/*", "required": ["type"],)"         \
  R"( "message": "a part of the content has no {key}", "hint": "write {\"type\": \"text\", \"text\": ...}"},)"     \
  R"({"code": "no_content", "severity": "error", "at": ")" LIST R"(/*",)"                                          \
  R"( "any_of": ["content", "tool_calls", "function_call", "refusal", "audio"],)"                                  \
  R"( "message": "the message has no {key}", "hint": "write its text, or remove the row"},)"                       \
  R"({"code": "empty_content", "severity": "error", "at": ")" LIST R"(/*", "field": "/content", "says": "/text",)" \
  R"( "when": {"/tool_calls/0": {"present": false}, "/function_call": {"present": false},)"                        \
  R"( "/refusal": {"present": false}, "/audio": {"present": false}},)"                                             \
  R"( "message": "the message is empty", "hint": "write its text, or remove the row"},)"

// LIST: a place of messages; the roles that OpenAI's chats have.
#define FT_ROLE_RULES(LIST)                                                                                        \
  R"({"code": "unknown_role", "severity": "error", "at": ")" LIST R"(/*", "field": "/role",)"                      \
  R"( "in": ["system", "developer", "user", "assistant", "tool", "function"], "message": "unknown role {value}",)" \
  R"( "hint": "roles are system, developer, user, assistant and tool"},)"

// LIST: the place of the messages, as "/messages".
#define FT_CALL_RULES(LIST)                                                                                            \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST                                                     \
  R"(/*", "field": "/tool_calls", "type": ["array", "null"],)"                                                         \
  R"( "non_empty": true, "message": "tool_calls is no list of calls", "hint": "write the calls, or leave it out"},)"   \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST R"(/*/tool_calls/*", "type": "object",)"            \
  R"( "message": "a tool call is no object",)"                                                                         \
  R"( "hint": "write {\"id\": ..., \"type\": \"function\", \"function\": {...}}"},)"                                   \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST                                                     \
  R"(/*/tool_calls/*", "field": "/function", "type": "object",)"                                                       \
  R"( "message": "the function of a call is no object", "hint": "write {\"name\": ..., \"arguments\": \"{...}\"}"},)"  \
  R"({"code": "bad_tool_call", "severity": "error", "at": ")" LIST R"(/*/tool_calls/*", "field": "/function/name",)"   \
  R"( "type": "string", "non_empty": true, "message": "the name of a function is no text, or empty",)"                 \
  R"( "hint": "write the name of the function that is called"},)"                                                      \
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

// LIST: a place of messages as OpenAI's chats have them.
#define FT_NAME_RULES(LIST)                                                                                        \
  R"({"code": "bad_name", "severity": "error", "at": ")" LIST R"(/*", "field": "/name",)"                          \
  R"( "type": ["string", "null"], "min_length": 1, "max_length": 64,)"                                             \
  R"( "message": "the name {value} is not 1 to 64 characters of text", "hint": "shorten it, or leave it out"},)"   \
  R"({"code": "bad_name", "severity": "warning", "at": ")" LIST R"(/*", "field": "/name", "only": "a-zA-Z0-9_-",)" \
  R"( "message": "the name {value} has other characters than letters of a to z, digits, _ and -",)"                \
  R"( "hint": "write it with these alone, or leave it out"},)"

// LIST: a place of messages with weights, of which each message may have one: rows whose one answer is not learnt.
#define FT_ONLY_ANSWER_RULES(LIST)                                                                                 \
  R"({"code": "nothing_learnt", "severity": "warning", "at": ")" LIST R"(", "field": "/1/weight", "in": [1],)"     \
  R"( "when": {"/1/role": ["assistant"], "/1/weight": [0], "/0/role": ["system", "user"],)"                        \
  R"( "/2": {"present": false}}, "message": "the only answer has the weight 0, so nothing of the row is learnt",)" \
  R"( "hint": "remove the weight, or the row"},)"                                                                  \
  R"({"code": "nothing_learnt", "severity": "warning", "at": ")" LIST R"(", "field": "/2/weight", "in": [1],)"     \
  R"( "when": {"/2/role": ["assistant"], "/2/weight": [0], "/1/role": ["user"], "/0/role": ["system", "user"],)"   \
  R"( "/3": {"present": false}}, "message": "the only answer has the weight 0, so nothing of the row is learnt",)" \
  R"( "hint": "remove the weight, or the row"},)"

// AT: the place of the tools, as "/tools".
#define FT_TOOL_RULES(AT)                                                                                          \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(", "type": ["array", "null"], "non_empty": true,)" \
  R"( "message": "tools is not a list of functions", "hint": "write a list, or leave it out"},)"                   \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "type": "object",)"                           \
  R"( "message": "a tool is no object",)"                                                                          \
  R"( "hint": "write {\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": {...}}}"},)"           \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "required": ["type", "function"],)"           \
  R"( "message": "a tool without {key}",)"                                                                         \
  R"( "hint": "write {\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": {...}}}"},)"           \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "field": "/type", "in": ["function"],)"       \
  R"( "message": "a tool of type {value}", "hint": "the type is \"function\""},)"                                  \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "field": "/function", "type": "object",)"     \
  R"( "message": "the function of a tool is no object", "hint": "write {\"name\": ..., \"parameters\": {...}}"},)" \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*", "field": "/function", "required": ["name"],)" \
  R"( "message": "a function without a name", "hint": "name it"},)"                                                \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT                                                       \
  R"(/*/function/name", "type": "string", "min_length": 1,)"                                                       \
  R"( "max_length": 64, "message": "the function's name {value} is not 1 to 64 characters of text",)"              \
  R"( "hint": "shorten it"},)"                                                                                     \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT R"(/*/function/name", "only": "a-zA-Z0-9_-",)"        \
  R"( "message": "the function's name {value} has other characters than letters, digits, _ and -",)"               \
  R"( "hint": "write it with these alone, in the calls too"},)"                                                    \
  R"({"code": "duplicate_tool", "severity": "error", "at": ")" AT R"(", "unique": "/function/name",)"              \
  R"( "message": "two tools have the name {value}", "hint": "remove one, or give it another name"},)"              \
  R"({"code": "bad_tools", "severity": "error", "at": ")" AT                                                       \
  R"(/*", "field": "/function/parameters", "type": ["object", "null"],)"                                           \
  R"( "message": "the parameters of a function are no JSON Schema", "hint": "write {\"type\": \"object\", ...}"},)"

// AT: an answer of a preference, as "/preferred_output"; NAME: its last word.
#define FT_ANSWER_RULES(AT, NAME)                                                                                  \
  R"({"code": "not_one_answer", "severity": "error", "at": ")" AT R"(", "min_count": 1, "max_count": 1,)"          \
  R"( "message": ")" NAME R"( has {count} messages", "hint": "write the one answer"},)"                            \
  R"({"code": "not_one_answer", "severity": "error", "at": ")" AT R"(/*", "field": "/role", "in": ["assistant"],)" \
  R"( "message": ")" NAME                                                                                          \
  R"( is the {value}'s, not the assistant's", "hint": "write the assistant's answer"},)" FT_MESSAGE_RULES(AT)      \
      FT_CALL_RULES(AT)

// A and B: the places of a preference's answers.
#define FT_DIFFERENT_ANSWERS(A, B)                                                                       \
  R"({"code": "same_answers", "severity": "warning", "differ": {"from": ")" A R"(", "to": ")" B R"("},)" \
  R"( "message": "the two answers are the same, so there is nothing to prefer", "hint": "remove the row"},)"

// A format that is lines alone.
#define FT_LINES_RULE(NAME, FORMAT)                                                                  \
  R"({"code": "not_json_lines", "severity": "error", "lines": true,)"                                \
  R"( "message": "the file is one JSON list, and )" NAME R"( takes JSON Lines: one object a line",)" \
  R"( "hint": "write it as such: fthost convert FILE --from )" FORMAT R"( --to )" FORMAT R"( --output NEW"},)"
