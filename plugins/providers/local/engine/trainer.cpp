#include "trainer.hpp"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace fthost::engine {

TrainOptions TrainOptions::read(JsonReader& reader) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  static constexpr const char* kSchedules[] = {"constant", "linear", "cosine"};
  TrainOptions options;
  options.epochs = reader.integer("epochs", 3, 1, 1'000'000);
  options.max_steps = reader.integer("max_steps", 0, 0, kMost);
  options.batch_size = reader.integer("batch_size", 8, 1, 1 << 20);
  options.gradient_accumulation = reader.integer("gradient_accumulation", 1, 1, 1 << 20);
  options.learning_rate = reader.number("learning_rate", 2e-4, 0, 100);
  const std::string schedule = reader.choice("schedule", "cosine", kSchedules);
  options.schedule = schedule == "cosine"   ? Schedule::cosine
                     : schedule == "linear" ? Schedule::linear
                                            : Schedule::constant;
  options.warmup_ratio = reader.number("warmup_ratio", 0, 0, 1);
  options.warmup_steps = reader.integer("warmup_steps", -1, 0, kMost);
  options.weight_decay = reader.number("weight_decay", 0, 0, 10);
  options.max_grad_norm = reader.number("max_grad_norm", 1.0, 0, 1e9);
  options.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));
  options.log_every = reader.integer("log_every", 1, 1, kMost);
  options.checkpoint_every = reader.integer("checkpoint_every", 0, 0, kMost);
  return options;
}

double evaluate(const Dataset& data, const LossFunction& loss, std::int64_t batch_size) {
  c10::NoGradGuard no_grad;
  double sum = 0;
  std::int64_t targets = 0;
  for (std::size_t row = 0; row < data.size();) {
    PackedBatch batch;
    for (std::int64_t i = 0; i < batch_size && row < data.size(); ++i) data.add_to(batch, row++);
    sum += loss(batch, nullptr).item<double>();
    targets += batch.target_count();
  }
  return sum / static_cast<double>(targets);
}

TrainResult train(const Dataset& data, const Dataset* validation, FlatParameters& parameters, const LossFunction& loss,
                  const TrainOptions& options, const TrainHooks& hooks) {
  const auto rows = static_cast<std::int64_t>(data.size());
  const std::int64_t rows_a_step = options.batch_size * options.gradient_accumulation;
  const std::int64_t steps_an_epoch = (rows + rows_a_step - 1) / rows_a_step;
  const std::int64_t total = options.max_steps > 0 ? options.max_steps : options.epochs * steps_an_epoch;
  const std::int64_t warmup =
      options.warmup_steps >= 0
          ? options.warmup_steps
          : static_cast<std::int64_t>(std::ceil(options.warmup_ratio * static_cast<double>(total)));
  AdamW optimizer(parameters, {.beta2 = options.beta2, .weight_decay = options.weight_decay});
  Random order_source(options.seed), dropout(options.seed + 0x5bd1e995u);
  std::vector<std::size_t> order;
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };

  TrainResult result;
  StepMetrics& now = result.last;
  now.total_steps = total;
  std::int64_t logged_tokens = 0, logged_targets = 0;
  double logged_seconds = 0, logged_loss = 0;
  for (std::int64_t step = 0; step < total; ++step) {
    if (hooks.cancelled && hooks.cancelled()) {
      result.cancelled = true;
      return result;
    }
    const std::int64_t in_epoch = step % steps_an_epoch;
    if (in_epoch == 0) order = order_source.permutation(data.size());
    parameters.clear_gradients();
    double sum = 0;
    std::int64_t targets = 0, row = in_epoch * rows_a_step;
    const std::int64_t end = std::min(rows, row + rows_a_step);
    while (row < end) {
      PackedBatch batch;
      for (std::int64_t i = 0; i < options.batch_size && row < end; ++i)
        data.add_to(batch, order[static_cast<std::size_t>(row++)]);
      const at::Tensor value = loss(batch, &dropout);
      value.backward();
      sum += value.item<double>();
      targets += batch.target_count();
      now.tokens += static_cast<std::int64_t>(batch.ids.size());
    }
    const double scale = 1.0 / static_cast<double>(targets);
    now.grad_norm = optimizer.gradient_norm(scale);
    if (!std::isfinite(sum) || !std::isfinite(now.grad_norm))
      throw Failure(make_error(Code::input,
                               std::string(std::isfinite(sum) ? "the gradient" : "the loss") +
                                   " is no longer a number at step " + std::to_string(step + 1),
                               "training", "use a smaller learning rate or a smaller max_grad_norm"));
    double clip = 1.0;
    if (options.max_grad_norm > 0) clip = std::min(1.0, options.max_grad_norm / (now.grad_norm + 1e-6));
    now.learning_rate = options.learning_rate * schedule_factor(options.schedule, step, warmup, total);
    optimizer.step(now.learning_rate, scale * clip);

    now.step = step + 1;
    now.epoch = static_cast<double>(step / steps_an_epoch) + static_cast<double>(end) / static_cast<double>(rows);
    logged_loss += sum;
    logged_targets += targets;
    const bool last = now.step == total;
    if (now.step % options.log_every == 0 || last) {
      now.loss = logged_loss / static_cast<double>(logged_targets);
      now.seconds = seconds();
      now.tokens_per_second =
          static_cast<double>(now.tokens - logged_tokens) / std::max(1e-9, now.seconds - logged_seconds);
      if (hooks.metrics) hooks.metrics(now);
      logged_tokens = now.tokens;
      logged_seconds = now.seconds;
      logged_loss = 0;
      logged_targets = 0;
    }
    if (options.checkpoint_every > 0 && now.step % options.checkpoint_every == 0 && !last && hooks.checkpoint)
      hooks.checkpoint(now.step);
    if (validation && hooks.validation && (in_epoch + 1 == steps_an_epoch || last))
      hooks.validation(now.step, evaluate(*validation, loss, options.batch_size));
  }
  now.seconds = seconds();
  return result;
}

}  // namespace fthost::engine
