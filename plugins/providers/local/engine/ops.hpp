// The differentiable operations of a Llama layer over packed sequences: rows of all sequences lie one after the other
// in one [tokens, width] tensor, without padding. Each is one node of libtorch's graph with a hand-written backward;
// gradients are computed only for what requires them. fp32 on the CPU.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace fthost::engine {

// Where the low-rank updates of a fused projection (q, k and v; gate and up) go. Part p reads columns p * rank of x
// A^T, multiplies by its rows of B (in the order of the parts) and adds to outputs out_begin .. out_begin + out_size.
struct LoraShape : torch::CustomClassHolder {
  struct Part {
    std::int64_t out_begin, out_size, b_begin;
  };
  std::int64_t rank = 0;
  float scale = 1;
  std::vector<Part> parts;
};

struct LoraTensors {
  at::Tensor a;  // [parts * rank, in]
  at::Tensor b;  // [sum of out_size, rank]
  c10::intrusive_ptr<LoraShape> shape;
  bool defined() const { return a.defined(); }
};

struct AttentionPlan : torch::CustomClassHolder {
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  std::vector<std::int64_t> offsets;  // of the sequences, with the total at the end
  at::Tensor cosine, sine;            // [positions, head_dim / 2]
};

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

// x W^T + scale * (mask * x) A^T B^T + residual. lora may be undefined, mask (values 0 or 1/(1-p)) and residual absent.
at::Tensor project(const at::Tensor& x, const at::Tensor& weight, const LoraTensors& lora,
                   const c10::optional<at::Tensor>& mask, const c10::optional<at::Tensor>& residual);

// Rotates q and k by their position in the sequence, then causal attention. qkv: [tokens, (heads + 2 kv_heads)
// head_dim].
at::Tensor attention(const at::Tensor& qkv, const c10::intrusive_ptr<AttentionPlan>& plan);

// silu(gate) * up of [tokens, 2 f] rows that hold gate, then up.
at::Tensor swiglu(const at::Tensor& gate_up);

// The sum over rows of -log softmax(hidden W^T)[target]; never holds more than a chunk of logits. targets: int64
// [rows].
at::Tensor cross_entropy_sum(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets);

}  // namespace fthost::engine
