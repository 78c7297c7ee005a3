// Progress: how far the process has come through what it reads, in bytes as they lie in files. Added to by whoever
// reads from any thread; whoever shows it takes differences. What has no known size counts for neither.
#pragma once

#include <atomic>
#include <cstdint>

namespace fthost::io {

struct Progress {
  std::atomic<std::uint64_t> done{0}, total{0};
};

inline Progress& progress() {
  static Progress counts;
  return counts;
}

}  // namespace fthost::io
