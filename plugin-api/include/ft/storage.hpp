// ft::Storage: collections of JSON records, in append order. The contract of each is in ft_plugin.h. Methods:
//
//   ft::Json list(const ft::Call&);
//   ft::Json append(const ft::Call&, std::string_view collection, const ft::Rows&);
//       columns: id, record
//   void put(const ft::Call&, std::string_view collection, const ft::Rows&);
//       columns: id, record, revision
//   void read(const ft::Call&, std::string_view collection, const ft::Json& query);
//       emits call.record(ordinal, ft::stored_item(id, revision, record))
//   ft::Json remove(const ft::Call&, std::string_view collection, const ft::Rows&);
//       column: id
#pragma once

#include <ft/plugin.hpp>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace ft {

struct Storage {
  static constexpr std::uint32_t kind = FT_STORAGE;
};

// {"id", "revision", "record"} as `read` emits it; `record` is JSON and is passed on as it stands.
inline std::string stored_item(std::string_view id, std::string_view revision, std::string_view record) {
  std::string text = "{\"id\":" + Json(id).dump() + ",\"revision\":" + Json(revision).dump() + ",\"record\":";
  return text.append(record).append("}");
}

// What `read` is asked for. A query that is not understood is refused (FT_E_INPUT), lest it reads everything.
struct Query {
  std::optional<std::vector<std::string>> ids;  // these, in this order; those that are not there are passed over
  std::string after;                            // the record to read on after; empty: from the beginning
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // of records, also of ids

  Query(const Json& json, std::string_view collection) {
    for (const auto& [key, value] : json.items()) {
      if (key == "ids" && value.is_array()) {
        ids = value.get<std::vector<std::string>>();
      } else if (key == "after" && value.is_string()) {
        after = value.get<std::string>();
      } else if (key == "limit" && value.is_number_unsigned()) {
        limit = value.get<std::uint64_t>();
      } else {
        throw Error(FT_E_INPUT, "the query's " + key + " is not understood", std::string(collection),
                    "a query is {\"ids\": [...]}, {\"after\": id, \"limit\": n} or {}");
      }
    }
  }
};

namespace detail {

template <class Plugin>
  requires std::derived_from<Plugin, Storage>
struct Table<Plugin> {
  static ft_status list(void* self, ft_call id) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) { call.result(plugin.list(call)); });
  }
  static ft_status append(void* self, ft_call id, ft_str collection, const ft_batch* batch) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      call.result(plugin.append(call, view(collection), Rows(batch)));
    });
  }
  static ft_status put(void* self, ft_call id, ft_str collection, const ft_batch* batch) {
    return enter<Plugin>(self, id,
                         [&](Plugin& plugin, const Call& call) { plugin.put(call, view(collection), Rows(batch)); });
  }
  static ft_status read(void* self, ft_call id, ft_str collection, ft_str query) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      plugin.read(call, view(collection), query.size ? Json::parse(view(query)) : Json::object());
    });
  }
  static ft_status remove(void* self, ft_call id, ft_str collection, const ft_batch* ids) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      call.result(plugin.remove(call, view(collection), Rows(ids)));
    });
  }
  static constexpr ft_storage table = {sizeof(ft_storage), &Table::list, &Table::append,
                                       &Table::put,        &Table::read, &Table::remove};
};

}  // namespace detail
}  // namespace ft
