// What the trainers that read turns want, as a table that the host checks in its one pass over a file. LLaMA-Factory
// passes over rows whose turns are out of step, so such a row is a warning; Axolotl reads it.
#pragma once

namespace sharegpt {

inline constexpr const char* kRules = R"([
  {"code": "no_conversations", "severity": "error", "any_of": ["conversations", "conversation", "messages"],
   "message": "the row has no {key}", "hint": "a row is {\"conversations\": [{\"from\": ..., \"value\": ...}]}"},
  {"code": "no_answer", "severity": "error", "at": "/conversations", "key": "from",
   "count_of": {"values": ["gpt", "assistant", "chatgpt", "bing", "bard", "function_call"], "min": 1}, "when": {"/*/from": {"present": true}},
   "message": "no turn is the model's, so there is nothing to train on", "hint": "add the answer, or remove the row"},
  {"code": "bad_order", "severity": "warning", "at": "/conversations", "key": "from",
   "after": {"human": ["", "system", "gpt", "function_call"], "observation": ["function_call"], "gpt": ["human", "observation"],
             "function_call": ["human", "observation"], "system": [""], "user": ["", "system", "assistant", "gpt"], "assistant": ["user", "tool", "human"]},
   "message": "a turn of {value} out of step, and LLaMA-Factory passes over such rows",
   "hint": "a question or result, then an answer or call, again and again"},
  {"code": "last_not_answer", "severity": "warning", "unless": ["no_answer"], "at": "/conversations", "key": "from",
   "last": ["gpt", "assistant", "chatgpt", "bing", "bard", "function_call"], "when": {"/*/from": {"present": true}},
   "message": "the last turn is of {value}; nothing behind the last answer is trained on", "hint": "end the row with the model's answer"},
  {"code": "bad_train", "severity": "error", "at": "/conversations/*/train", "type": ["boolean", "null"],
   "message": "train is {value}", "hint": "write true or false"},
  {"code": "bad_train", "severity": "error", "at": "/conversations/*/train_detail/*", "required": ["begin_offset", "end_offset", "train"],
   "message": "a span without {key}", "hint": "write {\"begin_offset\": 0, \"end_offset\": 9, \"train\": true}"},
  {"code": "bad_train", "severity": "error", "at": "/conversations/*/train_detail/*/begin_offset", "type": "integer", "min": 0,
   "message": "a span begins at {value}", "hint": "write a whole number of characters"},
  {"code": "bad_train", "severity": "error", "at": "/conversations/*/train_detail/*/end_offset", "type": "integer", "min": 0,
   "message": "a span ends at {value}", "hint": "write a whole number of characters"},
  {"code": "bad_weight", "severity": "error", "at": "/conversations/*/weight", "in": [0, 1, null],
   "message": "the weight {value} is neither 0 nor 1", "hint": "write 0 for a turn that is not to be learnt, else 1"},
  {"code": "bad_tools", "severity": "error", "at": "/tools", "type": ["string", "array", "null"],
   "message": "tools is neither text nor a list", "hint": "write the list of functions as text"},
  {"code": "bad_tools", "severity": "warning", "at": "/tools", "json": "array",
   "message": "the text of tools is no JSON list", "hint": "write \"[{\\\"name\\\": ...}]\", or leave it out"}
])";

}  // namespace sharegpt
