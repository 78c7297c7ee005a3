// A registry over the plugins of the build folder and over the bad ones, and calls into them that keep what was
// emitted. FTHOST_PLUGINS and FTHOST_BAD_PLUGINS are the two folders. One thread, the test's own, runs the plugins.
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"
#include "plugin/invoke.hpp"
#include "plugin/registry.hpp"
#include "plugin/services.hpp"

namespace fthost::test {

using plugin::Instance;
using plugin::Json;
using InstancePtr = std::shared_ptr<Instance>;

// A folder that is gone at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fthost-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Emitted {
  std::uint32_t channel;
  std::uint64_t row;
  std::string bytes;
};

// What one call gave.
struct Output {
  Result<ft_status> status = FT_OK;
  std::vector<Emitted> emitted;
  std::map<std::string, std::string> files;

  std::vector<Json> on(std::uint32_t channel) const {
    std::vector<Json> all;
    for (const auto& item : emitted) {
      if (item.channel == channel) all.push_back(Json::parse(item.bytes));
    }
    return all;
  }
  std::vector<Json> records() const { return on(FT_RECORD); }
  // "line:code:path" of each finding, "line:path:action" of each loss.
  std::vector<std::string> findings() const {
    std::vector<std::string> all;
    for (const auto& item : emitted) {
      if (item.channel != FT_FINDING) continue;
      const Json json = Json::parse(item.bytes);
      all.push_back(std::to_string(item.row) + ":" + json["code"].get<std::string>() + ":" +
                    json["path"].get<std::string>());
    }
    return all;
  }
  std::vector<std::string> losses() const {
    std::vector<std::string> all;
    for (const auto& item : emitted) {
      if (item.channel != FT_LOSS) continue;
      const Json json = Json::parse(item.bytes);
      all.push_back(std::to_string(item.row) + ":" + json["path"].get<std::string>() + ":" +
                    json["action"].get<std::string>());
    }
    return all;
  }
  std::string text() const {
    std::string all;
    for (const auto& item : emitted) {
      if (item.channel == FT_DELTA) all += item.bytes;
    }
    return all;
  }
};

class Plugins {
 public:
  explicit Plugins(std::vector<std::string> folders = {FTHOST_PLUGINS, FTHOST_BAD_PLUGINS})
      : loop_(clock_), http_(loop_), services_(http_, options()), registry_(services_, std::move(folders)) {}

  plugin::Registry& registry() { return registry_; }
  plugin::Services& services() { return services_; }
  InstancePtr create(ft_kind kind, const std::string& name, const Json& config = Json::object()) {
    return registry_.create(kind, name, config).value();
  }

  static std::shared_ptr<plugin::CallContext> keeping(Output& output) {
    auto context = std::make_shared<plugin::CallContext>();
    context->emit = [&output](std::uint32_t channel, std::uint64_t row, std::string_view bytes) {
      output.emitted.push_back({channel, row, std::string(bytes)});
      return FT_OK;
    };
    context->emit_file = [&output](std::string_view name, std::string_view bytes) {
      output.files[std::string(name)] += bytes;
      return FT_OK;
    };
    return context;
  }

  static Output decode(Instance& formatter, const std::string& bytes) {
    struct Feed {
      const std::string& bytes;
      std::size_t at;
    } feed{bytes, 0};
    ft_source source{
        sizeof(ft_source), {"test", 4}, &feed, [](void* ctx, void* buffer, std::size_t capacity) -> std::int64_t {
          Feed& from = *static_cast<Feed*>(ctx);
          const std::size_t size = std::min(capacity, from.bytes.size() - from.at);
          std::memcpy(buffer, from.bytes.data() + from.at, size);
          from.at += size;
          return static_cast<std::int64_t>(size);
        }};
    Output output;
    output.status = formatter.call(keeping(output), [&](ft_call call) {
      return formatter.table<ft_formatter>().decode(formatter.self(), call, &source);
    });
    return output;
  }

  // Rows are numbered from 1.
  static Output encode(Instance& formatter, const std::vector<Json>& records) {
    Output output;
    const plugin::Batch batch({plugin::cut_column(Json(records), formatter.desc().columns[0])});
    for (const std::uint32_t part : {FT_BEGIN, FT_ROWS, FT_FINISH}) {
      output.status = formatter.call(keeping(output), [&](ft_call call) {
        return formatter.table<ft_formatter>().encode(formatter.self(), call, part,
                                                      part == FT_ROWS ? batch.get() : nullptr);
      });
    }
    return output;
  }

  static std::pair<double, std::string> detect(Instance& formatter, const std::string& sample,
                                               const std::string& name) {
    const auto found = plugin::detect_format(formatter, sample, name, std::make_shared<plugin::CallContext>()).value();
    return {found.confidence, found.why};
  }

  // rows: [{"output": ..., "references": [...]}]; null where there is no score.
  static Json score(Instance& scorer, const Json& rows) {
    return plugin::score_rows(scorer, rows, std::make_shared<plugin::CallContext>()).value();
  }

 private:
  static plugin::Services::Options options() {
    plugin::Services::Options options;
    options.paths.project = options.paths.state = options.paths.helpers =
        std::filesystem::temp_directory_path().string();
    return options;
  }
  SystemClock clock_;
  io::EventLoop loop_;
  io::HttpClient http_;
  plugin::Services services_;
  plugin::Registry registry_;
};

// Lines of a file of reference data, each JSON, cut at "\n" alone.
inline std::vector<Json> json_lines(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Json> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) rows.push_back(Json::parse(line));
  }
  return rows;
}

}  // namespace fthost::test
