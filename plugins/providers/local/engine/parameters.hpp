// FlatParameters: all trained values in one buffer and their gradients in another, with a leaf tensor a parameter that
// is a view of both. Owned by one trainer; the optimizer reads and writes the buffers directly.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace fthost::engine {

class FlatParameters {
 public:
  // Shapes in order; values start at zero. decay says whether weight decay applies (not to norms).
  struct Spec {
    std::vector<std::int64_t> shape;
    bool decay = true;
  };
  explicit FlatParameters(const std::vector<Spec>& specs);

  std::size_t count() const { return leaves_.size(); }
  at::Tensor leaf(std::size_t index) const { return leaves_[index]; }
  std::int64_t size() const { return values_.numel(); }
  float* values() { return values_.data_ptr<float>(); }
  float* gradients() { return gradients_.data_ptr<float>(); }
  // 1 where weight decay applies, per segment of the flat buffer.
  struct Segment {
    std::int64_t begin, size;
    bool decay;
  };
  const std::vector<Segment>& segments() const { return segments_; }
  void clear_gradients() { gradients_.zero_(); }

 private:
  at::Tensor values_, gradients_;
  std::vector<at::Tensor> leaves_;
  std::vector<Segment> segments_;
};

}  // namespace fthost::engine
