// ModelConfig: what config.json of a Hugging Face folder says about a Llama, old keys (rope_theta, rope_scaling,
// torch_dtype) and new ones (rope_parameters, dtype) alike. Anything the engine would compute wrongly is refused by
// name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "files.hpp"

namespace fthost::engine {

struct Rope {
  double theta = 10000.0;
  std::string type = "default";  // default, linear or llama3
  double factor = 1.0;
  double low_freq_factor = 1.0, high_freq_factor = 4.0;  // llama3
  std::int64_t original_positions = 8192;                // llama3
};

struct ModelConfig {
  std::int64_t vocab_size = 0, hidden_size = 0, layers = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn_size = 0;
  std::int64_t max_positions = 2048;
  double rms_eps = 1e-6;
  bool tied = false;
  Rope rope;
  std::string dtype = "float32";  // of the stored weights, as the file says
  std::vector<std::int32_t> eos;  // config.json's; generation_config.json may add to them
  std::int32_t bos = -1, pad = -1;

  static Result<ModelConfig> parse(const Json& json, const std::string& where);
  static Result<ModelConfig> load(const std::filesystem::path& folder);  // config.json and generation_config.json
  // config.json with the old keys, which every version of the field's tools reads.
  Json to_json() const;
  Result<void> check(const std::string& where) const;
  // Inverse frequency of each of the head_dim / 2 pairs, after scaling.
  std::vector<double> inverse_frequencies() const;
};

}  // namespace fthost::engine
