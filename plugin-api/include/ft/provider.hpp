// ft::Provider: a vendor or a local trainer. FT_CONCURRENT: many threads may be inside `request` at once. Method:
//   ft::Json request(const ft::Call&, std::string_view operation, const ft::Json& input);   // call.delta streams
// Operations and their JSON are in docs/plugins.md; an operation that it does not list is not asked for.
#pragma once

#include <ft/plugin.hpp>

namespace ft {

struct Provider {
  static constexpr std::uint32_t kind = FT_PROVIDER;
};

namespace detail {

template <class Plugin>
  requires std::derived_from<Plugin, Provider>
struct Table<Plugin> {
  static_assert((Plugin::info.flags & FT_CONCURRENT) != 0, "a provider must be FT_CONCURRENT");
  static ft_status request(void* self, ft_call id, ft_str operation, ft_str json) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      const Json input = Json::parse(view(json));
      if (!input.is_object()) throw Error(FT_E_INPUT, "the request is not an object");
      call.result(plugin.request(call, view(operation), input));
    });
  }
  static constexpr ft_provider table = {sizeof(ft_provider), &Table::request};
};

}  // namespace detail
}  // namespace ft
