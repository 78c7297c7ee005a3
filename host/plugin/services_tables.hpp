// The C tables behind Services; shared by services.cpp, http_service.cpp and process_service.cpp only.
#pragma once

#include <tuple>
#include <type_traits>

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

// Tells the call why, and gives the status for it.
ft_status refuse(CallContext* context, Error error);

// Inside a catch: the call has failed by what was thrown, whatever the plugin makes of it.
ft_status break_off(void* ctx, ft_call call) noexcept;

// `function` as C may call it: no exception passes through the plugin's frames.
template <auto function>
struct Guarded;
template <class Answer, class... Given, Answer (*function)(void*, Given...)>
struct Guarded<function> {
  static Answer call(void* ctx, Given... given) noexcept {
    try {
      return function(ctx, given...);
    } catch (...) {
      [[maybe_unused]] ft_status status = FT_E_INTERNAL;
      if constexpr (std::is_same_v<std::tuple_element_t<0, std::tuple<Given...>>, ft_call>) {
        status = break_off(ctx, std::get<0>(std::tuple(given...)));
      }
      if constexpr (std::is_same_v<Answer, ft_status>) {
        return status;
      } else {
        return Answer();
      }
    }
  }
};
template <auto function>
inline constexpr auto* guarded = &Guarded<function>::call;

}  // namespace fthost::plugin
