// The registry finds plugins by kind and name, loads them on first use and makes instances; an Instance is one
// configured plugin. Any thread may use both; what runs plugin code (create, call) blocks and belongs on a worker.
//
// A native plugin and one that is linked into the host are the same thing here, an ft_entry.
#pragma once

#include <ft_plugin.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/call.hpp"

namespace fthost::plugin {

using Json = nlohmann::ordered_json;

class Services;

class Instance {
 public:
  ~Instance();  // may run plugin code: on a worker
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const ft_desc& desc() const { return *desc_; }
  const Json& config() const { return config_; }
  std::string owner() const;  // `scorer "length"`

  template <class Table>
  const Table& table() const {
    return *static_cast<const Table*>(table_);
  }
  void* self() const { return self_; }

  // Runs `body` inside the instance: at once if the plugin is FT_CONCURRENT, else after the calls before it.
  // Returns FT_OK or an Error: that of the status, of what the host itself could not do for the call, or of an
  // exception that left `body`. A cancelled context returns `cancelled` without entering.
  Result<ft_status> call(const std::shared_ptr<CallContext>& context, const std::function<ft_status(ft_call)>& body);

  // A call that did not come back from a cancel: the instance takes no more.
  void mark_stuck();
  bool is_stuck() const { return stuck_; }

 private:
  friend class Registry;
  Instance(Services& services, const ft_entry* entry, std::uint32_t index, Json config);
  // Counts a call in, once nothing keeps it out.
  Result<void> enter(const io::CancelToken& cancel);

  Services& services_;
  const ft_entry* entry_;
  std::uint32_t index_;
  const ft_desc* desc_;
  Json config_;
  void* self_ = nullptr;
  const void* table_ = nullptr;
  std::atomic<bool> stuck_{false};

  std::mutex mutex_;
  std::condition_variable free_;
  std::atomic<std::uint32_t> inside_ = 0;  // calls that have not returned
};

struct Listing {
  std::string kind, name, path;   // path: "(built in)" for a linked one
  const ft_desc* desc = nullptr;  // null where it could not be loaded
  std::string problem;            // then why
  bool shadowed = false;          // a plugin of this name comes earlier in the search
};

class Registry {
 public:
  Registry(Services& services, std::vector<std::string> folders);

  void add_builtin(const ft_entry* entry);

  struct Found {
    const ft_entry* entry;
    std::uint32_t index;
    const ft_desc* desc;
    std::string path;
  };
  // Loads on first use. Not found: names the nearest one and the folders searched.
  Result<Found> find(ft_kind kind, const std::string& name);

  // Blocks: runs the plugin's create on this thread.
  Result<std::shared_ptr<Instance>> create(ft_kind kind, const std::string& name, const Json& config,
                                           const std::shared_ptr<CallContext>& context = nullptr);

  // Everything that is there, loaded to be described.
  std::vector<Listing> list();
  // Names of a kind, without loading.
  std::vector<std::string> names(ft_kind kind) const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  Services& services_;
  std::vector<std::string> folders_;
  std::vector<const ft_entry*> builtins_;
};

// {kind, name, version, summary, flags[], operations[], columns[], config_schema}
Json describe(const ft_desc& desc);

}  // namespace fthost::plugin
