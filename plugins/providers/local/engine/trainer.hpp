// train(): the optimisation loop that fine-tuning and pre-training share: shuffled epochs, accumulation weighted by
// tokens, clipping, schedule. It knows neither files nor events: what happens is told to the hooks, on the calling
// thread.
#pragma once

#include <functional>
#include <optional>

#include "dataset.hpp"
#include "optimizer.hpp"
#include "parameters.hpp"

namespace fthost::engine {

struct TrainOptions {
  std::int64_t epochs = 1, max_steps = 0;  // max_steps > 0 counts instead of the epochs
  std::int64_t batch_size = 8, gradient_accumulation = 1;
  double learning_rate = 2e-4, weight_decay = 0, max_grad_norm = 1.0;  // max_grad_norm 0: no clipping
  Schedule schedule = Schedule::cosine;
  double warmup_ratio = 0;
  std::int64_t warmup_steps = -1;  // >= 0 counts instead of the ratio
  std::uint64_t seed = 0;
  std::int64_t log_every = 1, checkpoint_every = 0;
  double beta2 = 0.999;

  static TrainOptions read(JsonReader& reader);  // the keys of job.json's hyperparameters that are this loop's
};

struct StepMetrics {
  std::int64_t step = 0, total_steps = 0;
  double epoch = 0, loss = 0, learning_rate = 0, grad_norm = 0, tokens_per_second = 0, seconds = 0;
  std::int64_t tokens = 0;  // read so far, prompts included
};

struct TrainHooks {
  std::function<bool()> cancelled;                       // asked before every step
  std::function<void(const StepMetrics&)> metrics;       // every log_every steps and at the last
  std::function<void(std::int64_t, double)> validation;  // step, mean loss; after every epoch and at the end
  std::function<void(std::int64_t)> checkpoint;          // every checkpoint_every steps
};

struct TrainResult {
  bool cancelled = false;
  StepMetrics last;
};

// Sum of the loss over a batch's targets, with a graph. dropout is null when it is to be off.
using LossFunction = std::function<at::Tensor(const PackedBatch&, Random* dropout)>;

// Throws Failure where the loss or its gradient is no longer a number.
TrainResult train(const Dataset& data, const Dataset* validation, FlatParameters& parameters, const LossFunction& loss,
                  const TrainOptions& options, const TrainHooks& hooks);

// Mean loss over all targets, without a graph.
double evaluate(const Dataset& data, const LossFunction& loss, std::int64_t batch_size);

}  // namespace fthost::engine
