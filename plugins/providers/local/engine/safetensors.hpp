// Safetensors files: 8-byte little-endian header length, JSON header, data. Reading maps the file privately and checks
// the whole header before any tensor is handed out; tensors keep the mapping alive. Writing goes to a temporary name
// and is renamed.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace fthost::engine {

class SafetensorsFile {
 public:
  static Result<SafetensorsFile> open(const std::filesystem::path& path);

  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return entries_.count(name) != 0; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // A view of the mapped file where the data is aligned for its type, else a copy. The view may be written to (the
  // mapping is private) but is best treated as read-only. Fails for a name that is not there.
  Result<at::Tensor> tensor(const std::string& name) const;

 private:
  struct Entry {
    at::ScalarType dtype;
    std::vector<std::int64_t> shape;
    std::size_t begin, size;  // bytes from the start of the data
  };
  struct Mapping;

  std::filesystem::path path_;
  std::shared_ptr<Mapping> mapping_;
  std::size_t data_offset_ = 0;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

// The tensors of a model folder: model.safetensors, or the shards that model.safetensors.index.json names.
class ModelWeights {
 public:
  static Result<ModelWeights> open(const std::filesystem::path& folder);
  bool contains(const std::string& name) const { return home_.count(name) != 0; }
  std::vector<std::string> names() const;
  Result<at::Tensor> tensor(const std::string& name) const;

 private:
  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t> home_;
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Writes the tensors in the given order (contiguous CPU copies are made where needed), then fsyncs and renames.
Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace fthost::engine
