// What the host offers to plugins: the ft_host table and the services of ft_services.h. One object a process, which
// lives as long as any instance. Its functions are called on any thread.
#pragma once

#include <ft_plugin.h>
#include <ft_services.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "io/http_client.hpp"
#include "plugin/call.hpp"

namespace fthost::plugin {

struct Paths {
  std::string project, state, helpers, data;  // absolute; see ft_services.h
};

class Services {
 public:
  struct Options {
    Paths paths;
    std::vector<std::string> allowed_hosts;      // hosts of the user's own configuration that keys may go to
    std::map<std::string, std::string> secrets;  // of the user's own configuration; the environment comes first
    std::int32_t log_level = FT_LOG_WARNING;
    Gate gate = Gate::open();  // asked before a path, a process or the network is used
  };
  Services(io::HttpClient& http, Options options);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  const ft_host* host() const;
  CallTable& calls() { return calls_; }
  const Options& options() const { return options_; }

  // The value of a key, from the environment or the user's configuration; an Error says where to set it.
  Result<std::string> secret(const std::string& name) const;

  struct Tables;  // the C tables and their trampolines; services.cpp, http_service.cpp, process_service.cpp

 private:
  friend struct Tables;
  io::HttpClient& http_;
  Options options_;
  CallTable calls_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace fthost::plugin
