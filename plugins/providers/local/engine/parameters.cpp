#include "parameters.hpp"

namespace fthost::engine {

FlatParameters::FlatParameters(const std::vector<Spec>& specs) {
  std::int64_t total = 0;
  const auto numel = [](const Spec& spec) {
    std::int64_t count = 1;
    for (const auto dimension : spec.shape) count *= dimension;
    return count;
  };
  for (const auto& spec : specs) total += numel(spec);
  values_ = at::zeros({total}, at::kFloat);
  gradients_ = at::zeros({total}, at::kFloat);
  std::int64_t at = 0;
  for (const auto& spec : specs) {
    const std::int64_t count = numel(spec);
    at::Tensor leaf = values_.narrow(0, at, count).view(spec.shape).detach();
    leaf.requires_grad_(true);
    leaf.mutable_grad() = gradients_.narrow(0, at, count).view(spec.shape);
    leaves_.push_back(leaf);
    segments_.push_back({at, count, spec.decay});
    at += count;
  }
}

}  // namespace fthost::engine
