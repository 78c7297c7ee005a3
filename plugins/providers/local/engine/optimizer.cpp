#include "optimizer.hpp"

#include <cmath>
#include <numbers>

namespace fthost::engine {

double schedule_factor(Schedule schedule, std::int64_t step, std::int64_t warmup, std::int64_t total) {
  const double s = static_cast<double>(step), w = static_cast<double>(warmup), t = static_cast<double>(total);
  if (step < warmup) return s / w;
  if (schedule == Schedule::constant || total <= warmup) return 1.0;
  const double progress = std::min(1.0, (s - w) / (t - w));
  if (schedule == Schedule::linear) return 1.0 - progress;
  return 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

AdamW::AdamW(FlatParameters& parameters, Options options)
    : parameters_(parameters),
      options_(options),
      first_(static_cast<std::size_t>(parameters.size())),
      second_(static_cast<std::size_t>(parameters.size())) {}

double AdamW::gradient_norm(double scale) const {
  const float* gradients = parameters_.gradients();
  double sum = 0;
  for (std::int64_t i = 0; i < parameters_.size(); ++i) sum += static_cast<double>(gradients[i]) * gradients[i];
  return std::sqrt(sum) * scale;
}

void AdamW::step(double learning_rate, double gradient_scale) {
  ++steps_;
  const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
  const auto beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  const auto rate = static_cast<float>(learning_rate / correction1), epsilon = static_cast<float>(options_.epsilon);
  const auto root = static_cast<float>(1.0 / std::sqrt(correction2)), scale = static_cast<float>(gradient_scale);
  float* values = parameters_.values();
  const float* gradients = parameters_.gradients();
  for (const auto& segment : parameters_.segments()) {
    const auto keep = static_cast<float>(segment.decay ? 1 - learning_rate * options_.weight_decay : 1.0);
    float *v = values + segment.begin, *m = first_.data() + segment.begin, *s = second_.data() + segment.begin;
    const float* g = gradients + segment.begin;
#pragma omp simd
    for (std::int64_t i = 0; i < segment.size; ++i) {
      const float gradient = g[i] * scale;
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      s[i] = beta2 * s[i] + (1 - beta2) * gradient * gradient;
      v[i] = v[i] * keep - rate * m[i] / (std::sqrt(s[i]) * root + epsilon);
    }
  }
}

}  // namespace fthost::engine
