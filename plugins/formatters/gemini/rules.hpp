// What Vertex takes for supervised tuning, as a table that the host checks in its one pass over a file: contents of
// user and model with parts, an instruction of text, the answers of functions in one content.
#pragma once

namespace gemini {

inline constexpr const char* kRules = R"([
  {"code": "no_contents", "severity": "error", "any_of": ["contents"],
   "message": "the row has no contents", "hint": "a row is {\"contents\": [{\"role\": ..., \"parts\": [...]}]}"},
  {"code": "no_model", "severity": "error", "unless": ["unknown_role", "no_content"], "when": {"/completions": {"present": false}}, "field": "/contents", "count_of": {"values": ["model"], "min": 1},
   "message": "no content is the model's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "last_not_model", "severity": "error", "unless": ["no_model", "unknown_role", "no_content"], "when": {"/completions": {"present": false}}, "field": "/contents", "last": ["model"],
   "message": "the last content is of {value}, and the model's answer is what is trained on", "hint": "end with {\"role\": \"model\", ...}"},
  {"code": "first_not_user", "severity": "error", "unless": ["unknown_role", "no_content"], "at": "/contents", "first": ["user"],
   "message": "the first content is the {value}'s", "hint": "begin with the user's; an instruction stands in systemInstruction"},
  {"code": "unknown_role", "severity": "error", "at": "/contents/*", "field": "/role", "in": ["user", "model", "function", "tool"],
   "message": "{value} is no role here", "hint": "write user or model"},
  {"code": "no_content", "severity": "error", "at": "/contents/*", "required": ["role", "parts"],
   "message": "a content without {key}", "hint": "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}"},
  {"code": "no_content", "severity": "error", "at": "/contents/*/parts", "type": "array", "non_empty": true,
   "message": "the parts are no list, or empty", "hint": "write [{\"text\": ...}]"},
  {"code": "bad_part", "severity": "error", "at": "/contents/*/parts/*",
   "any_of": ["text", "inlineData", "inline_data", "fileData", "file_data", "functionCall", "function_call", "functionResponse",
              "function_response", "executableCode", "codeExecutionResult"],
   "message": "a part without text, data, call or response", "hint": "write {\"text\": ...}"},
  {"code": "not_text", "severity": "error", "at": "/contents/*/parts/*/text", "type": "string",
   "message": "the text of a part is {value}", "hint": "write it as text"},
  {"code": "bad_file", "severity": "error", "at": "/contents/*/parts/*/fileData", "required": ["mimeType", "fileUri"],
   "message": "a file without {key}", "hint": "write {\"mimeType\": \"image/png\", \"fileUri\": \"gs://...\"}"},
  {"code": "call_not_of_model", "severity": "error", "at": "/contents/*", "field": "/parts/*", "refused": ["functionCall"],
   "when": {"/role": ["user", "function", "tool"]},
   "message": "a functionCall that is not the model's", "hint": "the model calls functions, the user answers"},
  {"code": "bad_arguments", "severity": "error", "at": "/contents/*/parts/*/functionCall", "required": ["name"],
   "message": "a functionCall without {key}", "hint": "write {\"name\": ..., \"args\": {...}}"},
  {"code": "bad_arguments", "severity": "error", "at": "/contents/*/parts/*/functionCall/args", "type": "object",
   "message": "the args are no object", "hint": "write {\"city\": \"Oslo\"}, not its text"},
  {"code": "bad_response", "severity": "error", "at": "/contents/*/parts/*/functionResponse", "required": ["name", "response"],
   "message": "a functionResponse without {key}", "hint": "write {\"name\": ..., \"response\": {...}}"},
  {"code": "bad_response", "severity": "error", "at": "/contents/*/parts/*/functionResponse/response", "type": "object",
   "message": "the response is no object", "hint": "write {\"content\": ...}"},
  {"code": "same_role_twice", "severity": "warning", "at": "/contents", "unless": ["unknown_role"], "after": {"user": ["", "model", "function", "tool"], "model": ["", "user", "function", "tool"], "function": ["model"], "tool": ["model"]},
   "message": "two contents of {value} in a row", "hint": "put their parts into one: answers of functions belong together"},
  {"code": "not_text", "severity": "error", "at": "/systemInstruction/parts/*", "required": ["text"],
   "message": "a part of the instruction without {key}", "hint": "an instruction is of text alone"}
])";

}  // namespace gemini
