// Small files of the worker: read whole, read as JSON, written atomically (temporary name, fsync, rename).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace fthost::engine {

using Json = nlohmann::ordered_json;

Result<std::string> read_file(const std::filesystem::path& path);
Result<Json> read_json(const std::filesystem::path& path);

// Replaces the file with the pieces one after the other; a crash leaves the old file or the new one.
Result<void> write_file(const std::filesystem::path& path, const std::vector<std::string_view>& pieces);
Result<void> write_file(const std::filesystem::path& path, std::string_view text);
Result<void> make_folder(const std::filesystem::path& path);
// Renames a finished folder to its place, replacing what was there.
Result<void> replace_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// Typed access to a JSON object that a person may have written: each getter checks type and range and names the path
// ("job.json /hyperparameters/lora_r"); finish() refuses keys that nothing asked for. The first error is kept.
class JsonReader {
 public:
  JsonReader(const Json& object, std::string where, std::string pointer = "");

  bool has(const std::string& key) const;  // present and not null
  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  double number(const std::string& key, double fallback, double least, double most);
  bool boolean(const std::string& key, bool fallback);
  std::string text(const std::string& key, const std::string& fallback);
  std::string required_text(const std::string& key);
  std::string choice(const std::string& key, const std::string& fallback, std::span<const char* const> allowed);
  const Json* value(const std::string& key);  // nullptr when absent or null
  JsonReader object(const std::string& key);  // an empty one when absent
  void ignore(const std::string& key) { asked_.push_back(key); }

  void fail(const std::string& key, const std::string& message, const std::string& hint = {});
  // The first error of this object, or of a key that is not known.
  Result<void> finish();

 private:
  const Json* find(const std::string& key);

  Json object_;
  std::string where_, pointer_;
  std::vector<std::string> asked_;
  bool failed_ = false;
  Error error_;
};

}  // namespace fthost::engine
