#include "safetensors.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "files.hpp"

namespace fthost::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr std::size_t kMaxHeader = 100'000'000;

std::optional<at::ScalarType> type_of(const std::string& name) {
  static const std::map<std::string, at::ScalarType> types = {
      {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
      {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool}};
  const auto found = types.find(name);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

const char* name_of(at::ScalarType type) {
  switch (type) {
    case at::kDouble:
      return "F64";
    case at::kFloat:
      return "F32";
    case at::kHalf:
      return "F16";
    case at::kBFloat16:
      return "BF16";
    case at::kLong:
      return "I64";
    case at::kInt:
      return "I32";
    case at::kShort:
      return "I16";
    case at::kChar:
      return "I8";
    case at::kByte:
      return "U8";
    case at::kBool:
      return "BOOL";
    default:
      return nullptr;
  }
}

Error damaged(const std::string& message, const std::filesystem::path& path) {
  return make_error(Code::input, "damaged safetensors file: " + message, path.string(),
                    "fetch or write the file again");
}

// The product of the shape times the item size, or nothing where it overflows or a dimension is not a count.
std::optional<std::size_t> byte_size(const Json& shape, at::ScalarType type, std::vector<std::int64_t>& out) {
  std::size_t size = c10::elementSize(type);
  for (const auto& dimension : shape) {
    if (!dimension.is_number_unsigned()) return std::nullopt;
    const auto count = dimension.get<std::uint64_t>();
    if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    if (__builtin_mul_overflow(size, static_cast<std::size_t>(count), &size)) return std::nullopt;
    out.push_back(static_cast<std::int64_t>(count));
  }
  return size;
}

}  // namespace

struct SafetensorsFile::Mapping {
  char* data = nullptr;
  std::size_t size = 0;
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data) ::munmap(data, size);
  }
};

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "open", path.string());
  struct stat info{};
  if (::fstat(fd, &info) != 0 || info.st_size < 8) {
    ::close(fd);
    return damaged("shorter than its 8-byte header length", path);
  }
  auto mapping = std::make_shared<Mapping>();
  void* data = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  const int number = errno;
  ::close(fd);
  if (data == MAP_FAILED) return errno_error(number, "map", path.string());
  mapping->data = static_cast<char*>(data);
  mapping->size = static_cast<std::size_t>(info.st_size);

  std::uint64_t header_size = 0;
  std::memcpy(&header_size, mapping->data, 8);
  if (header_size > kMaxHeader || header_size > mapping->size - 8)
    return damaged("the header would be " + std::to_string(header_size) + " bytes long", path);

  SafetensorsFile file;
  file.path_ = path;
  file.mapping_ = mapping;
  file.data_offset_ = 8 + static_cast<std::size_t>(header_size);
  const std::size_t data_size = mapping->size - file.data_offset_;
  const Json header = Json::parse(mapping->data + 8, mapping->data + file.data_offset_, nullptr, false);
  if (!header.is_object()) return damaged("the header is not a JSON object", path);

  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) return damaged("__metadata__ is not an object", path);
      for (const auto& [key, text] : value.items())
        if (text.is_string()) file.metadata_[key] = text.get<std::string>();
      continue;
    }
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() || !value.contains("shape") ||
        !value["shape"].is_array() || !value.contains("data_offsets") || !value["data_offsets"].is_array() ||
        value["data_offsets"].size() != 2 || !value["data_offsets"][0].is_number_unsigned() ||
        !value["data_offsets"][1].is_number_unsigned())
      return damaged("tensor \"" + name + "\" lacks dtype, shape or data_offsets", path);
    const auto type = type_of(value["dtype"].get<std::string>());
    if (!type)
      return make_error(Code::unsupported, "tensor \"" + name + "\" has type " + value["dtype"].get<std::string>(),
                        path.string(), "convert the weights to F32, F16 or BF16");
    Entry entry{*type, {}, 0, 0};
    const auto size = byte_size(value["shape"], *type, entry.shape);
    const auto begin = value["data_offsets"][0].get<std::uint64_t>(),
               end = value["data_offsets"][1].get<std::uint64_t>();
    if (begin > end || end > data_size) return damaged("tensor \"" + name + "\" lies outside of the file", path);
    if (!size || *size != end - begin)
      return damaged("tensor \"" + name + "\": its shape and its " + std::to_string(end - begin) + " bytes differ",
                     path);
    entry.begin = static_cast<std::size_t>(begin);
    entry.size = *size;
    ranges.emplace_back(entry.begin, entry.begin + entry.size);
    file.entries_.emplace(name, std::move(entry));
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second) return damaged("tensors overlap", path);
  return file;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

Result<at::Tensor> SafetensorsFile::tensor(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    return make_error(Code::input, "there is no tensor \"" + name + "\"", path_.string(),
                      "check that config.json belongs to these weights");
  const Entry& entry = found->second;
  char* data = mapping_->data + data_offset_ + entry.begin;
  const auto options = at::TensorOptions().dtype(entry.dtype);
  if (reinterpret_cast<std::uintptr_t>(data) % c10::elementSize(entry.dtype) != 0) {
    at::Tensor copy = at::empty(entry.shape, options);
    std::memcpy(copy.data_ptr(), data, entry.size);
    return copy;
  }
  return at::from_blob(data, entry.shape, [keep = mapping_](void*) {}, options);
}

Result<ModelWeights> ModelWeights::open(const std::filesystem::path& folder) {
  ModelWeights weights;
  weights.folder_ = folder;
  std::vector<std::string> shards{"model.safetensors"};
  const auto index_path = folder / "model.safetensors.index.json";
  std::error_code ec;
  if (!std::filesystem::exists(folder / shards[0], ec)) {
    if (!std::filesystem::exists(index_path, ec))
      return make_error(Code::input, "there is neither model.safetensors nor model.safetensors.index.json",
                        folder.string(), "convert the model to safetensors; pickled .bin weights are not read");
    auto index = read_json(index_path);
    if (!index) return index.error();
    std::set<std::string> unique;
    if (index->contains("weight_map") && (*index)["weight_map"].is_object())
      for (const auto& [name, shard] : (*index)["weight_map"].items())
        if (shard.is_string()) unique.insert(std::filesystem::path(shard.get<std::string>()).filename().string());
    if (unique.empty())
      return make_error(Code::input, "weight_map names no file", index_path.string(), "fetch the model again");
    shards.clear();
    std::copy(unique.begin(), unique.end(), std::back_inserter(shards));
  }
  for (const auto& shard : shards) {
    auto file = SafetensorsFile::open(folder / shard);
    if (!file) return file.error();
    for (const auto& name : file->names()) weights.home_[name] = weights.files_.size();
    weights.files_.push_back(std::move(*file));
  }
  return weights;
}

std::vector<std::string> ModelWeights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : home_) names.push_back(name);
  return names;
}

Result<at::Tensor> ModelWeights::tensor(const std::string& name) const {
  const auto found = home_.find(name);
  if (found == home_.end())
    return make_error(Code::input, "there is no tensor \"" + name + "\"", folder_.string(),
                      "check that config.json belongs to these weights");
  return files_[found->second].tensor(name);
}

Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header["__metadata__"] = metadata;
  std::vector<at::Tensor> plain;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const char* type = name_of(tensor.scalar_type());
    if (!type)
      return make_error(Code::unsupported, "tensor \"" + name + "\" has a type safetensors lacks", path.string());
    plain.push_back(tensor.detach().cpu().contiguous());
    const std::size_t size = plain.back().nbytes();
    header[name] = {{"dtype", type}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // keeps the data aligned
  const std::uint64_t length = text.size();
  std::string prefix(reinterpret_cast<const char*>(&length), 8);
  prefix += text;
  std::vector<std::string_view> pieces{prefix};
  for (const auto& tensor : plain) pieces.emplace_back(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  return write_file(path, pieces);
}

}  // namespace fthost::engine
