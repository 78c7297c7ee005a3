// Appender: records on their way into a storage, by batches. Blocking; one thread.
#pragma once

#include <string>
#include <vector>

#include "flow/transfer.hpp"

namespace fthost::flow {

inline constexpr std::size_t kBatchRows = 1024;
inline constexpr std::size_t kBatchBytes = 8u << 20;

// The time that records get as created_at.
std::string now();

class Appender {
 public:
  Appender(const Target& target, const io::CancelToken& cancel) : target_(target), cancel_(cancel) {}

  void add(std::string id, std::string text) {
    bytes_ += text.size();
    ids_.push_back(std::move(id));
    texts_.push_back(std::move(text));
  }
  bool full() const { return ids_.size() >= kBatchRows || bytes_ >= kBatchBytes; }
  // How many of the batch the storage knew.
  Result<std::size_t> flush();

  std::size_t appended = 0, known = 0;

 private:
  const Target& target_;
  io::CancelToken cancel_;
  std::vector<std::string> ids_, texts_;
  std::size_t bytes_ = 0;
};

}  // namespace fthost::flow
