// WindowReader: pieces of a file by offset, a system call per 256 KB when they come in order. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace fthost::data {

class WindowReader {
 public:
  // Does not own the descriptor. `path` is for messages.
  WindowReader(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}

  // `length` bytes, good until the next call; fewer only at the end of the file.
  Result<std::string_view> at(std::uint64_t offset, std::size_t length);

 private:
  int fd_;
  std::filesystem::path path_;
  std::string buffer_;
  std::uint64_t begin_ = 0;
};

}  // namespace fthost::data
