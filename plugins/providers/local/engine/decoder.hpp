// Decoder: inference of a Llama token by token over raw fp32 pointers, with a key/value cache; no libtorch dispatch on
// the way. Holds no weights: the model and the adapter must outlive it. One thread drives it.
#pragma once

#include <span>
#include <vector>

#include "llama.hpp"

namespace fthost::engine {

// An adapter laid out for decoding: the B matrices transposed, so that a token adds rank long rows.
class DecoderLora {
 public:
  explicit DecoderLora(const Lora& lora, std::int64_t layers);

  struct Update {
    at::Tensor a;                // [parts * rank, in]; undefined: no update
    std::vector<at::Tensor> bt;  // [rank, out_size] each
    c10::intrusive_ptr<LoraShape> shape;
  };
  struct Layer {
    Update qkv, o, gate_up, down;
  };
  const Layer& layer(std::int64_t index) const { return layers_[static_cast<std::size_t>(index)]; }

 private:
  std::vector<Layer> layers_;
};

class Decoder {
 public:
  explicit Decoder(const Llama& model);

  // Forgets all tokens. adapter may be null: the base model.
  void reset(const DecoderLora* adapter);
  // Appends the tokens (at least one) and returns the logits after the last of them, valid until the next call.
  // The caller keeps positions() + ids.size() within what the model was trained for.
  std::span<const float> forward(std::span<const std::int32_t> ids);
  std::int64_t positions() const { return positions_; }

 private:
  void multiply(const at::Tensor& weight, const DecoderLora::Update* update, const float* x, std::int64_t rows,
                float* y);
  void attend(std::size_t layer, std::int64_t rows);

  const Llama& model_;
  const DecoderLora* adapter_ = nullptr;
  std::int64_t positions_ = 0;
  at::Tensor cosine_, sine_;
  std::vector<std::vector<float>> keys_, values_;  // by layer: [positions, kv_heads * head_dim]
  std::vector<float> x_, normed_, qkv_, attended_, gate_up_, product_, update_, scratch_, logits_;
};

// How the next token is chosen. temperature 0: the most likely one.
struct Sampling {
  double temperature = 0, top_p = 1;
};
std::int32_t choose(std::span<const float> logits, const Sampling& sampling, Random& random);

}  // namespace fthost::engine
