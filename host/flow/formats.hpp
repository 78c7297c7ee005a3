// Files in some format: which one, and reading them record by record through a formatter plugin.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/cancel.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

using Json = nlohmann::ordered_json;

// Files that an import reads: the path itself, the files of a folder (not hidden ones, not those below it) by name, or
// standard input as "-".
Result<std::vector<std::string>> input_files(const std::string& path);

struct Format {
  std::string name;
  std::string why;  // "given", or what its detection says
};

// The format of a file by what its plugins say of its beginning; `given` wins. Where none is sure, or two are equally,
// an Error (config) names them.
Result<Format> recognise(plugin::Registry& registry, const std::string& file, const std::string& given,
                         const io::CancelToken& cancel);

// Findings and losses as reports show them, bounded: beyond the limit they are counted, not kept.
class Notes {
 public:
  static constexpr std::size_t kLimit = 10'000;

  // `json` is what a plugin emitted: {code, severity, path, message, hint}.
  void finding(const std::string& file, std::uint64_t line, std::string_view json);
  void loss(std::string_view json);

  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  bool lost() const { return lost_; }  // a loss that is more than bookkeeping
  Json findings() const { return findings_; }
  Json losses() const;  // [{path, action, message, rows}]

 private:
  Json findings_ = Json::array();
  std::size_t errors_ = 0, warnings_ = 0;
  bool lost_ = false;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> losses_;
};

// Decodes one file with a new instance of the format's plugin. `record` gets each record with its source line; an
// Error that it gives ends the reading.
Result<void> decode_file(plugin::Registry& registry, const Format& format, const Json& options, const std::string& file,
                         const io::CancelToken& cancel, Notes& notes,
                         const std::function<Result<void>(std::uint64_t line, std::string_view record)>& record);

}  // namespace fthost::flow
