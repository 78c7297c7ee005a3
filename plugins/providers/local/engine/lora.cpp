#include "lora.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "files.hpp"

namespace fthost::engine {

const std::vector<std::string> kLoraTargets = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                               "gate_proj", "up_proj", "down_proj"};

namespace {

struct GroupPart {
  std::string target;
  std::int64_t out_begin, out_size;
};
struct Group {
  LoraTensors LoraLayer::* member;
  std::string block;  // "self_attn" or "mlp"
  std::int64_t in_size;
  std::vector<GroupPart> parts;
};

std::vector<Group> groups_of(const ModelConfig& m) {
  const std::int64_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim, f = m.ffn_size, d = m.hidden_size;
  return {{&LoraLayer::qkv, "self_attn", d, {{"q_proj", 0, q}, {"k_proj", q, kv}, {"v_proj", q + kv, kv}}},
          {&LoraLayer::o, "self_attn", q, {{"o_proj", 0, d}}},
          {&LoraLayer::gate_up, "mlp", d, {{"gate_proj", 0, f}, {"up_proj", f, f}}},
          {&LoraLayer::down, "mlp", f, {{"down_proj", 0, d}}}};
}

Error refused(const std::string& message, const std::filesystem::path& where) {
  return make_error(Code::unsupported, "this adapter cannot be used: " + message, where.string(),
                    "use a plain LoRA adapter over the linear layers of a Llama");
}

// "base_model.model.<name>.lora_A.weight" -> <name>, or empty for anything else.
std::string adapted_name(const std::string& key) {
  constexpr std::string_view prefix = "base_model.model.", suffix = ".lora_A.weight";
  if (!key.starts_with(prefix) || !key.ends_with(suffix)) return {};
  return key.substr(prefix.size(), key.size() - prefix.size() - suffix.size());
}

}  // namespace

float LoraConfig::scale() const {
  const double r = static_cast<double>(rank);
  return static_cast<float>(alpha / (rslora ? std::sqrt(r) : r));
}

Result<std::vector<std::string>> lora_targets(const std::vector<std::string>& names, const std::string& where) {
  if (names.size() == 1 && names[0] == "all-linear") return kLoraTargets;
  std::vector<std::string> targets;
  for (const auto& target : kLoraTargets)
    if (std::find(names.begin(), names.end(), target) != names.end()) targets.push_back(target);
  for (const auto& name : names)
    if (std::find(kLoraTargets.begin(), kLoraTargets.end(), name) == kLoraTargets.end())
      return make_error(Code::config, "\"" + name + "\" is no linear layer of a Llama", where,
                        "use \"all-linear\" or names of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj");
  if (targets.empty()) return make_error(Code::config, "names no layer", where, "use \"all-linear\"");
  return targets;
}

Lora Lora::create(const ModelConfig& model, const LoraConfig& config, std::uint64_t seed) {
  Lora lora;
  lora.config_ = config;
  const auto wanted = [&](const std::string& target) {
    return std::find(config.targets.begin(), config.targets.end(), target) != config.targets.end();
  };
  const std::int64_t rank = config.rank;
  std::vector<FlatParameters::Spec> specs;
  for (std::int64_t layer = 0; layer < model.layers; ++layer)
    for (const auto& group : groups_of(model)) {
      std::int64_t parts = 0, out = 0;
      for (const auto& part : group.parts)
        if (wanted(part.target)) ++parts, out += part.out_size;
      if (parts == 0) continue;
      specs.push_back({{parts * rank, group.in_size}});
      specs.push_back({{out, rank}});
    }
  lora.flat_ = std::make_shared<FlatParameters>(specs);

  Random random(seed);
  std::size_t next = 0;
  for (std::int64_t layer = 0; layer < model.layers; ++layer) {
    LoraLayer tensors;
    for (const auto& group : groups_of(model)) {
      auto shape = c10::make_intrusive<LoraShape>();
      shape->rank = rank;
      shape->scale = config.scale();
      std::int64_t out = 0;
      for (const auto& part : group.parts) {
        if (!wanted(part.target)) continue;
        shape->parts.push_back({part.out_begin, part.out_size, out});
        out += part.out_size;
      }
      if (shape->parts.empty()) continue;
      LoraTensors& here = tensors.*group.member;
      here = {lora.flat_->leaf(next), lora.flat_->leaf(next + 1), shape};
      next += 2;
      const float bound = 1.0f / std::sqrt(static_cast<float>(group.in_size));
      float* a = here.a.data_ptr<float>();
      for (std::int64_t i = 0; i < here.a.numel(); ++i) a[i] = (2 * random.uniform() - 1) * bound;
      std::int64_t p = 0;
      for (const auto& part : group.parts) {
        if (!wanted(part.target)) continue;
        const std::int64_t b_begin = shape->parts[static_cast<std::size_t>(p)].b_begin;
        lora.slots_.push_back({"model.layers." + std::to_string(layer) + "." + group.block + "." + part.target, layer,
                               part.target, here.a.detach().narrow(0, p * rank, rank),
                               here.b.detach().narrow(0, b_begin, part.out_size)});
        ++p;
      }
    }
    lora.layers_.push_back(std::move(tensors));
  }
  return lora;
}

Result<void> Lora::assign(const SafetensorsFile& file) {
  for (const auto& slot : slots_)
    for (const bool is_a : {true, false}) {
      const std::string name = "base_model.model." + slot.name + (is_a ? ".lora_A.weight" : ".lora_B.weight");
      auto tensor = file.tensor(name);
      if (!tensor) return tensor.error();
      const at::Tensor& to = is_a ? slot.a : slot.b;
      if (tensor->sizes() != to.sizes())
        return make_error(Code::input, "tensor \"" + name + "\" does not fit the base model", "adapter",
                          "use the base model that the adapter was trained on");
      at::Tensor(to).copy_(*tensor);
    }
  if (file.names().size() != 2 * slots_.size())
    return make_error(Code::input, "the adapter holds tensors for layers that the base model lacks", "adapter",
                      "use the base model that the adapter was trained on");
  return {};
}

Result<Lora> Lora::load(const std::filesystem::path& folder, const ModelConfig& model) {
  const auto config_path = folder / "adapter_config.json";
  auto json = read_json(config_path);
  if (!json) return json.error();
  JsonReader reader(*json, config_path.string());
  if (reader.text("peft_type", "LORA") != "LORA") return refused("peft_type is not LORA", config_path);
  if (reader.text("bias", "none") != "none") return refused("it trains biases", config_path);
  for (const char* flag : {"use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"})
    if (reader.boolean(flag, false)) return refused(std::string(flag) + " is set", config_path);
  for (const char* key : {"modules_to_save", "rank_pattern", "alpha_pattern", "layer_replication"})
    if (const Json* value = reader.value(key); value && !value->empty())
      return refused(std::string(key) + " is set", config_path);
  LoraConfig config;
  config.rank = reader.integer("r", 8, 1, 65536);
  config.alpha = reader.number("lora_alpha", 8, 0, 1e9);
  config.dropout = reader.number("lora_dropout", 0, 0, 1);
  config.rslora = reader.boolean("use_rslora", false);
  for (const auto& [key, value] : json->items()) reader.ignore(key);
  if (auto done = reader.finish(); !done) return done.error();

  // What is adapted is read from the tensors: target_modules may be a pattern.
  auto file = SafetensorsFile::open(folder / "adapter_model.safetensors");
  if (!file) return file.error();
  std::set<std::string> found;
  for (const auto& key : file->names()) {
    const std::string name = adapted_name(key);
    if (name.empty()) {
      if (key.ends_with(".lora_B.weight")) continue;
      return refused("tensor \"" + key + "\" is not a LoRA matrix", folder / "adapter_model.safetensors");
    }
    found.insert(name.substr(name.rfind('.') + 1));
  }
  auto targets = lora_targets({found.begin(), found.end()}, config_path.string());
  if (!targets) return targets.error();
  config.targets = *targets;
  Lora lora = create(model, config, 0);
  if (auto done = lora.assign(*file); !done) {
    Error error = done.error();
    error.where = folder.string();
    return error;
  }
  return lora;
}

NamedTensors Lora::named_tensors() const {
  NamedTensors tensors;
  for (const auto& slot : slots_) {
    tensors.emplace_back("base_model.model." + slot.name + ".lora_A.weight", slot.a);
    tensors.emplace_back("base_model.model." + slot.name + ".lora_B.weight", slot.b);
  }
  std::sort(tensors.begin(), tensors.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  return tensors;
}

Result<void> Lora::save(const std::filesystem::path& folder, const std::string& base_model) const {
  if (auto done = make_folder(folder); !done) return done;
  const Json json = {{"peft_type", "LORA"},
                     {"task_type", "CAUSAL_LM"},
                     {"base_model_name_or_path", base_model},
                     {"r", config_.rank},
                     {"lora_alpha", config_.alpha},
                     {"lora_dropout", config_.dropout},
                     {"bias", "none"},
                     {"target_modules", config_.targets},
                     {"fan_in_fan_out", false},
                     {"init_lora_weights", true},
                     {"inference_mode", true},
                     {"use_rslora", config_.rslora},
                     {"use_dora", false},
                     {"modules_to_save", nullptr}};
  if (auto done = write_safetensors(folder / "adapter_model.safetensors", named_tensors()); !done) return done;
  return write_file(folder / "adapter_config.json", json.dump(1) + "\n");
}

at::Tensor Lora::delta(std::int64_t layer, const std::string& target) const {
  for (const auto& slot : slots_)
    if (slot.layer == layer && slot.target == target) return at::mm(slot.b, slot.a) * config_.scale();
  return {};
}

}  // namespace fthost::engine
