// AdamW over flat buffers, gradient clipping and learning-rate schedules, as Hugging Face's Trainer has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parameters.hpp"

namespace fthost::engine {

// The factor on the learning rate before step `step` (from 0): a linear rise over warmup steps, then constant, linear
// to 0 at `total`, or half a cosine to 0 at `total`.
enum class Schedule { constant, linear, cosine };
double schedule_factor(Schedule schedule, std::int64_t step, std::int64_t warmup, std::int64_t total);

class AdamW {
 public:
  struct Options {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
  };
  AdamW(FlatParameters& parameters, Options options);

  // L2 norm of all gradients times scale (double sums).
  double gradient_norm(double scale) const;
  // One update with the gradients times `gradient_scale`.
  void step(double learning_rate, double gradient_scale);

 private:
  FlatParameters& parameters_;
  Options options_;
  std::int64_t steps_ = 0;
  std::vector<float> first_, second_;  // moments
};

}  // namespace fthost::engine
