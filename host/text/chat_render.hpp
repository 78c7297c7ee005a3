// A conversation through a chat template, as transformers' apply_chat_template does it, and where in the text the
// assistant speaks, which is what training learns from. Pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "text/chat_template.hpp"

namespace fthost::text {

struct ChatInput {
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json tools;      // null: none
  nlohmann::ordered_json documents;  // null: none
  nlohmann::ordered_json variables =
      nlohmann::ordered_json::object();  // bos_token, eos_token and what else the template takes
  bool add_generation_prompt = false;
  bool continue_final_message = false;  // stop inside the last message, so that the model goes on with it
  std::optional<std::chrono::system_clock::time_point> now;  // for strftime_now
};

// generations are empty with continue_final_message.
Result<RenderedChat> render_chat(const ChatTemplate& chat_template, const ChatInput& input);

// What an assistant message added to the text.
struct AssistantSpan {
  std::size_t message = 0;       // index into messages
  std::optional<TextSpan> span;  // what a model would have produced there, its end token included
  std::string why_not;           // without a span: the reason, without a final full stop
};

// One entry per assistant message. With A the rendering of the messages before it and a generation prompt, and B of
// those through it: the span is what B has after A, if A begins B and B begins `rendered`, the text of the whole input
// (as render_chat gave it). Templates that rewrite earlier messages (Qwen3, DeepSeek R1) leave some without a span.
Result<std::vector<AssistantSpan>> assistant_spans(const ChatTemplate& chat_template, const ChatInput& input,
                                                   const std::string& rendered);

}  // namespace fthost::text
