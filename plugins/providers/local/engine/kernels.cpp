#include "kernels.hpp"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <bit>
#include <cmath>
#include <cstring>

extern "C" void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*,
                       const int*, const float*, const int*, const float*, float*, const int*);

// The loader picks the widest variant that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FT_VARIANTS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FT_VARIANTS
#endif
#define FT_INLINE inline __attribute__((always_inline))

namespace fthost::engine::kernels {
namespace {

// BLAS is OpenBLAS where these are found; another BLAS keeps its own count.
using SetThreads = void (*)(int);
using GetThreads = int (*)();
SetThreads blas_set() {
  static const auto function = reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  return function;
}
GetThreads blas_get() {
  static const auto function = reinterpret_cast<GetThreads>(::dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  return function;
}

// exp to about 2 units in the last place: 2^n by exponent bits, the rest by a polynomial; no branches, so it
// vectorises.
FT_INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // the rounded n sits in the low bits
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const std::int32_t power = (std::bit_cast<std::int32_t>(shifted) - 0x4B400000 + 127) << 23;
  return p * std::bit_cast<float>(power);
}

FT_INLINE float inner(const float* a, const float* b, Index count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

// Four rows at a time share the loads of x.
FT_INLINE void inner4(const float* w, Index ld, const float* x, Index count, float* out) {
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  const float *w1 = w + ld, *w2 = w1 + ld, *w3 = w2 + ld;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
  for (Index i = 0; i < count; ++i) {
    s0 += w[i] * x[i];
    s1 += w1[i] * x[i];
    s2 += w2[i] * x[i];
    s3 += w3[i] * x[i];
  }
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

FT_VARIANTS void gemv_rows(const float* w, Index rows, Index columns, const float* x, float* y) {
  // A row from each quarter: four long streams of memory, which a processor fetches ahead far better than neighbours.
  const Index quarter = rows / 4;
  for (Index row = 0; row < quarter; ++row) {
    float sums[4];
    inner4(w + row * columns, quarter * columns, x, columns, sums);
    for (Index i = 0; i < 4; ++i) y[row + i * quarter] = sums[i];
  }
  for (Index row = 4 * quarter; row < rows; ++row) y[row] = inner(w + row * columns, x, columns);
}

}  // namespace

void set_threads(int count) {
  at::set_num_threads(count);
  if (blas_set()) blas_set()(count);
}

SerialBlas::SerialBlas() : before_(blas_get() ? blas_get()() : 1) {
  if (before_ > 1) blas_set()(1);
}
SerialBlas::~SerialBlas() {
  if (before_ > 1) blas_set()(before_);
}

void gemm(bool transpose_a, bool transpose_b, Index m, Index n, Index k, float alpha, const float* a, Index lda,
          const float* b, Index ldb, float beta, float* c, Index ldc) {
  // BLAS is column-major: the transposed product is computed, with the operands exchanged.
  const char ta = transpose_b ? 'T' : 'N', tb = transpose_a ? 'T' : 'N';
  const int m_ = static_cast<int>(n), n_ = static_cast<int>(m), k_ = static_cast<int>(k);
  const int lda_ = static_cast<int>(ldb), ldb_ = static_cast<int>(lda), ldc_ = static_cast<int>(ldc);
  sgemm_(&ta, &tb, &m_, &n_, &k_, &alpha, b, &lda_, a, &ldb_, &beta, c, &ldc_);
}

void gemv(const float* w, Index rows, Index columns, const float* x, float* y) {
  constexpr Index kGrain = 1 << 17;  // weights a thread should have at least
  if (at::get_num_threads() == 1 || rows * columns < 2 * kGrain) return gemv_rows(w, rows, columns, x, y);
  at::parallel_for(0, rows, std::max<Index>(1, kGrain / columns),
                   [&](Index begin, Index end) { gemv_rows(w + begin * columns, end - begin, columns, x, y + begin); });
}

FT_VARIANTS void weighted_sum(const float* p, Index rows, const float* v, Index ldv, Index columns, float* y) {
  for (Index row = 0; row < rows; ++row) {
    const float weight = p[row];
    const float* from = v + row * ldv;
#pragma omp simd
    for (Index i = 0; i < columns; ++i) y[i] += weight * from[i];
  }
}

FT_VARIANTS void scores(const float* k, Index rows, Index ldk, Index columns, const float* q, float scale, float* y) {
  Index row = 0;
  for (; row + 4 <= rows; row += 4) {
    inner4(k + row * ldk, ldk, q, columns, y + row);
    for (Index i = 0; i < 4; ++i) y[row + i] *= scale;
  }
  for (; row < rows; ++row) y[row] = scale * inner(k + row * ldk, q, columns);
}

FT_VARIANTS void add(const float* x, Index count, float* y) {
#pragma omp simd
  for (Index i = 0; i < count; ++i) y[i] += x[i];
}

FT_VARIANTS Index argmax(const float* x, Index count) {
  float best = x[0];
#pragma omp simd reduction(max : best)
  for (Index i = 0; i < count; ++i) best = x[i] > best ? x[i] : best;
  for (Index i = 0; i < count; ++i)
    if (x[i] == best) return i;
  return 0;  // only NaN
}

FT_VARIANTS void rms_norm(const float* x, const float* weight, float eps, Index rows, Index columns, float* y,
                          float* inverse) {
  for (Index row = 0; row < rows; ++row) {
    const float* from = x + row * columns;
    float* to = y + row * columns;
    const float factor = 1.0f / std::sqrt(inner(from, from, columns) / static_cast<float>(columns) + eps);
    if (inverse) inverse[row] = factor;
#pragma omp simd
    for (Index i = 0; i < columns; ++i) to[i] = weight[i] * (from[i] * factor);
  }
}

FT_VARIANTS void rms_norm_backward(const float* x, const float* weight, const float* inverse, const float* dy,
                                   Index rows, Index columns, float* dx, float* dweight) {
  for (Index row = 0; row < rows; ++row) {
    const float *from = x + row * columns, *grad = dy + row * columns;
    float* to = dx + row * columns;
    const float factor = inverse[row];
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (Index i = 0; i < columns; ++i) sum += grad[i] * weight[i] * from[i];
    const float shared = sum * factor * factor * factor / static_cast<float>(columns);
#pragma omp simd
    for (Index i = 0; i < columns; ++i) to[i] = grad[i] * weight[i] * factor - from[i] * shared;
    if (dweight) {
#pragma omp simd
      for (Index i = 0; i < columns; ++i) dweight[i] += grad[i] * from[i] * factor;
    }
  }
}

FT_VARIANTS void swiglu(const float* gate_up, Index rows, Index f, float* y) {
  for (Index row = 0; row < rows; ++row) {
    const float *gate = gate_up + row * 2 * f, *up = gate + f;
    float* to = y + row * f;
#pragma omp simd
    for (Index i = 0; i < f; ++i) to[i] = gate[i] / (1.0f + exponential(-gate[i])) * up[i];
  }
}

FT_VARIANTS void swiglu_backward(const float* gate_up, const float* dy, Index rows, Index f, float* d_gate_up) {
  for (Index row = 0; row < rows; ++row) {
    const float *gate = gate_up + row * 2 * f, *up = gate + f, *grad = dy + row * f;
    float *d_gate = d_gate_up + row * 2 * f, *d_up = d_gate + f;
#pragma omp simd
    for (Index i = 0; i < f; ++i) {
      const float sigmoid = 1.0f / (1.0f + exponential(-gate[i]));
      const float silu = gate[i] * sigmoid;
      d_up[i] = grad[i] * silu;
      d_gate[i] = grad[i] * up[i] * (sigmoid + silu * (1.0f - sigmoid));
    }
  }
}

FT_VARIANTS void rotate(float* row, Index heads, Index half, const float* cosine, const float* sine, float direction) {
  for (Index head = 0; head < heads; ++head) {
    float *low = row + head * 2 * half, *high = low + half;
#pragma omp simd
    for (Index i = 0; i < half; ++i) {
      const float s = sine[i] * direction, a = low[i], b = high[i];
      low[i] = a * cosine[i] - b * s;
      high[i] = b * cosine[i] + a * s;
    }
  }
}

FT_VARIANTS float softmax(float* x, Index valid, Index count, float scale) {
  float top = x[0];
#pragma omp simd reduction(max : top)
  for (Index i = 0; i < valid; ++i) top = x[i] > top ? x[i] : top;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < valid; ++i) {
    const float e = exponential((x[i] - top) * scale);
    x[i] = e;
    sum += e;
  }
  const float factor = 1.0f / sum;
#pragma omp simd
  for (Index i = 0; i < valid; ++i) x[i] *= factor;
  for (Index i = valid; i < count; ++i) x[i] = 0;
  return top * scale + std::log(sum);
}

FT_VARIANTS void exponentials(float* x, Index valid, Index count, float scale, float log_sum) {
#pragma omp simd
  for (Index i = 0; i < valid; ++i) x[i] = exponential(x[i] * scale - log_sum);
  for (Index i = valid; i < count; ++i) x[i] = 0;
}

FT_VARIANTS void softmax_backward(const float* p, Index count, float delta, float scale, float* dp) {
#pragma omp simd
  for (Index i = 0; i < count; ++i) dp[i] = p[i] * (dp[i] - delta) * scale;
}

FT_VARIANTS float dot(const float* a, const float* b, Index count) { return inner(a, b, count); }

void attend(const float* q, Index ldq, Index rows, const float* k, const float* v, Index ldkv, Index first, Index size,
            float scale, float* out, Index ldo, float* scratch, float* log_sums) {
  const Index keys = first + rows;
  if (rows == 1) {
    scores(k, keys, ldkv, size, q, 1.0f, scratch);
    const float log_sum = softmax(scratch, keys, keys, scale);
    if (log_sums) *log_sums = log_sum;
    std::memset(out, 0, static_cast<std::size_t>(size) * sizeof(float));
    weighted_sum(scratch, keys, v, ldkv, size, out);
    return;
  }
  gemm(false, true, rows, keys, size, 1.0f, q, ldq, k, ldkv, 0.0f, scratch, keys);
  for (Index row = 0; row < rows; ++row) {
    const float log_sum = softmax(scratch + row * keys, first + row + 1, keys, scale);
    if (log_sums) log_sums[row] = log_sum;
  }
  gemm(false, false, rows, size, keys, 1.0f, scratch, keys, v, ldkv, 0.0f, out, ldo);
}

}  // namespace fthost::engine::kernels
