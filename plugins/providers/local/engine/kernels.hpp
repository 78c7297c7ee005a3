// fp32 kernels on raw pointers, row-major, for the CPU: what libtorch 1.13 has no fused form of, and what the decoder
// runs token by token. Pure functions; any thread. Built in three variants (AVX-512, AVX2, plain) that the loader picks
// from.
#pragma once

#include <cstdint>

namespace fthost::engine::kernels {

using Index = std::int64_t;

// Threads of libtorch and of OpenBLAS, together.
void set_threads(int count);

// Makes BLAS calls run on the calling thread while it lives: for loops that are themselves spread over threads.
class SerialBlas {
 public:
  SerialBlas();
  ~SerialBlas();
  SerialBlas(const SerialBlas&) = delete;
  SerialBlas& operator=(const SerialBlas&) = delete;

 private:
  int before_;
};

// c[m x n] = alpha * op(a) op(b) + beta * c; op transposes where told. Leading dimensions are those of the stored
// matrices.
void gemm(bool transpose_a, bool transpose_b, Index m, Index n, Index k, float alpha, const float* a, Index lda,
          const float* b, Index ldb, float beta, float* c, Index ldc);

// y[rows] = w[rows x columns] x.
void gemv(const float* w, Index rows, Index columns, const float* x, float* y);
// y[columns] += sum over rows of p[row] * v[row], rows ldv apart.
void weighted_sum(const float* p, Index rows, const float* v, Index ldv, Index columns, float* y);
// y[row] = scale * dot(k[row], q), rows ldk apart.
void scores(const float* k, Index rows, Index ldk, Index columns, const float* q, float scale, float* y);
void add(const float* x, Index count, float* y);
Index argmax(const float* x, Index count);

// y = weight * x / sqrt(mean(x^2) + eps) by rows. inverse[row] keeps 1/sqrt(..) for the backward pass; it may be null.
void rms_norm(const float* x, const float* weight, float eps, Index rows, Index columns, float* y, float* inverse);
// dx is written; dweight is added to, and may be null.
void rms_norm_backward(const float* x, const float* weight, const float* inverse, const float* dy, Index rows,
                       Index columns, float* dx, float* dweight);

// y[row, f] = silu(gate) * up, where a row of gate_up is [gate(f), up(f)].
void swiglu(const float* gate_up, Index rows, Index f, float* y);
void swiglu_backward(const float* gate_up, const float* dy, Index rows, Index f, float* d_gate_up);

// Rotates `heads` heads of 2*half values in place, pairing i with i+half (the Hugging Face layout). direction -1 undoes
// it.
void rotate(float* row, Index heads, Index half, const float* cosine, const float* sine, float direction);

// Turns the first `valid` values into their softmax (of scale * x), zeroes the rest up to `count`, returns
// log(sum(exp)).
float softmax(float* x, Index valid, Index count, float scale);
// x = exp(scale * x - log_sum) for the first `valid` values, 0 for the rest.
void exponentials(float* x, Index valid, Index count, float scale, float log_sum);
// ds = p * (dp - delta) * scale, into dp.
void softmax_backward(const float* p, Index count, float delta, float scale, float* dp);
float dot(const float* a, const float* b, Index count);

// Causal attention of `rows` queries (positions first, first+1, ...) over keys 0 .. first+rows-1 of one head.
// Row strides are given; scratch holds rows * (first + rows) floats. log_sums[rows] may be null.
void attend(const float* q, Index ldq, Index rows, const float* k, const float* v, Index ldkv, Index first, Index size,
            float scale, float* out, Index ldo, float* scratch, float* log_sums);

}  // namespace fthost::engine::kernels
