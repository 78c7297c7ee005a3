#include "ops.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "kernels.hpp"

namespace fthost::engine {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;
using Maybe = c10::optional<Tensor>;

const float* data(const Tensor& tensor) { return tensor.data_ptr<float>(); }
float* mutable_data(const Tensor& tensor) { return tensor.data_ptr<float>(); }

// Rows a thread should have at least, for loops that do a little work a value.
std::int64_t row_grain(std::int64_t columns) { return std::max<std::int64_t>(1, 32768 / columns); }

struct RmsNorm : Function<RmsNorm> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, double eps) {
    const std::int64_t rows = x.size(0), columns = x.size(1);
    Tensor y = at::empty_like(x), inverse = at::empty({rows}, x.options());
    at::parallel_for(0, rows, row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
      kernels::rms_norm(data(x) + begin * columns, data(weight), static_cast<float>(eps), end - begin, columns,
                        mutable_data(y) + begin * columns, mutable_data(inverse) + begin);
    });
    ctx->save_for_backward({x, weight, inverse});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &inverse = saved[2];
    const Tensor dy = grads[0].contiguous();
    const std::int64_t rows = x.size(0), columns = x.size(1);
    Tensor dx = at::empty_like(x), dweight;
    if (weight.requires_grad()) {  // one sum over all rows: kept on one thread, so that its order is fixed
      dweight = at::zeros_like(weight);
      kernels::rms_norm_backward(data(x), data(weight), data(inverse), data(dy), rows, columns, mutable_data(dx),
                                 mutable_data(dweight));
    } else {
      at::parallel_for(0, rows, row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        kernels::rms_norm_backward(data(x) + begin * columns, data(weight), data(inverse) + begin,
                                   data(dy) + begin * columns, end - begin, columns, mutable_data(dx) + begin * columns,
                                   nullptr);
      });
    }
    return {dx, dweight, Tensor()};
  }
};

struct Project : Function<Project> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, const Maybe& a, const Maybe& b,
                        const c10::intrusive_ptr<LoraShape>& shape, const Maybe& mask, const Maybe& residual) {
    Tensor y = residual ? at::addmm(*residual, x, weight.t()) : at::mm(x, weight.t());
    Tensor xa, xd = x;
    if (a) {
      if (mask) xd = x * *mask;
      xa = at::mm(xd, a->t());
      std::int64_t p = 0;
      for (const auto& part : shape->parts) {
        Tensor to = y.narrow(1, part.out_begin, part.out_size);
        to.addmm_(xa.narrow(1, shape->rank * p++, shape->rank), b->narrow(0, part.b_begin, part.out_size).t(), 1,
                  shape->scale);
      }
    }
    const bool train_weight = weight.requires_grad(), train_lora = a && a->requires_grad();
    ctx->saved_data["x"] = x.requires_grad();
    ctx->saved_data["lora"] = a.has_value();
    ctx->saved_data["train"] = train_lora;
    ctx->saved_data["mask"] = mask.has_value();
    ctx->saved_data["residual"] = residual && residual->requires_grad();
    if (a) ctx->saved_data["shape"] = c10::IValue::make_capsule(shape);
    ctx->save_for_backward({weight, train_weight ? x : Tensor(), a ? *a : Tensor(), b ? *b : Tensor(),
                            train_lora ? xd : Tensor(), train_lora ? xa : Tensor(), mask ? *mask : Tensor()});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &weight = saved[0], &x = saved[1], &a = saved[2], &b = saved[3], &xd = saved[4], &xa = saved[5],
                 &mask = saved[6];
    const Tensor dy = grads[0].contiguous();
    const bool needs_x = ctx->saved_data["x"].toBool();
    Tensor dx, dweight, da, db;
    if (weight.requires_grad()) dweight = at::mm(dy.t(), x);
    if (needs_x) dx = at::mm(dy, weight);
    if (ctx->saved_data["lora"].toBool()) {
      const auto holder = ctx->saved_data["shape"].toCapsule();
      const auto& shape = static_cast<const LoraShape&>(*holder);
      const std::int64_t rank = shape.rank;
      Tensor dxa = at::empty({dy.size(0), a.size(0)}, dy.options());
      const bool train = ctx->saved_data["train"].toBool();
      if (train) db = at::empty_like(b);
      std::int64_t p = 0;
      for (const auto& part : shape.parts) {
        const Tensor part_dy = dy.narrow(1, part.out_begin, part.out_size);
        Tensor to = dxa.narrow(1, rank * p, rank);
        to.addmm_(part_dy, b.narrow(0, part.b_begin, part.out_size), 0, shape.scale);
        if (train) {
          Tensor part_db = db.narrow(0, part.b_begin, part.out_size);
          part_db.addmm_(part_dy.t(), xa.narrow(1, rank * p, rank), 0, shape.scale);
        }
        ++p;
      }
      if (train) da = at::mm(dxa.t(), xd);
      if (needs_x && ctx->saved_data["mask"].toBool())
        dx.addcmul_(at::mm(dxa, a), mask);
      else if (needs_x)
        dx.addmm_(dxa, a);
    }
    return {dx, dweight, da, db, Tensor(), Tensor(), ctx->saved_data["residual"].toBool() ? dy : Tensor()};
  }
};

constexpr std::int64_t kBlock = 64;  // queries at a time

// Calls body(sequence, kv head, scratch) for each pair, spread over threads; scratch grows with the longest sequence.
template <class Body>
void for_each_head(const AttentionPlan& plan, std::int64_t scratch_rows, const Body& body) {
  const auto sequences = static_cast<std::int64_t>(plan.offsets.size()) - 1;
  std::int64_t longest = 0;
  for (std::int64_t s = 0; s < sequences; ++s) longest = std::max(longest, plan.offsets[s + 1] - plan.offsets[s]);
  kernels::SerialBlas serial;
  at::parallel_for(0, sequences * plan.kv_heads, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch(static_cast<std::size_t>(scratch_rows * longest));
    for (std::int64_t i = begin; i < end; ++i) body(i / plan.kv_heads, i % plan.kv_heads, scratch.data());
  });
}

void rotate_rows(const AttentionPlan& plan, float* rows, std::int64_t width, float direction) {
  const std::int64_t half = plan.head_dim / 2;
  for (std::size_t s = 0; s + 1 < plan.offsets.size(); ++s) {
    const std::int64_t first = plan.offsets[s];
    at::parallel_for(first, plan.offsets[s + 1], row_grain(width), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t position = row - first;
        kernels::rotate(rows + row * width, plan.heads + plan.kv_heads, half, data(plan.cosine) + position * half,
                        data(plan.sine) + position * half, direction);
      }
    });
  }
}

struct Attention : Function<Attention> {
  static Tensor forward(AutogradContext* ctx, const Tensor& qkv, const c10::intrusive_ptr<AttentionPlan>& holder) {
    const AttentionPlan& plan = *holder;
    const std::int64_t tokens = qkv.size(0), width = qkv.size(1), size = plan.head_dim,
                       group = plan.heads / plan.kv_heads;
    const std::int64_t out_width = plan.heads * size;
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    Tensor rotated = qkv.clone(), out = at::empty({tokens, out_width}, qkv.options());
    Tensor log_sums = at::empty({plan.heads, tokens}, qkv.options());
    rotate_rows(plan, mutable_data(rotated), width, 1.0f);
    for_each_head(plan, kBlock, [&](std::int64_t s, std::int64_t kv_head, float* scratch) {
      const std::int64_t start = plan.offsets[s], length = plan.offsets[s + 1] - start;
      const float* rows = data(rotated) + start * width;
      const float *k = rows + (plan.heads + kv_head) * size, *v = k + plan.kv_heads * size;
      for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head)
        for (std::int64_t first = 0; first < length; first += kBlock)
          kernels::attend(rows + first * width + head * size, width, std::min(kBlock, length - first), k, v, width,
                          first, size, scale, mutable_data(out) + (start + first) * out_width + head * size, out_width,
                          scratch, mutable_data(log_sums) + head * tokens + start + first);
    });
    ctx->saved_data["plan"] = c10::IValue::make_capsule(holder);
    ctx->save_for_backward({rotated, out, log_sums});
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &rotated = saved[0], &out = saved[1], &log_sums = saved[2];
    const auto holder = ctx->saved_data["plan"].toCapsule();
    const auto& plan = static_cast<const AttentionPlan&>(*holder);
    const Tensor dout = grads[0].contiguous();
    const std::int64_t tokens = rotated.size(0), width = rotated.size(1), size = plan.head_dim;
    const std::int64_t group = plan.heads / plan.kv_heads, out_width = plan.heads * size;
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    Tensor dqkv = at::zeros_like(rotated);
    for_each_head(plan, 2 * kBlock, [&](std::int64_t s, std::int64_t kv_head, float* scratch) {
      const std::int64_t start = plan.offsets[s], length = plan.offsets[s + 1] - start;
      const float* rows = data(rotated) + start * width;
      float* d_rows = mutable_data(dqkv) + start * width;
      const std::int64_t k_at = (plan.heads + kv_head) * size, v_at = k_at + plan.kv_heads * size;
      for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
        const float* o = data(out) + start * out_width + head * size;
        const float* d_o = data(dout) + start * out_width + head * size;
        for (std::int64_t first = 0; first < length; first += kBlock) {
          const std::int64_t count = std::min(kBlock, length - first), keys = first + count;
          const float *q = rows + first * width + head * size, *d_out = d_o + first * out_width;
          float *p = scratch, *dp = scratch + count * keys;
          kernels::gemm(false, true, count, keys, size, 1.0f, q, width, rows + k_at, width, 0.0f, p, keys);
          kernels::gemm(false, true, count, keys, size, 1.0f, d_out, out_width, rows + v_at, width, 0.0f, dp, keys);
          for (std::int64_t i = 0; i < count; ++i) {
            const float log_sum = data(log_sums)[head * tokens + start + first + i];
            const float delta = kernels::dot(d_out + i * out_width, o + (first + i) * out_width, size);
            kernels::exponentials(p + i * keys, first + i + 1, keys, scale, log_sum);
            kernels::softmax_backward(p + i * keys, keys, delta, scale, dp + i * keys);
          }
          kernels::gemm(true, false, keys, size, count, 1.0f, p, keys, d_out, out_width, 1.0f, d_rows + v_at, width);
          kernels::gemm(true, false, keys, size, count, 1.0f, dp, keys, q, width, 1.0f, d_rows + k_at, width);
          kernels::gemm(false, false, count, size, keys, 1.0f, dp, keys, rows + k_at, width, 0.0f,
                        d_rows + first * width + head * size, width);
        }
      }
    });
    rotate_rows(plan, mutable_data(dqkv), width, -1.0f);
    return {dqkv, Tensor()};
  }
};

struct SwiGlu : Function<SwiGlu> {
  static Tensor forward(AutogradContext* ctx, const Tensor& gate_up) {
    const std::int64_t rows = gate_up.size(0), f = gate_up.size(1) / 2;
    Tensor y = at::empty({rows, f}, gate_up.options());
    at::parallel_for(0, rows, row_grain(f), [&](std::int64_t begin, std::int64_t end) {
      kernels::swiglu(data(gate_up) + begin * 2 * f, end - begin, f, mutable_data(y) + begin * f);
    });
    ctx->save_for_backward({gate_up});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const Tensor gate_up = ctx->get_saved_variables()[0], dy = grads[0].contiguous();
    const std::int64_t rows = gate_up.size(0), f = gate_up.size(1) / 2;
    Tensor dx = at::empty_like(gate_up);
    at::parallel_for(0, rows, row_grain(f), [&](std::int64_t begin, std::int64_t end) {
      kernels::swiglu_backward(data(gate_up) + begin * 2 * f, data(dy) + begin * f, end - begin, f,
                               mutable_data(dx) + begin * 2 * f);
    });
    return {dx};
  }
};

struct CrossEntropySum : Function<CrossEntropySum> {
  // The gradient is made in the forward pass, while a chunk's probabilities are at hand; backward only scales it.
  static Tensor forward(AutogradContext* ctx, const Tensor& hidden, const Tensor& weight, const Tensor& targets) {
    const std::int64_t rows = hidden.size(0), vocabulary = weight.size(0);
    const bool train = hidden.requires_grad(), train_weight = weight.requires_grad();
    const std::int64_t chunk = std::clamp<std::int64_t>((1 << 23) / vocabulary, 64, 4096);
    Tensor logits = at::empty({std::min(chunk, rows), vocabulary}, hidden.options());
    Tensor dhidden = train ? at::empty_like(hidden) : Tensor();
    Tensor dweight = train_weight ? at::zeros_like(weight) : Tensor();
    std::vector<float> losses(static_cast<std::size_t>(rows));
    const std::int64_t* target = targets.data_ptr<std::int64_t>();
    for (std::int64_t first = 0; first < rows; first += chunk) {
      const std::int64_t count = std::min(chunk, rows - first);
      const Tensor part = hidden.narrow(0, first, count);
      Tensor out = logits.narrow(0, 0, count);
      at::mm_out(out, part, weight.t());
      float* values = mutable_data(out);
      at::parallel_for(0, count, row_grain(vocabulary), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          float* row = values + i * vocabulary;
          const float right = row[target[first + i]];
          losses[static_cast<std::size_t>(first + i)] = kernels::softmax(row, vocabulary, vocabulary, 1.0f) - right;
          row[target[first + i]] -= 1.0f;
        }
      });
      if (train) {
        Tensor to = dhidden.narrow(0, first, count);
        at::mm_out(to, out, weight);
      }
      if (train_weight) dweight.addmm_(out.t(), part);
    }
    double sum = 0;
    for (const float loss : losses) sum += loss;
    ctx->save_for_backward({dhidden, dweight});
    return at::scalar_tensor(sum, hidden.options());
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto scaled = [&](const Tensor& gradient) { return gradient.defined() ? gradient * grads[0] : Tensor(); };
    return {scaled(saved[0]), scaled(saved[1]), Tensor()};
  }
};

}  // namespace

Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) { return RmsNorm::apply(x, weight, eps); }

Tensor project(const Tensor& x, const Tensor& weight, const LoraTensors& lora, const Maybe& mask,
               const Maybe& residual) {
  const bool with = lora.defined();
  return Project::apply(x, weight, with ? Maybe(lora.a) : Maybe(), with ? Maybe(lora.b) : Maybe(), lora.shape,
                        with ? mask : Maybe(), residual);
}

Tensor attention(const Tensor& qkv, const c10::intrusive_ptr<AttentionPlan>& plan) {
  return Attention::apply(qkv, plan);
}

Tensor swiglu(const Tensor& gate_up) { return SwiGlu::apply(gate_up); }

Tensor cross_entropy_sum(const Tensor& hidden, const Tensor& weight, const Tensor& targets) {
  return CrossEntropySum::apply(hidden, weight, targets);
}

}  // namespace fthost::engine
