// ft::Scorer: a metric. Methods (const where the plugin is FT_CONCURRENT):
//
//   void score(const ft::Call&, const ft::Rows&, std::span<double> out);
//       fills out[row * outputs + k]; NaN: no score
//   std::string signature();
//       the metric's exact definition
//   void aggregate(const ft::Call&, std::span<const double> rows, std::span<double> out);
//       optional; without it the corpus value is the mean
#pragma once

#include <ft/plugin.hpp>
#include <limits>

namespace ft {

struct Scorer {
  static constexpr std::uint32_t kind = FT_SCORER;
};

inline constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

// The strings of a JSON array or the one string of a JSON string, as `references` holds them.
inline std::vector<std::string> references(std::string_view raw) {
  std::vector<std::string> list;
  if (raw.empty()) return list;
  const Json json = Json::parse(raw);
  if (json.is_string()) list.push_back(json.get<std::string>());
  if (json.is_array()) {
    for (const auto& item : json) {
      if (item.is_string()) list.push_back(item.get<std::string>());
    }
  }
  return list;
}

namespace detail {

template <class Plugin>
  requires std::derived_from<Plugin, Scorer>
struct Table<Plugin> {
  static ft_status score(void* self, ft_call id, const ft_batch* batch, double* out) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      plugin.score(call, Rows(batch), std::span<double>(out, batch->row_count * Plugin::info.outputs));
    });
  }
  static ft_status aggregate(void* self, ft_call id, const double* rows, std::size_t count, double* out) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      if constexpr (requires { &Plugin::aggregate; }) {
        plugin.aggregate(call, std::span<const double>(rows, count * Plugin::info.outputs),
                         std::span<double>(out, Plugin::info.outputs));
      }
    });
  }
  static ft_status signature(void* self, ft_call id) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) { call.detail(0, plugin.signature()); });
  }
  static constexpr ft_status (*aggregate_or_null())(void*, ft_call, const double*, std::size_t, double*) {
    if constexpr (requires { &Plugin::aggregate; }) return &Table::aggregate;
    return nullptr;
  }
  static constexpr ft_scorer table = {sizeof(ft_scorer), &Table::score, aggregate_or_null(), &Table::signature};
};

}  // namespace detail
}  // namespace ft
