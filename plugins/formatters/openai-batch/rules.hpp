// What a batch file may hold, as a table that the host checks in its one pass over a file: requests with an id, to one
// of the endpoints, 50,000 of them and 200 MB.
#pragma once

namespace openai_batch {

inline constexpr const char* kRules = R"([
  {"code": "bad_request", "severity": "error", "any_of": ["body", "response", "error"],
   "message": "the line has no {key}", "hint": "a line is {\"custom_id\": ..., \"method\": ..., \"url\": ..., \"body\": {...}}"},
  {"code": "no_custom_id", "severity": "error", "when": {"/body": {"present": true}}, "required": ["custom_id"],
   "message": "the line has no {key}", "hint": "write one that no other line of the file has"},
  {"code": "no_custom_id", "severity": "error", "at": "/custom_id", "type": "string", "non_empty": true,
   "message": "the custom_id is no text, or empty", "hint": "write one that no other line of the file has"},
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}, "/response": {"present": false}},
   "required": ["method", "url", "body"], "message": "the request has no {key}",
   "hint": "write {\"custom_id\": ..., \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {...}}"},
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/method", "in": ["POST"], "message": "the method is {value}", "hint": "write POST"},
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/url",
   "in": ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/moderations", "/v1/images/generations",
          "/v1/images/edits", "/v1/videos"],
   "message": "a batch has no endpoint {value}", "hint": "write /v1/chat/completions"},
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body", "type": "object", "required": ["model"],
   "message": "the body has no {key}", "hint": "write the request as it would be sent by itself"},
  {"code": "bad_request", "severity": "error", "when": {"/url": ["/v1/chat/completions"]}, "field": "/body", "required": ["messages"],
   "message": "the body has no {key}", "hint": "write [{\"role\": \"user\", \"content\": ...}]"},
  {"code": "streamed", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body/stream", "in": [false, null],
   "message": "a batch cannot stream", "hint": "leave it out"},
  {"code": "too_many_rows", "severity": "error", "rows": {"max": 50000},
   "message": "the number of lines is {count}; a batch has 50,000 at most", "hint": "split the file"},
  {"code": "too_large", "severity": "error", "bytes": {"max": 209715200},
   "message": "the file has {count} bytes; a batch has 200 MB at most", "hint": "split the file"}
])";

}  // namespace openai_batch
