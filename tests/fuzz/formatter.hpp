// A formatter plugin alone in the program, driven through its entry as the host does it. What must hold for any bytes:
// what it emits does not depend on how they are cut, records are JSON objects, findings and losses are JSON; and what
// it writes of those records without naming a loss reads back as the same records.
#pragma once

#include <ft_plugin.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "data/json.hpp"
#include "data/record.hpp"
#include "fuzz.hpp"

namespace fuzz {

struct Output {
  std::uint32_t channel;
  std::uint64_t row;
  std::string bytes;
  bool operator==(const Output& other) const = default;
};

// What a plugin sees of a host, and what it says to it.
struct Host {
  std::vector<Output> output;
  std::vector<std::pair<std::string, std::string>> files;
  bool failed = false;

  static Host& of(void* ctx) { return *static_cast<Host*>(ctx); }
  static ft_status emit(void* ctx, ft_call, std::uint32_t channel, std::uint64_t row, ft_str bytes) {
    of(ctx).output.push_back({channel, row, std::string(bytes.data, bytes.size)});
    return FT_OK;
  }
  static ft_status emit_file(void* ctx, ft_call, ft_str name, ft_str bytes) {
    auto& files = of(ctx).files;
    const std::string key(name.data, name.size);
    const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.first == key; });
    auto& file = found == files.end() ? files.emplace_back(key, "") : *found;
    file.second.append(bytes.data, bytes.size);
    return FT_OK;
  }
  static void fail(void* ctx, ft_call, ft_status, ft_str) { of(ctx).failed = true; }

  ft_host table() {
    return {sizeof(ft_host),
            0,
            this,
            [](void*, std::int32_t, ft_str) {},
            &emit,
            &emit_file,
            &fail,
            [](void*, ft_call, std::uint64_t, std::uint64_t) {},
            [](void*, ft_call) -> std::int32_t { return 0; },
            [](void*, const char*) -> const void* { return nullptr; }};
  }
};

// The schema's defaults.
inline const std::string& config() {
  static const std::string text = [] {
    nlohmann::json filled = nlohmann::json::object();
    const auto schema = nlohmann::json::parse(ft_plugin_entry.describe(0)->config_schema);
    if (schema.contains("properties")) {
      for (const auto& [name, property] : schema["properties"].items()) {
        if (property.contains("default")) filled[name] = property["default"];
      }
    }
    return filled.dump();
  }();
  return text;
}

// An instance, for one file in one direction.
class Instance {
 public:
  Instance() : table_(host_.table()) {
    const void* vtable = nullptr;
    const ft_status made = ft_plugin_entry.create(0, &table_, {1}, {config().data(), config().size()}, &self_, &vtable);
    require(made == FT_OK && vtable, "the plugin takes its defaults");
    formatter_ = static_cast<const ft_formatter*>(vtable);
  }
  Instance(const Instance&) = delete;
  ~Instance() { ft_plugin_entry.destroy(0, self_); }

  ft_status decode(std::string_view text, std::size_t step) {
    struct Feed {
      std::string_view left;
      std::size_t step;
    } feed{text, step};
    ft_source source{sizeof(ft_source), {"fuzz", 4}, &feed, [](void* ctx, void* buffer, std::size_t capacity) {
                       Feed& from = *static_cast<Feed*>(ctx);
                       const std::size_t size = std::min({capacity, from.step, from.left.size()});
                       std::memcpy(buffer, from.left.data(), size);
                       from.left.remove_prefix(size);
                       return static_cast<std::int64_t>(size);
                     }};
    return formatter_->decode(self_, {1}, &source);
  }
  double detect(std::string_view text) {
    double confidence = 0;
    require(formatter_->detect(self_, {1}, {text.data(), text.size()}, {"fuzz", 4}, &confidence) == FT_OK, "detects");
    return confidence;
  }
  ft_status encode(const std::vector<std::string>& records) {
    std::vector<std::uint64_t> lines;
    std::vector<ft_str> cells;
    for (const auto& record : records) {
      lines.push_back(lines.size() + 1);
      cells.push_back({record.data(), record.size()});
    }
    const ft_str* const columns[] = {cells.data()};
    const ft_batch batch{sizeof(ft_batch), 1, records.size(), lines.data(), columns};
    ft_status status = formatter_->encode(self_, {1}, FT_BEGIN, nullptr);
    if (status == FT_OK && !records.empty()) status = formatter_->encode(self_, {1}, FT_ROWS, &batch);
    return status == FT_OK ? formatter_->encode(self_, {1}, FT_FINISH, nullptr) : status;
  }
  const Host& host() const { return host_; }

 private:
  Host host_;
  ft_host table_;
  void* self_ = nullptr;
  const ft_formatter* formatter_ = nullptr;
};

// The records among what was emitted; all of it is as it should be.
inline std::vector<std::string> records_of(const Host& host) {
  std::vector<std::string> records;
  fthost::data::Document document;
  for (const auto& output : host.output) {
    require(output.row >= 1, "rows are lines from 1");
    require(document.parse_object(output.bytes), "what is emitted is a JSON object");
    if (output.channel == FT_RECORD) {
      records.push_back(output.bytes);
    } else {
      require(output.channel == FT_FINDING || output.channel == FT_LOSS, "records, findings and losses");
      require(bool(document.find(output.channel == FT_FINDING ? "code" : "path")), "a finding or a loss");
    }
  }
  return records;
}

inline std::vector<std::string> contents(const std::vector<std::string>& records) {
  std::vector<std::string> all;
  fthost::data::Document document;
  fthost::data::ContentHasher hasher;
  for (const auto& record : records) {
    require(document.parse_object(record), "a record is a JSON object");
    all.push_back(fthost::data::hex(hasher.hash(document.root())));
  }
  return all;
}

// What was written without a loss reads back as it was.
inline void round_trip(const std::vector<std::string>& records) {
  Instance writer;
  if (writer.encode(records) != FT_OK) {
    require(writer.host().failed, "a failure is explained");
    return;
  }
  std::string text;
  for (const auto& output : writer.host().output) {
    if (output.channel != FT_DELTA) return;  // a row was refused, or something is lost and named
    text += output.bytes;
  }
  std::vector<std::string> back;
  std::vector<std::string> files{text};
  if (text.empty() && !writer.host().files.empty()) {
    files.clear();
    for (const auto& file : writer.host().files) files.push_back(file.second);
  }
  for (const auto& file : files) {
    Instance reader;
    require(reader.decode(file, file.size() + 1) == FT_OK, "what was written can be read");
    for (auto& record : records_of(reader.host())) back.push_back(std::move(record));
  }
  require(contents(back) == contents(records), "what was written without a loss reads back as it was");
}

inline int run(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = as_text(data + 1, size - 1);
  Instance whole, cut;
  const ft_status status = whole.decode(text, size);
  require(status == FT_OK || whole.host().failed, "a failure is explained");
  require(status == cut.decode(text, 1 + size / (1 + data[0] % 16)), "the status does not depend on the cuts");
  require(whole.host().output == cut.host().output, "what is emitted does not depend on the cuts");
  const double confidence = Instance().detect(text);
  require(confidence >= 0 && confidence <= 1, "confidence is from 0 to 1");
  const auto records = records_of(whole.host());
  if (status == FT_OK) round_trip(records);
  return 0;
}

}  // namespace fuzz
