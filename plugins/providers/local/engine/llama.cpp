#include "llama.hpp"

#include <cmath>

namespace fthost::engine {
namespace {

using at::Tensor;

// The matrices of a fused projection: Hugging Face name and row count of each.
struct Piece {
  std::string name;
  std::int64_t rows;
};

struct Names {
  std::string prefix;
  std::vector<Piece> qkv, gate_up;
  explicit Names(const ModelConfig& m, std::int64_t layer) : prefix("model.layers." + std::to_string(layer) + ".") {
    const std::int64_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim;
    qkv = {{"self_attn.q_proj", q}, {"self_attn.k_proj", kv}, {"self_attn.v_proj", kv}};
    gate_up = {{"mlp.gate_proj", m.ffn_size}, {"mlp.up_proj", m.ffn_size}};
  }
};

// Copies one stored tensor into `to`, converting to fp32, after checking its shape.
Result<void> fill(const ModelWeights& weights, const std::string& name, Tensor to,
                  const std::filesystem::path& folder) {
  auto tensor = weights.tensor(name);
  if (!tensor) return tensor.error();
  if (tensor->sizes() != to.sizes()) {
    const auto text = [](at::IntArrayRef sizes) {
      std::string shape;
      for (const auto size : sizes) shape += (shape.empty() ? "" : " x ") + std::to_string(size);
      return shape;
    };
    return make_error(Code::input,
                      "tensor \"" + name + "\" is " + text(tensor->sizes()) + ", config.json says " + text(to.sizes()),
                      folder.string(), "check that config.json belongs to these weights");
  }
  if (!at::isFloatingType(tensor->scalar_type()))
    return make_error(Code::unsupported, "tensor \"" + name + "\" does not hold floating-point numbers",
                      folder.string(), "quantised weights are not supported: use the full model");
  to.copy_(*tensor);
  return {};
}

Tensor dropout_mask(const Tensor& x, double p, Random& random) {
  Tensor mask = at::empty_like(x);
  float* values = mask.data_ptr<float>();
  const float keep = 1.0f / static_cast<float>(1.0 - p);
  for (std::int64_t i = 0; i < mask.numel(); ++i) values[i] = random.uniform() < p ? 0.0f : keep;
  return mask;
}

Tensor index_tensor(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())}, at::kLong)
      .clone();
}

}  // namespace

void PackedBatch::add(const std::vector<std::int64_t>& sequence, const std::vector<std::int64_t>& labels) {
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    ids.push_back(sequence[i]);
    targets.push_back(i + 1 < labels.size() ? labels[i + 1] : kIgnore);
  }
  offsets.push_back(static_cast<std::int64_t>(ids.size()));
}

std::int64_t PackedBatch::target_count() const {
  std::int64_t count = 0;
  for (const auto target : targets) count += target != kIgnore;
  return count;
}

Result<Llama> Llama::load(const std::filesystem::path& folder) {
  auto config = ModelConfig::load(folder);
  if (!config) return config.error();
  auto weights = ModelWeights::open(folder);
  if (!weights) return weights.error();
  Llama model;
  model.config_ = *config;
  const ModelConfig& m = model.config_;
  const auto empty = [](std::vector<std::int64_t> shape) { return at::empty(shape, at::kFloat); };
  std::vector<std::pair<std::string, Tensor>> plan;
  model.embedding_ = empty({m.vocab_size, m.hidden_size});
  model.final_norm_ = empty({m.hidden_size});
  plan.emplace_back("model.embed_tokens.weight", model.embedding_);
  plan.emplace_back("model.norm.weight", model.final_norm_);
  if (!m.tied) {
    model.head_ = empty({m.vocab_size, m.hidden_size});
    plan.emplace_back("lm_head.weight", model.head_);
  }
  for (std::int64_t i = 0; i < m.layers; ++i) {
    const Names names(m, i);
    const std::int64_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim;
    LlamaLayer layer{
        empty({m.hidden_size}), empty({q + 2 * kv, m.hidden_size}),     empty({m.hidden_size, q}),
        empty({m.hidden_size}), empty({2 * m.ffn_size, m.hidden_size}), empty({m.hidden_size, m.ffn_size})};
    plan.emplace_back(names.prefix + "input_layernorm.weight", layer.input_norm);
    plan.emplace_back(names.prefix + "post_attention_layernorm.weight", layer.post_norm);
    plan.emplace_back(names.prefix + "self_attn.o_proj.weight", layer.o);
    plan.emplace_back(names.prefix + "mlp.down_proj.weight", layer.down);
    const auto pieces = [&](const Tensor& fused, const std::vector<Piece>& list) {
      std::int64_t row = 0;
      for (const auto& piece : list) {
        plan.emplace_back(names.prefix + piece.name + ".weight", fused.narrow(0, row, piece.rows));
        row += piece.rows;
      }
    };
    pieces(layer.qkv, names.qkv);
    pieces(layer.gate_up, names.gate_up);
    model.layers_.push_back(std::move(layer));
  }
  for (const auto& [name, tensor] : plan)
    if (auto done = fill(*weights, name, tensor, folder); !done) return done.error();
  for (const auto& name : weights->names())
    if (name.ends_with(".bias"))
      return make_error(Code::unsupported, "tensor \"" + name + "\": biases are not supported", folder.string(),
                        "use a Llama-style base model without biases");
  return model;
}

Llama Llama::create(const ModelConfig& config, std::uint64_t seed) {
  Llama model;
  model.config_ = config;
  const ModelConfig& m = config;
  Random random(seed);
  const auto normal = [&](std::int64_t rows, std::int64_t columns, double deviation) {
    Tensor tensor = at::empty({rows, columns}, at::kFloat);
    float* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = random.normal() * static_cast<float>(deviation);
    return tensor;
  };
  const auto ones = [](std::int64_t size) { return at::ones({size}, at::kFloat); };
  // Wide enough for small models: 0.02 is right for about a thousand channels.
  const double deviation = std::min(0.02 * std::sqrt(1024.0 / static_cast<double>(m.hidden_size)), 0.08);
  const double residual = deviation / std::sqrt(2.0 * static_cast<double>(m.layers));
  const std::int64_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim;
  model.embedding_ = normal(m.vocab_size, m.hidden_size, deviation);
  model.final_norm_ = ones(m.hidden_size);
  if (!m.tied) model.head_ = normal(m.vocab_size, m.hidden_size, deviation);
  for (std::int64_t i = 0; i < m.layers; ++i)
    model.layers_.push_back({ones(m.hidden_size), normal(q + 2 * kv, m.hidden_size, deviation),
                             normal(m.hidden_size, q, residual), ones(m.hidden_size),
                             normal(2 * m.ffn_size, m.hidden_size, deviation),
                             normal(m.hidden_size, m.ffn_size, residual)});
  return model;
}

std::shared_ptr<FlatParameters> Llama::make_trainable() {
  std::vector<Tensor*> tensors{&embedding_, &final_norm_};
  if (!config_.tied) tensors.push_back(&head_);
  for (auto& layer : layers_)
    for (Tensor* tensor : {&layer.input_norm, &layer.qkv, &layer.o, &layer.post_norm, &layer.gate_up, &layer.down})
      tensors.push_back(tensor);
  std::vector<FlatParameters::Spec> specs;
  for (const Tensor* tensor : tensors) specs.push_back({tensor->sizes().vec(), tensor->dim() > 1});
  auto flat = std::make_shared<FlatParameters>(specs);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    flat->leaf(i).detach().copy_(*tensors[i]);
    *tensors[i] = flat->leaf(i);
  }
  return flat;
}

std::pair<Tensor, Tensor> Llama::rope_tables(const ModelConfig& config, std::int64_t positions) {
  const auto frequencies = config.inverse_frequencies();
  const auto half = static_cast<std::int64_t>(frequencies.size());
  Tensor cosine = at::empty({positions, half}, at::kFloat), sine = at::empty({positions, half}, at::kFloat);
  float *c = cosine.data_ptr<float>(), *s = sine.data_ptr<float>();
  for (std::int64_t p = 0; p < positions; ++p)
    for (std::int64_t i = 0; i < half; ++i) {
      // The reference rounds the frequency and the angle to fp32 before it takes the cosine.
      const float angle = static_cast<float>(p) * static_cast<float>(frequencies[static_cast<std::size_t>(i)]);
      c[p * half + i] = static_cast<float>(std::cos(static_cast<double>(angle)));
      s[p * half + i] = static_cast<float>(std::sin(static_cast<double>(angle)));
    }
  return {cosine, sine};
}

Tensor Llama::hidden(const PackedBatch& batch, const Lora* lora, Random* dropout, const Tensor& rows) const {
  const ModelConfig& m = config_;
  std::int64_t longest = 0;
  for (std::size_t i = 0; i + 1 < batch.offsets.size(); ++i)
    longest = std::max(longest, batch.offsets[i + 1] - batch.offsets[i]);
  auto plan = c10::make_intrusive<AttentionPlan>();
  plan->heads = m.heads;
  plan->kv_heads = m.kv_heads;
  plan->head_dim = m.head_dim;
  plan->offsets = batch.offsets;
  std::tie(plan->cosine, plan->sine) = rope_tables(m, longest);

  static const LoraLayer none;
  const double p = lora && dropout ? lora->config().dropout : 0.0;
  const auto run = [&](const Tensor& x, const Tensor& weight, const LoraTensors& update,
                       const c10::optional<Tensor>& residual) {
    c10::optional<Tensor> mask;
    if (p > 0 && update.defined()) mask = dropout_mask(x, p, *dropout);
    return project(x, weight, update, mask, residual);
  };
  Tensor x = at::embedding(embedding_, index_tensor(batch.ids));
  for (std::int64_t i = 0; i < m.layers; ++i) {
    const LlamaLayer& layer = this->layer(i);
    const LoraLayer& update = lora ? lora->layer(i) : none;
    Tensor attended =
        attention(run(rms_norm(x, layer.input_norm, m.rms_eps), layer.qkv, update.qkv, c10::nullopt), plan);
    if (i + 1 == m.layers && rows.defined()) {
      attended = attended.index_select(0, rows);
      x = x.index_select(0, rows);
    }
    x = run(attended, layer.o, update.o, x);
    const Tensor gate_up = run(rms_norm(x, layer.post_norm, m.rms_eps), layer.gate_up, update.gate_up, c10::nullopt);
    x = run(swiglu(gate_up), layer.down, update.down, x);
  }
  return rms_norm(x, final_norm_, m.rms_eps);
}

Tensor Llama::loss_sum(const PackedBatch& batch, const Lora* lora, Random* dropout) const {
  std::vector<std::int64_t> rows, targets;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    if (batch.targets[i] == PackedBatch::kIgnore) continue;
    rows.push_back(static_cast<std::int64_t>(i));
    targets.push_back(batch.targets[i]);
  }
  if (rows.empty()) return at::zeros({}, at::kFloat);
  return cross_entropy_sum(hidden(batch, lora, dropout, index_tensor(rows)), head(), index_tensor(targets));
}

Tensor Llama::logits(const PackedBatch& batch, const Lora* lora) const {
  return at::mm(hidden(batch, lora, nullptr, Tensor()), head().t());
}

NamedTensors Llama::named_tensors(at::ScalarType dtype, const Lora* lora) const {
  NamedTensors tensors;
  const auto put = [&](const std::string& name, const Tensor& tensor) {
    tensors.emplace_back(name, tensor.detach().to(dtype).contiguous());
  };
  put("model.embed_tokens.weight", embedding_);
  for (std::int64_t i = 0; i < config_.layers; ++i) {
    const Names names(config_, i);
    const LlamaLayer& layer = this->layer(i);
    const auto matrix = [&](const std::string& name, const Tensor& weight) {
      const Tensor delta = lora ? lora->delta(i, name.substr(name.find('.') + 1)) : Tensor();
      put(names.prefix + name + ".weight", delta.defined() ? weight.detach() + delta : weight);
    };
    const auto pieces = [&](const Tensor& fused, const std::vector<Piece>& list) {
      std::int64_t row = 0;
      for (const auto& piece : list) {
        matrix(piece.name, fused.narrow(0, row, piece.rows));
        row += piece.rows;
      }
    };
    put(names.prefix + "input_layernorm.weight", layer.input_norm);
    pieces(layer.qkv, names.qkv);
    matrix("self_attn.o_proj", layer.o);
    put(names.prefix + "post_attention_layernorm.weight", layer.post_norm);
    pieces(layer.gate_up, names.gate_up);
    matrix("mlp.down_proj", layer.down);
  }
  put("model.norm.weight", final_norm_);
  if (!config_.tied) put("lm_head.weight", head_);
  return tensors;
}

}  // namespace fthost::engine
