// ft::Storage: collections of JSON records, in append order. The contract of each is in ft_plugin.h. Methods:
//   ft::Json list(const ft::Call&);
//   ft::Json append(const ft::Call&, std::string_view collection, const ft::Rows&);      // columns: id, record
//   void put(const ft::Call&, std::string_view collection, const ft::Rows&);             // columns: id, record,
//   revision void read(const ft::Call&, std::string_view collection, const ft::Json& query);      //
//   call.record(ordinal, item(…)) ft::Json remove(const ft::Call&, std::string_view collection, const ft::Rows&); //
//   column: id
#pragma once

#include <ft/plugin.hpp>

namespace ft {

struct Storage {
  static constexpr std::uint32_t kind = FT_STORAGE;
};

// {"id", "revision", "record"} as `read` emits it; `record` is JSON and is passed on as it stands.
inline std::string stored_item(std::string_view id, std::string_view revision, std::string_view record) {
  std::string text = "{\"id\":" + Json(id).dump() + ",\"revision\":" + Json(revision).dump() + ",\"record\":";
  return text.append(record).append("}");
}

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
