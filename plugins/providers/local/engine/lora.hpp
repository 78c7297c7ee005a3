// Lora: the trainable low-rank matrices over a frozen Llama, and their files in PEFT's layout. Parameters are views of
// one flat buffer (as are their gradients), so that the optimizer, the gradient norm and an all-reduce are single
// loops.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model_config.hpp"
#include "ops.hpp"
#include "parameters.hpp"
#include "random.hpp"
#include "safetensors.hpp"

namespace fthost::engine {

struct LoraConfig {
  std::int64_t rank = 8;
  double alpha = 16, dropout = 0;
  bool rslora = false;               // scale alpha / sqrt(r) instead of alpha / r
  std::vector<std::string> targets;  // of q_proj ... down_proj, in the order of kLoraTargets

  float scale() const;
};

// The seven linear layers of a Llama block, in the order they are applied.
extern const std::vector<std::string> kLoraTargets;

// Checks the names ("all-linear" stands for all seven).
Result<std::vector<std::string>> lora_targets(const std::vector<std::string>& names, const std::string& where);

struct LoraLayer {
  LoraTensors qkv, o, gate_up, down;
};

class Lora {
 public:
  // A uniform in +-1/sqrt(in) from the seed, B zero: the adapter starts as the base model.
  static Lora create(const ModelConfig& model, const LoraConfig& config, std::uint64_t seed);
  // An adapter folder (adapter_config.json, adapter_model.safetensors); everything PEFT can say and this cannot do is
  // refused.
  static Result<Lora> load(const std::filesystem::path& folder, const ModelConfig& model);
  // Takes the values of every matrix from PEFT-named tensors.
  Result<void> assign(const SafetensorsFile& file);

  // Writes the folder's two files.
  Result<void> save(const std::filesystem::path& folder, const std::string& base_model) const;
  NamedTensors named_tensors() const;  // "base_model.model.model.layers.0....lora_A.weight", sorted, views

  const LoraConfig& config() const { return config_; }
  const LoraLayer& layer(std::int64_t index) const { return layers_[static_cast<std::size_t>(index)]; }
  FlatParameters& parameters() { return *flat_; }

  // scale * B A of one target of one layer, or an undefined tensor.
  at::Tensor delta(std::int64_t layer, const std::string& target) const;

 private:
  struct Slot {
    std::string name;  // "model.layers.0.self_attn.q_proj"
    std::int64_t layer;
    std::string target;
    at::Tensor a, b;  // views
  };
  LoraConfig config_;
  std::vector<LoraLayer> layers_;
  std::vector<Slot> slots_;
  std::shared_ptr<FlatParameters> flat_;
};

}  // namespace fthost::engine
