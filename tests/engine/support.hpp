// What the engine's tests share: a temporary folder, .npy reading, a tiny random model.
#pragma once

#include <ATen/ATen.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>
#include <string>

#include "files.hpp"
#include "llama.hpp"

namespace fthost::engine::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ft-engine-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// A two-dimensional (or more) little-endian float32 .npy file in C order.
inline at::Tensor read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path).value();
  BOOST_REQUIRE(bytes.size() > 10 && bytes.compare(0, 6, "\x93NUMPY") == 0);
  const auto length =
      static_cast<std::size_t>(static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]));
  const std::string header = bytes.substr(10, length);
  BOOST_REQUIRE(header.find("'<f4'") != std::string::npos && header.find("False") != std::string::npos);
  std::vector<std::int64_t> shape;
  std::size_t at = header.find("'shape': (") + 10;
  while (header[at] != ')') {
    if (std::isdigit(static_cast<unsigned char>(header[at]))) {
      std::size_t used = 0;
      shape.push_back(std::stoll(header.substr(at), &used));
      at += used;
    } else {
      ++at;
    }
  }
  at::Tensor tensor = at::empty(shape, at::kFloat);
  BOOST_REQUIRE(bytes.size() == 10 + length + tensor.nbytes());
  std::memcpy(tensor.data_ptr(), bytes.data() + 10 + length, tensor.nbytes());
  return tensor;
}

inline double max_difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

inline ModelConfig tiny_config(bool tied = true) {
  ModelConfig config;
  config.vocab_size = 37;
  config.hidden_size = 16;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 6;
  config.ffn_size = 20;
  config.max_positions = 256;
  config.tied = tied;
  return config;
}

inline std::vector<std::int64_t> random_ids(Random& random, std::size_t count, std::int64_t vocabulary) {
  std::vector<std::int64_t> ids(count);
  for (auto& id : ids) id = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(vocabulary)));
  return ids;
}

}  // namespace fthost::engine::test
