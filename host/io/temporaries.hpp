// The temporary files of this process, so that one which has to end at once leaves none behind. Any thread.
#pragma once

#include <utility>

namespace fthost::io {

// A name while it stands for a file that is not finished. Of more than some hundred at a time the last are not known.
class TemporaryName {
 public:
  TemporaryName() = default;
  explicit TemporaryName(const char* path);
  TemporaryName(TemporaryName&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}
  TemporaryName& operator=(TemporaryName&&) = delete;
  ~TemporaryName() { forget(); }

  void forget();

 private:
  int slot_ = -1;
};

// Removes the files. For a process that ends now: safe in a signal's handler.
void unlink_temporaries();

}  // namespace fthost::io
