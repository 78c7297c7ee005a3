// bench_engine: tokens a second of the local engine on random models, one thread: greedy decoding with the cache, and
// LoRA training beside a plain implementation over the same libtorch (whole logits, one operator after the other), in
// turns so that a machine that changes its speed changes both.
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "decoder.hpp"
#include "llama.hpp"
#include "optimizer.hpp"

namespace {

using namespace fthost::engine;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

ModelConfig llama(std::int64_t vocabulary, std::int64_t width, std::int64_t layers, std::int64_t heads,
                  std::int64_t ffn) {
  ModelConfig config;
  config.vocab_size = vocabulary;
  config.hidden_size = width;
  config.layers = layers;
  config.heads = config.kv_heads = heads;
  config.head_dim = width / heads;
  config.ffn_size = ffn;
  config.max_positions = 512;
  config.tied = true;
  return config;
}

std::int64_t weight_count(const Llama& model) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : model.named_tensors(at::kFloat)) count += tensor.numel();
  return count;
}

void bench_decode() {
  const Llama model = Llama::create(llama(4096, 256, 4, 8, 688), 1);
  Decoder decoder(model);
  Random random(0);
  constexpr int kTokens = 256;
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run) {
    decoder.reset(nullptr);
    std::vector<std::int32_t> next{1};
    rates.push_back(kTokens / seconds_of([&] {
                      for (int i = 0; i < kTokens; ++i) next = {choose(decoder.forward(next), {}, random)};
                    }));
  }
  std::printf("greedy decode, %.1fM weights, %d tokens: %.0f tokens/s (median of 5)\n",
              static_cast<double>(weight_count(model)) / 1e6, kTokens, median(rates));
}

// Every linear layer with rank 8 matrices, as the field's Python tools compute it: autograd over single operators.
class Plain {
 public:
  Plain(const Llama& model, std::int64_t rank) : model_(model) {
    const auto& m = model.config();
    for (std::int64_t i = 0; i < m.layers; ++i)
      for (const std::int64_t out :
           {m.hidden_size, m.hidden_size, m.hidden_size, m.hidden_size, m.ffn_size, m.ffn_size, -m.hidden_size}) {
        const std::int64_t in = out < 0 ? m.ffn_size : m.hidden_size;
        a_.push_back(torch::randn({rank, in}).mul_(0.02).requires_grad_());
        b_.push_back(torch::zeros({std::abs(out), rank}).requires_grad_());
      }
    std::vector<at::Tensor> all(a_);
    all.insert(all.end(), b_.begin(), b_.end());
    optimizer_ = std::make_unique<torch::optim::AdamW>(all, torch::optim::AdamWOptions(1e-3));
  }

  void step(const at::Tensor& ids) {
    optimizer_->zero_grad();
    const auto& m = model_.config();
    const std::int64_t batch = ids.size(0), length = ids.size(1), head = m.head_dim;
    const auto [cosine, sine] = Llama::rope_tables(m, length);
    const at::Tensor cos = at::cat({cosine, cosine}, -1), sin = at::cat({sine, sine}, -1);
    const at::Tensor mask = at::full({length, length}, -std::numeric_limits<float>::infinity()).triu(1);
    at::Tensor x = at::embedding(model_.embedding(), ids);
    std::size_t slot = 0;
    const auto linear = [&](const at::Tensor& in, const at::Tensor& weight) {
      const at::Tensor out =
          at::linear(in, weight) + at::linear(at::linear(in, a_[slot]), b_[slot]) * 2.0;  // alpha / r = 2
      ++slot;
      return out;
    };
    const auto norm = [&](const at::Tensor& in, const at::Tensor& weight) {
      return weight * (in * at::rsqrt(in.pow(2).mean(-1, true) + m.rms_eps));
    };
    const auto heads = [&](const at::Tensor& in) { return in.view({batch, length, m.heads, head}).transpose(1, 2); };
    const auto rotate = [&](const at::Tensor& in) {
      const auto halves = in.chunk(2, -1);
      return in * cos + at::cat({-halves[1], halves[0]}, -1) * sin;
    };
    for (std::int64_t i = 0; i < m.layers; ++i) {
      const LlamaLayer& layer = model_.layer(i);
      const auto qkv = layer.qkv.chunk(3, 0);
      const auto gate_up = layer.gate_up.chunk(2, 0);
      const at::Tensor normed = norm(x, layer.input_norm);
      const at::Tensor q = rotate(heads(linear(normed, qkv[0]))), k = rotate(heads(linear(normed, qkv[1]))),
                       v = heads(linear(normed, qkv[2]));
      const at::Tensor scores = at::matmul(q, k.transpose(2, 3)) / std::sqrt(static_cast<double>(head)) + mask;
      const at::Tensor mixed =
          at::matmul(at::softmax(scores, -1), v).transpose(1, 2).reshape({batch, length, m.hidden_size});
      x = x + linear(mixed, layer.o);
      const at::Tensor after = norm(x, layer.post_norm);
      const at::Tensor gate = linear(after, gate_up[0]), up = linear(after, gate_up[1]);
      x = x + linear(at::silu(gate) * up, layer.down);
    }
    const at::Tensor logits = at::linear(norm(x, model_.final_norm()), model_.head());
    torch::cross_entropy_loss(logits.narrow(1, 0, length - 1).reshape({-1, m.vocab_size}),
                              ids.narrow(1, 1, length - 1).reshape({-1}))
        .backward();
    torch::nn::utils::clip_grad_norm_(optimizer_->param_groups()[0].params(), 1.0);
    optimizer_->step();
  }

 private:
  const Llama& model_;
  std::vector<at::Tensor> a_, b_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

void bench_lora() {
  constexpr std::int64_t kBatch = 4, kLength = 256;
  const Llama model = Llama::create(llama(32000, 288, 6, 6, 768), 1);
  LoraConfig shape;
  shape.targets = kLoraTargets;
  Lora lora = Lora::create(model.config(), shape, 1);
  AdamW optimizer(lora.parameters(), {});
  Plain plain(model, shape.rank);
  Random random(2);
  PackedBatch batch;
  std::vector<std::int64_t> flat;
  for (std::int64_t i = 0; i < kBatch; ++i) {
    std::vector<std::int64_t> ids(kLength);
    for (auto& id : ids) id = static_cast<std::int64_t>(random.below(32000));
    batch.add(ids, ids);
    flat.insert(flat.end(), ids.begin(), ids.end());
  }
  const at::Tensor ids = at::tensor(flat, at::kLong).view({kBatch, kLength});
  const auto ours = [&] {
    lora.parameters().clear_gradients();
    model.loss_sum(batch, &lora).backward();
    const double scale = 1.0 / static_cast<double>(batch.target_count());
    optimizer.step(1e-3, scale * std::min(1.0, 1.0 / optimizer.gradient_norm(scale)));
  };
  std::vector<double> engine, reference, ratios;
  for (int run = 0; run < 6; ++run) {
    const double mine = seconds_of(ours), theirs = seconds_of([&] { plain.step(ids); });
    if (run == 0) continue;  // warm-up
    engine.push_back(kBatch * kLength / mine);
    reference.push_back(kBatch * kLength / theirs);
    ratios.push_back(theirs / mine);
  }
  std::printf(
      "LoRA training, %.1fM weights, rank 8 on all linear layers, batch %d x %d, no masking: %.0f tokens/s; "
      "plain libtorch %.0f; ratio %.2f (medians of 5)\n",
      static_cast<double>(weight_count(model)) / 1e6, static_cast<int>(kBatch), static_cast<int>(kLength),
      median(engine), median(reference), median(ratios));
}

}  // namespace

int main() {
  at::set_num_threads(1);
  bench_decode();
  bench_lora();
}
