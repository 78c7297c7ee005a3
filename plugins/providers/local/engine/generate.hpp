// Generator: a chat model that answers requests: prompt, decoding, stop strings, streaming of whole characters.
// Holds the model, its chat format and the adapters used so far. One thread drives it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chat_format.hpp"
#include "decoder.hpp"

namespace fthost::engine {

struct ChatRequest {
  Json messages, tools;
  std::string adapter;  // a folder; empty: the base model
  std::int64_t max_tokens = 256;
  Sampling sampling;
  std::uint64_t seed = 0;
  std::vector<std::string> stop;
};

struct ChatAnswer {
  std::string content, finish_reason;  // "stop" or "length"
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
};

class Generator {
 public:
  static Result<std::unique_ptr<Generator>> load(const std::filesystem::path& folder);

  // on_delta (may be null) gets the text as it becomes certain: whole characters, and nothing that a stop string may
  // begin. cancelled (may be null) is asked before every token.
  Result<ChatAnswer> chat(const ChatRequest& request, const std::function<void(std::string_view)>& on_delta,
                          const std::function<bool()>& cancelled);
  const ModelConfig& config() const { return model_.config(); }

 private:
  Generator(Llama model, ChatFormat format);
  Result<const DecoderLora*> adapter(const std::string& folder);

  struct CachedAdapter {
    std::filesystem::file_time_type written;
    DecoderLora lora;
  };
  Llama model_;
  ChatFormat format_;
  Decoder decoder_;
  std::map<std::string, CachedAdapter> adapters_;
};

}  // namespace fthost::engine
