#include "model_config.hpp"

#include <cmath>
#include <numbers>

namespace fthost::engine {
namespace {

Error refused(const std::string& message, const std::string& where) {
  return make_error(Code::unsupported, message, where,
                    "use a Llama-style base model with plain fp32, fp16 or bf16 weights");
}

std::vector<std::int32_t> token_ids(const Json* value) {
  std::vector<std::int32_t> ids;
  if (!value) return ids;
  if (value->is_number_integer()) ids.push_back(value->get<std::int32_t>());
  if (value->is_array())
    for (const auto& one : *value)
      if (one.is_number_integer()) ids.push_back(one.get<std::int32_t>());
  return ids;
}

const Json* find(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

Result<Rope> parse_rope(const Json& json, const std::string& where, std::int64_t max_positions) {
  Rope rope;
  const Json* parameters = find(json, "rope_parameters");
  if (!parameters) parameters = find(json, "rope_scaling");
  if (const Json* theta = find(json, "rope_theta"); theta && theta->is_number()) rope.theta = theta->get<double>();
  if (!parameters) return rope;
  if (!parameters->is_object()) return make_error(Code::input, "rope_parameters is not an object", where);
  JsonReader reader(*parameters, where, "/rope_parameters");
  rope.theta = reader.number("rope_theta", rope.theta, 1.0, 1e12);
  rope.type = reader.text("rope_type", reader.text("type", "default"));
  rope.factor = reader.number("factor", 1.0, 1e-3, 1e6);
  rope.low_freq_factor = reader.number("low_freq_factor", 1.0, 1e-6, 1e6);
  rope.high_freq_factor = reader.number("high_freq_factor", 4.0, 1e-6, 1e6);
  rope.original_positions = reader.integer("original_max_position_embeddings", max_positions, 1, 1 << 30);
  const double partial = reader.number("partial_rotary_factor", 1.0, 0.0, 1.0);
  if (auto done = reader.finish(); !done) return refused("rope: " + done.error().message, done.error().where);
  if (partial != 1.0) return refused("partial_rotary_factor other than 1 is not supported", where);
  if (rope.type != "default" && rope.type != "linear" && rope.type != "llama3")
    return refused("rope type \"" + rope.type + "\" is not supported", where);
  return rope;
}

}  // namespace

Result<ModelConfig> ModelConfig::parse(const Json& json, const std::string& where) {
  JsonReader reader(json, where);
  const std::string type = reader.text("model_type", "llama");
  if (type != "llama") return refused("model_type \"" + type + "\" is not supported", where);
  if (const Json* quantization = find(json, "quantization_config"))
    return refused("quantised weights are not supported (" + quantization->dump().substr(0, 60) + ")", where);
  if (const std::string act = reader.text("hidden_act", "silu"); act != "silu")
    return refused("hidden_act \"" + act + "\" is not supported", where);
  for (const char* bias : {"attention_bias", "mlp_bias"})
    if (reader.boolean(bias, false)) return refused(std::string(bias) + " is not supported", where);
  for (const char* key : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"})
    if (!reader.has(key)) reader.fail(key, "is required and is not there");

  constexpr std::int64_t kMost = 1 << 28;
  ModelConfig config;
  config.vocab_size = reader.integer("vocab_size", 1, 1, kMost);
  config.hidden_size = reader.integer("hidden_size", 1, 1, kMost);
  config.layers = reader.integer("num_hidden_layers", 1, 1, 4096);
  config.heads = reader.integer("num_attention_heads", 1, 1, 65536);
  config.kv_heads = reader.integer("num_key_value_heads", config.heads, 1, 65536);
  config.head_dim = reader.integer("head_dim", config.hidden_size / config.heads, 2, 65536);
  config.ffn_size = reader.integer("intermediate_size", 1, 1, kMost);
  config.max_positions = reader.integer("max_position_embeddings", 2048, 1, 1 << 30);
  config.rms_eps = reader.number("rms_norm_eps", 1e-6, 0.0, 1.0);
  config.tied = reader.boolean("tie_word_embeddings", false);
  config.dtype = reader.text("dtype", reader.text("torch_dtype", "float32"));
  config.eos = token_ids(reader.value("eos_token_id"));
  if (const auto ids = token_ids(reader.value("bos_token_id")); !ids.empty()) config.bos = ids[0];
  if (const auto ids = token_ids(reader.value("pad_token_id")); !ids.empty()) config.pad = ids[0];
  for (const auto& [key, value] : json.items()) reader.ignore(key);  // Hugging Face writes many that change nothing
  if (auto done = reader.finish(); !done) return done.error();
  auto rope = parse_rope(json, where, config.max_positions);
  if (!rope) return rope.error();
  config.rope = *rope;
  if (auto done = config.check(where); !done) return done.error();
  return config;
}

Result<ModelConfig> ModelConfig::load(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  auto json = read_json(path);
  if (!json) return json.error();
  auto config = parse(*json, path.string());
  if (!config) return config;
  std::error_code ec;
  if (std::filesystem::exists(folder / "generation_config.json", ec)) {
    auto generation = read_json(folder / "generation_config.json");
    if (!generation) return generation.error();
    if (generation->is_object())
      for (const std::int32_t id : token_ids(find(*generation, "eos_token_id")))
        if (std::find(config->eos.begin(), config->eos.end(), id) == config->eos.end()) config->eos.push_back(id);
  }
  return config;
}

Result<void> ModelConfig::check(const std::string& where) const {
  const auto wrong = [&](const std::string& message) {
    return make_error(Code::input, message, where, "check config.json");
  };
  if (heads % kv_heads != 0) return wrong("num_attention_heads is not a multiple of num_key_value_heads");
  if (head_dim % 2 != 0) return wrong("head_dim is odd");
  return {};
}

Json ModelConfig::to_json() const {
  Json json = {{"architectures", {"LlamaForCausalLM"}},
               {"model_type", "llama"},
               {"vocab_size", vocab_size},
               {"hidden_size", hidden_size},
               {"intermediate_size", ffn_size},
               {"num_hidden_layers", layers},
               {"num_attention_heads", heads},
               {"num_key_value_heads", kv_heads},
               {"head_dim", head_dim},
               {"hidden_act", "silu"},
               {"max_position_embeddings", max_positions},
               {"rms_norm_eps", rms_eps},
               {"rope_theta", rope.theta},
               {"rope_scaling", nullptr},
               {"tie_word_embeddings", tied},
               {"attention_bias", false},
               {"mlp_bias", false},
               {"torch_dtype", dtype}};
  if (rope.type != "default") json["rope_scaling"] = {{"rope_type", rope.type}, {"factor", rope.factor}};
  if (rope.type == "llama3") {
    json["rope_scaling"]["low_freq_factor"] = rope.low_freq_factor;
    json["rope_scaling"]["high_freq_factor"] = rope.high_freq_factor;
    json["rope_scaling"]["original_max_position_embeddings"] = rope.original_positions;
  }
  if (bos >= 0) json["bos_token_id"] = bos;
  if (eos.size() == 1) json["eos_token_id"] = eos[0];
  if (eos.size() > 1) json["eos_token_id"] = eos;
  if (pad >= 0) json["pad_token_id"] = pad;
  return json;
}

std::vector<double> ModelConfig::inverse_frequencies() const {
  std::vector<double> frequencies;
  for (std::int64_t i = 0; i < head_dim / 2; ++i) {
    double f = std::pow(rope.theta, -2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
    if (rope.type == "linear") f /= rope.factor;
    if (rope.type == "llama3") {
      // Llama 3.1: long wavelengths are stretched, short ones kept, a linear blend between.
      const double original = static_cast<double>(rope.original_positions);
      const double turns = original * f / (2 * std::numbers::pi);
      if (turns < rope.low_freq_factor) {
        f /= rope.factor;
      } else if (turns <= rope.high_freq_factor) {
        const double blend = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
        f = (1 - blend) * f / rope.factor + blend * f;
      }
    }
    frequencies.push_back(f);
  }
  return frequencies;
}

}  // namespace fthost::engine
