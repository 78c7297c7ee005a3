// The C tables behind Services; shared by services.cpp, http_service.cpp and process_service.cpp only.
#pragma once

#include "plugin/services.hpp"

namespace fthost::plugin {

struct Services::Tables {
  explicit Tables(Services& services);

  struct HttpState;
  struct ProcessState;

  ft_host host{};
  ft_http http{};
  ft_secret secret{};
  ft_process process{};
  ft_path path{};
  std::shared_ptr<HttpState> http_state;
  std::shared_ptr<ProcessState> process_state;

  static Services& of(void* ctx) { return *static_cast<Services*>(ctx); }
  static io::HttpClient& client(Services& services) { return services.http_; }
  static Tables& tables(Services& services) { return *services.tables_; }

  void make_http(Services& services);     // http_service.cpp
  void make_process(Services& services);  // process_service.cpp
};

inline std::string_view view(ft_str text) {
  return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline ft_str str(std::string_view text) { return {text.data() ? text.data() : "", text.size()}; }

// Tells the call why, and gives the status for it.
ft_status refuse(CallContext* context, Error error);

}  // namespace fthost::plugin
