// Llama: the weights of a model folder as fp32 tensors, and the differentiable forward pass over packed sequences.
// q, k and v are one matrix, so are gate and up. Weights are frozen unless make_trainable() was called. One thread
// drives it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lora.hpp"
#include "model_config.hpp"
#include "ops.hpp"
#include "parameters.hpp"
#include "random.hpp"
#include "safetensors.hpp"

namespace fthost::engine {

// Sequences one after the other. targets[i] is the token that position i should predict, or kIgnore.
struct PackedBatch {
  static constexpr std::int64_t kIgnore = -100;
  std::vector<std::int64_t> ids, targets;
  std::vector<std::int64_t> offsets{0};

  // labels as Hugging Face has them: aligned with ids, -100 where masked; shifted here.
  void add(const std::vector<std::int64_t>& sequence, const std::vector<std::int64_t>& labels);
  std::int64_t target_count() const;
};

struct LlamaLayer {
  at::Tensor input_norm, qkv, o, post_norm, gate_up, down;
};

class Llama {
 public:
  static Result<Llama> load(const std::filesystem::path& folder);
  static Llama create(const ModelConfig& config,
                      std::uint64_t seed);  // normal(0, 0.02), the way GPT-2 scales residual layers

  const ModelConfig& config() const { return config_; }
  const at::Tensor& embedding() const { return embedding_; }
  const at::Tensor& final_norm() const { return final_norm_; }
  const at::Tensor& head() const { return config_.tied ? embedding_ : head_; }
  const LlamaLayer& layer(std::int64_t index) const { return layers_[static_cast<std::size_t>(index)]; }

  // Moves all weights into one flat buffer that a trainer can optimise.
  std::shared_ptr<FlatParameters> make_trainable();

  // Sum of -log p over the batch's targets (a scalar with a graph). Only positions with a target pass the last block's
  // feed-forward part and the output head. Dropout of the adapter is applied where `dropout` is given.
  at::Tensor loss_sum(const PackedBatch& batch, const Lora* lora, Random* dropout = nullptr) const;
  // All positions: [tokens, vocabulary].
  at::Tensor logits(const PackedBatch& batch, const Lora* lora) const;

  // Cosine and sine of every position below `positions`: [positions, head_dim / 2].
  static std::pair<at::Tensor, at::Tensor> rope_tables(const ModelConfig& config, std::int64_t positions);

  // In Hugging Face's names; with the adapter merged in where one is given.
  NamedTensors named_tensors(at::ScalarType dtype, const Lora* lora = nullptr) const;

 private:
  at::Tensor hidden(const PackedBatch& batch, const Lora* lora, Random* dropout, const at::Tensor& rows) const;

  ModelConfig config_;
  at::Tensor embedding_, final_norm_, head_;
  std::vector<LlamaLayer> layers_;
};

}  // namespace fthost::engine
