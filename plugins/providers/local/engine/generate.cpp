#include "generate.hpp"

#include <algorithm>

namespace fthost::engine {
namespace {

// Turns tokens into text that no later token changes: a token that ends in the middle of a character waits for the
// rest.
class TokenText {
 public:
  explicit TokenText(const text::Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void add(std::int32_t id, std::string& to) {
    pending_.push_back(id);
    const std::string text = decoded();
    if (text.ends_with("\xEF\xBF\xBD") && pending_.size() - settled_ < 8) return;
    to += text;
    settle();
  }
  void finish(std::string& to) {
    if (pending_.size() > settled_) to += decoded();
    settle();
  }

 private:
  // The text of the unsettled tokens after a settled one: decoders treat the start of a text differently.
  std::string decoded() const {
    const std::string before = tokenizer_.decode(std::span(pending_).first(settled_), true);
    const std::string all = tokenizer_.decode(pending_, true);
    return all.size() > before.size() ? all.substr(before.size()) : std::string();
  }
  void settle() {
    if (!pending_.empty()) pending_.erase(pending_.begin(), pending_.end() - 1);
    settled_ = pending_.size();
  }

  const text::Tokenizer& tokenizer_;
  std::vector<std::int32_t> pending_;
  std::size_t settled_ = 0;
};

// How many bytes at the end of the text may be the beginning of a stop string.
std::size_t held_back(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t most = 0;
  for (const std::string_view stop : stops)
    for (std::size_t size = std::min(stop.size() - 1, text.size()); size > most; --size)
      if (text.ends_with(stop.substr(0, size))) most = size;
  return most;
}

}  // namespace

Generator::Generator(Llama model, ChatFormat format)
    : model_(std::move(model)), format_(std::move(format)), decoder_(model_) {}

Result<std::unique_ptr<Generator>> Generator::load(const std::filesystem::path& folder) {
  auto model = Llama::load(folder);
  if (!model) return model.error();
  auto format = ChatFormat::load(folder);
  if (!format) return format.error();
  if (static_cast<std::int64_t>(format->tokenizer().vocab_size()) > model->config().vocab_size)
    return make_error(Code::input, "tokenizer.json has more tokens than the model", folder.string(),
                      "use the tokenizer that belongs to the model");
  return std::unique_ptr<Generator>(new Generator(std::move(*model), std::move(*format)));
}

Result<const DecoderLora*> Generator::adapter(const std::string& folder) {
  if (folder.empty()) return static_cast<const DecoderLora*>(nullptr);
  std::error_code ec;
  const auto written =
      std::filesystem::last_write_time(std::filesystem::path(folder) / "adapter_model.safetensors", ec);
  const auto found = adapters_.find(folder);
  if (found != adapters_.end() && !ec && found->second.written == written) return &found->second.lora;
  auto lora = Lora::load(folder, model_.config());
  if (!lora) return lora.error();
  const auto put =
      adapters_.insert_or_assign(folder, CachedAdapter{written, DecoderLora(*lora, model_.config().layers)});
  return &put.first->second.lora;
}

Result<ChatAnswer> Generator::chat(const ChatRequest& request, const std::function<void(std::string_view)>& on_delta,
                                   const std::function<bool()>& cancelled) {
  auto lora = adapter(request.adapter);
  if (!lora) return lora.error();
  auto prompt = format_.prompt(request.messages, request.tools);
  if (!prompt) return prompt.error();
  const std::int64_t room = config().max_positions - static_cast<std::int64_t>(prompt->size());
  if (prompt->empty() || room < 1)
    return make_error(Code::input,
                      "the prompt has " + std::to_string(prompt->size()) + " tokens, the model takes " +
                          std::to_string(config().max_positions),
                      "messages", "shorten the conversation");
  ChatAnswer answer;
  answer.prompt_tokens = static_cast<std::int64_t>(prompt->size());
  answer.finish_reason = "length";
  std::vector<std::int32_t> ends = config().eos;
  if (const auto id = format_.tokenizer().token_to_id(format_.eos_token()); id && !format_.eos_token().empty())
    ends.push_back(*id);
  TokenText text(format_.tokenizer());
  Random random(request.seed);
  std::string& content = answer.content;
  std::size_t told = 0;
  const auto tell = [&](std::size_t end) {
    if (on_delta && end > told) on_delta(std::string_view(content).substr(told, end - told));
    told = std::max(told, end);
  };
  const auto stopped = [&] {  // cuts the text at the first stop string in what was not told yet
    std::size_t first = std::string::npos;
    for (const auto& stop : request.stop) first = std::min(first, content.find(stop, told));
    if (first == std::string::npos) return false;
    content.resize(first);
    return true;
  };

  decoder_.reset(*lora);
  auto logits = decoder_.forward(*prompt);
  const std::int64_t limit = std::min(request.max_tokens, room);
  while (answer.completion_tokens < limit) {
    if (cancelled && cancelled()) return make_error(Code::cancelled, "the request was cancelled", "chat");
    const std::int32_t id = choose(logits, request.sampling, random);
    ++answer.completion_tokens;
    if (std::find(ends.begin(), ends.end(), id) != ends.end()) {
      answer.finish_reason = "stop";
      break;
    }
    text.add(id, content);
    if (stopped()) {
      answer.finish_reason = "stop";
      tell(content.size());
      return answer;
    }
    tell(content.size() - held_back(content, request.stop));
    if (answer.completion_tokens < limit) logits = decoder_.forward(std::span(&id, 1));
  }
  text.finish(content);
  if (stopped()) answer.finish_reason = "stop";
  tell(content.size());
  return answer;
}

}  // namespace fthost::engine
