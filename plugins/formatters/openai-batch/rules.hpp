// What a batch file may hold, as a table that the host checks in its one pass over a file: requests with an id, to one
// of the endpoints, 50,000 of them and 200 MB.
#pragma once

#include <ft/chat_rules.hpp>

namespace openai_batch {

inline constexpr const char* kRules = R"([
)" FT_LINES_RULE("the Batch API", "openai-batch") FT_MESSAGE_RULES("/body/messages") FT_ROLE_RULES("/body/messages")
    FT_CALL_RULES("/body/messages") R"(
  {"code": "bad_request", "severity": "error", "any_of": ["body", "response", "error", "choices"],
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
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body", "type": ["object", "null"],
   "message": "the body is no object", "hint": "write the request as it would be sent by itself"},
  {"code": "bad_request", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body", "required": ["model"],
   "message": "the body has no {key}", "hint": "write the request as it would be sent by itself"},
  {"code": "bad_request", "severity": "error", "when": {"/url": ["/v1/chat/completions"]}, "field": "/body", "any_of": ["messages"],
   "message": "the body has no {key}", "hint": "write [{\"role\": \"user\", \"content\": ...}]"},
  {"code": "bad_request", "severity": "error", "at": "/body/model", "type": "string", "non_empty": true,
   "message": "the model is no text, or empty", "hint": "name the model that is asked"},
  {"code": "duplicate_custom_id", "severity": "error", "when": {"/body": {"present": true}, "/response": {"present": false}}, "field": "/custom_id", "unique_value": true,
   "message": "the custom_id is that of {count}", "hint": "give each request of the file one of its own"},
  {"code": "several_models", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body/model", "same_value": true,
   "message": "the model is another than the first request's", "hint": "a batch asks one model: write a file for each"},
  {"code": "several_endpoints", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/url", "same_value": true,
   "message": "the url is another than the first request's", "hint": "a batch has one endpoint: write a file for each"},
  {"code": "bad_response", "severity": "error", "at": "/response", "type": ["object", "null"],
   "message": "the response is no object", "hint": "leave the line as the service wrote it"},
  {"code": "no_messages", "severity": "error", "when": {"/choices": {"present": true}}, "any_of": ["messages"],
   "message": "a completion without {key}", "hint": "store completions with the messages that they answer"},
  {"code": "no_answer", "severity": "error", "at": "/choices", "type": "array", "non_empty": true,
   "message": "the choices are no list, or empty", "hint": "remove the row"},
  {"code": "no_answer", "severity": "error", "at": "/choices/*", "required": ["message"],
   "message": "a choice without {key}", "hint": "remove the row"},
  {"code": "streamed", "severity": "error", "when": {"/custom_id": {"present": true}}, "field": "/body/stream", "in": [false, null],
   "message": "a batch cannot stream", "hint": "leave it out"},
  {"code": "too_many_rows", "severity": "error", "rows": {"max": 50000},
   "message": "the number of lines is {count}; a batch has 50,000 at most", "hint": "split the file"},
  {"code": "too_large", "severity": "error", "bytes": {"max": 209715200},
   "message": "the file has {count} bytes; a batch has 200 MB at most", "hint": "split the file"}
])";

}  // namespace openai_batch
