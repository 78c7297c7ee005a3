#include "decoder.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels.hpp"

namespace fthost::engine {
namespace {

const float* data(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }

constexpr std::int64_t kBlock = 64;  // prompt positions whose attention scores are held at a time

DecoderLora::Update prepare(const LoraTensors& lora) {
  DecoderLora::Update update;
  if (!lora.defined()) return update;
  update.a = lora.a.detach();
  update.shape = lora.shape;
  for (const auto& part : lora.shape->parts)
    update.bt.push_back(lora.b.detach().narrow(0, part.b_begin, part.out_size).t().contiguous());
  return update;
}

}  // namespace

DecoderLora::DecoderLora(const Lora& lora, std::int64_t layers) {
  for (std::int64_t i = 0; i < layers; ++i) {
    const LoraLayer& layer = lora.layer(i);
    layers_.push_back({prepare(layer.qkv), prepare(layer.o), prepare(layer.gate_up), prepare(layer.down)});
  }
}

Decoder::Decoder(const Llama& model)
    : model_(model),
      keys_(static_cast<std::size_t>(model.config().layers)),
      values_(static_cast<std::size_t>(model.config().layers)),
      logits_(static_cast<std::size_t>(model.config().vocab_size)) {}

void Decoder::reset(const DecoderLora* adapter) {
  adapter_ = adapter;
  positions_ = 0;
  for (auto& cache : keys_) cache.clear();
  for (auto& cache : values_) cache.clear();
}

void Decoder::multiply(const at::Tensor& weight, const DecoderLora::Update* update, const float* x, std::int64_t rows,
                       float* y) {
  const std::int64_t out = weight.size(0), in = weight.size(1);
  if (rows == 1)
    kernels::gemv(data(weight), out, in, x, y);
  else
    kernels::gemm(false, true, rows, out, in, 1.0f, x, in, data(weight), in, 0.0f, y, out);
  if (!update || !update->a.defined()) return;
  const std::int64_t rank = update->shape->rank, width = update->a.size(0);
  update_.resize(static_cast<std::size_t>(rows * width));
  kernels::gemm(false, true, rows, width, in, update->shape->scale, x, in, data(update->a), in, 0.0f, update_.data(),
                width);
  for (std::size_t p = 0; p < update->bt.size(); ++p) {
    const auto& part = update->shape->parts[p];
    const float* low = update_.data() + rank * static_cast<std::int64_t>(p);
    if (rows == 1)
      kernels::weighted_sum(low, rank, data(update->bt[p]), part.out_size, part.out_size, y + part.out_begin);
    else
      kernels::gemm(false, false, rows, part.out_size, rank, 1.0f, low, width, data(update->bt[p]), part.out_size, 1.0f,
                    y + part.out_begin, out);
  }
}

void Decoder::attend(std::size_t layer, std::int64_t rows) {
  const ModelConfig& m = model_.config();
  const std::int64_t size = m.head_dim, half = size / 2, q_width = m.heads * size, kv_width = m.kv_heads * size;
  const std::int64_t width = q_width + 2 * kv_width, group = m.heads / m.kv_heads;
  for (std::int64_t row = 0; row < rows; ++row) {
    float* here = qkv_.data() + row * width;
    const std::int64_t position = positions_ + row;
    kernels::rotate(here, m.heads + m.kv_heads, half, data(cosine_) + position * half, data(sine_) + position * half,
                    1.0f);
    keys_[layer].insert(keys_[layer].end(), here + q_width, here + q_width + kv_width);
    values_[layer].insert(values_[layer].end(), here + q_width + kv_width, here + width);
  }
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  scratch_.resize(static_cast<std::size_t>(std::min(rows, kBlock) * (positions_ + rows)));
  for (std::int64_t head = 0; head < m.heads; ++head) {
    const std::int64_t at = head / group * size;
    for (std::int64_t first = 0; first < rows; first += kBlock)
      kernels::attend(qkv_.data() + first * width + head * size, width, std::min(kBlock, rows - first),
                      keys_[layer].data() + at, values_[layer].data() + at, kv_width, positions_ + first, size, scale,
                      attended_.data() + first * q_width + head * size, q_width, scratch_.data(), nullptr);
  }
}

std::span<const float> Decoder::forward(std::span<const std::int32_t> ids) {
  const ModelConfig& m = model_.config();
  const auto rows = static_cast<std::int64_t>(ids.size());
  const std::int64_t d = m.hidden_size, q_width = m.heads * m.head_dim, kv_width = m.kv_heads * m.head_dim;
  const auto eps = static_cast<float>(m.rms_eps);
  if (!cosine_.defined() || cosine_.size(0) < positions_ + rows)
    std::tie(cosine_, sine_) = Llama::rope_tables(m, std::max<std::int64_t>(256, 2 * (positions_ + rows)));
  const auto grow = [&](std::vector<float>& buffer, std::int64_t width) {
    if (buffer.size() < static_cast<std::size_t>(rows * width)) buffer.resize(static_cast<std::size_t>(rows * width));
  };
  grow(x_, d);
  grow(normed_, std::max(d, m.ffn_size));
  grow(qkv_, q_width + 2 * kv_width);
  grow(attended_, q_width);
  grow(gate_up_, 2 * m.ffn_size);
  grow(product_, d);

  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t id = std::clamp<std::int64_t>(ids[static_cast<std::size_t>(row)], 0, m.vocab_size - 1);
    std::copy_n(data(model_.embedding()) + id * d, d, x_.data() + row * d);
  }
  for (std::int64_t i = 0; i < m.layers; ++i) {
    const LlamaLayer& layer = model_.layer(i);
    const DecoderLora::Layer* update = adapter_ ? &adapter_->layer(i) : nullptr;
    kernels::rms_norm(x_.data(), data(layer.input_norm), eps, rows, d, normed_.data(), nullptr);
    multiply(layer.qkv, update ? &update->qkv : nullptr, normed_.data(), rows, qkv_.data());
    attend(static_cast<std::size_t>(i), rows);
    multiply(layer.o, update ? &update->o : nullptr, attended_.data(), rows, product_.data());
    kernels::add(product_.data(), rows * d, x_.data());
    kernels::rms_norm(x_.data(), data(layer.post_norm), eps, rows, d, normed_.data(), nullptr);
    multiply(layer.gate_up, update ? &update->gate_up : nullptr, normed_.data(), rows, gate_up_.data());
    kernels::swiglu(gate_up_.data(), rows, m.ffn_size, normed_.data());
    multiply(layer.down, update ? &update->down : nullptr, normed_.data(), rows, product_.data());
    kernels::add(product_.data(), rows * d, x_.data());
  }
  positions_ += rows;
  kernels::rms_norm(x_.data() + (rows - 1) * d, data(model_.final_norm()), eps, 1, d, normed_.data(), nullptr);
  kernels::gemv(data(model_.head()), m.vocab_size, d, normed_.data(), logits_.data());
  return logits_;
}

std::int32_t choose(std::span<const float> logits, const Sampling& sampling, Random& random) {
  const auto count = static_cast<std::int64_t>(logits.size());
  if (sampling.temperature <= 0) return static_cast<std::int32_t>(kernels::argmax(logits.data(), count));
  std::vector<float> p(logits.begin(), logits.end());
  kernels::softmax(p.data(), count, count, static_cast<float>(1.0 / sampling.temperature));
  std::vector<std::int32_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  double kept = 1.0;
  if (sampling.top_p < 1.0) {
    // The fewest most likely tokens whose probabilities reach top_p.
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return p[static_cast<std::size_t>(a)] > p[static_cast<std::size_t>(b)]; });
    double sum = 0;
    std::size_t keep = 0;
    while (keep < order.size() && (keep == 0 || sum < sampling.top_p))
      sum += p[static_cast<std::size_t>(order[keep++])];
    order.resize(keep);
    kept = sum;
  }
  double left = random.uniform() * kept;
  for (const std::int32_t id : order) {
    left -= p[static_cast<std::size_t>(id)];
    if (left < 0) return id;
  }
  return order.back();
}

}  // namespace fthost::engine
