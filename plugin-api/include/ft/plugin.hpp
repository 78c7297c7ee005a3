// The C++20 SDK over ft_plugin.h: what every kind of plugin shares. A plugin is a class that derives from
// ft::Scorer, ft::Formatter, ft::Provider or ft::Storage, has `static constexpr ft::Info info`, a constructor from
// (const ft::Config&) or (const ft::Call&, const ft::Config&), and the methods of its kind; FT_PLUGIN(Class) exports
// it. Exceptions stay inside: one guard turns them into a status and a sentence.
#pragma once

#include <ft_plugin.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <ft/text.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace ft {

using Json = nlohmann::ordered_json;

inline std::string_view view(ft_str text) {
  return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline ft_str str(std::string_view text) { return {text.data() ? text.data() : "", text.size()}; }

// What a plugin throws. `message` says what happened, `where` the config path or file, `hint` what to do.
class Error : public std::runtime_error {
 public:
  Error(ft_status status, const std::string& message, std::string where = {}, std::string hint = {})
      : std::runtime_error(message), status(status), where(std::move(where)), hint(std::move(hint)) {}
  ft_status status;
  std::string where, hint;
  int http_status = 0;     // 0: none
  std::string request_id;  // the vendor's, if any
  std::int64_t retry_after_ms = -1;
};

// The configuration, checked against the schema and with its defaults filled in.
using Config = Json;

// The static description of a plugin.
struct Info {
  const char* name;
  const char* version;
  const char* summary;
  const char* config_schema = R"({"type":"object","properties":{},"additionalProperties":false})";
  std::uint32_t flags = 0;                  // FT_CONCURRENT | FT_DETERMINISTIC | ...
  std::span<const ft_column> columns = {};  // what of a row it wants
  std::uint32_t outputs = 1;                // scorers: values a row
  const char* operations = nullptr;         // providers
  const char* rules = nullptr;              // formatters and providers
  const char* hosts = nullptr;              // providers: where a key may go
};

// One call from the host. Valid until the method returns; any thread.
class Call {
 public:
  Call(const ft_host* host, ft_call id) : host_(host), id_(id) {}

  // Throws Error(FT_E_CANCELLED) once the host has asked to stop.
  void emit(std::uint32_t channel, std::uint64_t row, std::string_view bytes) const {
    checked(host_->emit(host_->ctx, id_, channel, row, str(bytes)));
  }
  void record(std::uint64_t row, std::string_view json) const { emit(FT_RECORD, row, json); }
  void detail(std::uint64_t row, std::string_view text) const { emit(FT_DETAIL, row, text); }
  void delta(std::string_view bytes) const { emit(FT_DELTA, 0, bytes); }
  void result(const Json& value) const { emit(FT_RESULT, 0, value.dump()); }
  // severity: "error" or "warning"; path: JSON path into the row, may be empty.
  void finding(std::uint64_t row, std::string_view code, std::string_view severity, std::string_view path,
               std::string_view message, std::string_view hint = {}) const {
    emit(FT_FINDING, row,
         Json{{"code", code}, {"severity", severity}, {"path", path}, {"message", message}, {"hint", hint}}.dump(
             -1, ' ', false, Json::error_handler_t::replace));
  }
  // An error that is not the row's alone: the file is cut short, or it can no longer be told where its rows begin. A
  // conversion of it writes nothing.
  void damaged(std::uint64_t row, std::string_view code, std::string_view message, std::string_view hint) const {
    emit(FT_FINDING, row,
         Json{{"code", code},
              {"severity", "error"},
              {"path", ""},
              {"message", message},
              {"hint", hint},
              {"damaged", true}}
             .dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  // action: "dropped" or "reshaped".
  void loss(std::uint64_t row, std::string_view path, std::string_view action, std::string_view message) const {
    std::string json = R"({"path":)";
    append_json_string(json, path);
    append_json_string(json += R"(,"action":)", action);
    append_json_string(json += R"(,"message":)", message);
    emit(FT_LOSS, row, json += '}');
  }
  void file(std::string_view name, std::string_view bytes) const {
    checked(host_->emit_file(host_->ctx, id_, str(name), str(bytes)));
  }
  void progress(std::uint64_t done, std::uint64_t total) const { host_->progress(host_->ctx, id_, done, total); }
  void log(std::int32_t level, std::string_view text) const { host_->log(host_->ctx, level, str(text)); }
  bool cancelled() const { return host_->cancelled(host_->ctx, id_) != 0; }
  void stop_if_cancelled() const {
    if (cancelled()) throw Error(FT_E_CANCELLED, "cancelled");
  }
  // A host service of ft_services.h; throws where this host has none.
  template <class Service>
  const Service& service(const char* id) const {
    const void* found = host_->service(host_->ctx, id);
    if (!found) throw Error(FT_E_UNSUPPORTED, std::string("this host has no service ") + id, {}, "update fthost");
    return *static_cast<const Service*>(found);
  }
  // Throws for a failed status; a host service has already said why.
  void checked(ft_status status) const {
    if (status == FT_OK || status == FT_END) return;
    throw Error(status, status == FT_E_CANCELLED ? "cancelled" : "");
  }
  void fail(const Error& error) const {
    Json json{{"message", error.what()}, {"where", error.where}, {"hint", error.hint}};
    if (error.http_status) json["http_status"] = error.http_status;
    if (!error.request_id.empty()) json["request_id"] = error.request_id;
    if (error.retry_after_ms >= 0) json["retry_after_ms"] = error.retry_after_ms;
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    host_->fail(host_->ctx, id_, error.status, str(text));
  }
  const ft_host* host() const { return host_; }
  ft_call id() const { return id_; }

 private:
  const ft_host* host_;
  ft_call id_;
};

// A batch of rows, as columns in the order of Info::columns.
class Rows {
 public:
  explicit Rows(const ft_batch* batch) : batch_(batch) {}
  std::size_t size() const { return batch_ ? batch_->row_count : 0; }
  std::uint64_t line(std::size_t row) const { return batch_->rows[row]; }
  bool has(std::size_t column, std::size_t row) const {
    return column < batch_->column_count && batch_->columns[column][row].data != nullptr;
  }
  // Empty where absent.
  std::string_view get(std::size_t column, std::size_t row) const {
    return column < batch_->column_count ? view(batch_->columns[column][row]) : std::string_view();
  }

 private:
  const ft_batch* batch_;
};

namespace detail {

// The only place where an exception meets the C boundary.
template <class Body>
ft_status guard(const ft_host* host, ft_call id, Body&& body) noexcept {
  const Call call(host, id);
  try {
    body(call);
    return FT_OK;
  } catch (const Error& error) {
    if (*error.what() && error.status != FT_E_CANCELLED) call.fail(error);
    return error.status;
  } catch (const std::bad_alloc&) {
    call.fail(Error(FT_E_INTERNAL, "out of memory"));
  } catch (const Json::exception& error) {
    call.fail(Error(FT_E_INPUT, error.what()));
    return FT_E_INPUT;
  } catch (const std::exception& error) {
    call.fail(Error(FT_E_INTERNAL, error.what()));
  } catch (...) {
    call.fail(Error(FT_E_INTERNAL, "an unknown exception was thrown"));
  }
  return FT_E_INTERNAL;
}

template <class Plugin>
struct Box {
  const ft_host* host;
  Plugin plugin;
};

template <class Plugin, class Body>
ft_status enter(void* self, ft_call id, Body&& body) noexcept {
  auto* box = static_cast<Box<Plugin>*>(self);
  return guard(box->host, id, [&](const Call& call) { body(box->plugin, call); });
}

template <class Plugin>
struct Table;  // the C table of a kind; specialised by scorer.hpp, formatter.hpp, provider.hpp, storage.hpp

template <class Plugin>
inline constexpr ft_desc desc = {sizeof(ft_desc),
                                 Plugin::kind,
                                 Plugin::info.flags,
                                 Plugin::kind == FT_SCORER ? Plugin::info.outputs : 0,
                                 Plugin::info.name,
                                 Plugin::info.version,
                                 Plugin::info.summary,
                                 Plugin::info.config_schema,
                                 Plugin::info.columns.data(),
                                 static_cast<std::uint32_t>(Plugin::info.columns.size()),
                                 Plugin::info.operations,
                                 Plugin::info.rules,
                                 Plugin::info.hosts};

template <class... Plugins>
struct Entry {
  static const ft_desc* describe(std::uint32_t index) {
    static constexpr std::array<const ft_desc*, sizeof...(Plugins)> all = {&desc<Plugins>...};
    return index < all.size() ? all[index] : nullptr;
  }
  template <class Plugin>
  static Plugin construct([[maybe_unused]] const Call& call, const Config& config) {
    if constexpr (std::is_constructible_v<Plugin, const Call&, const Config&>) {
      return Plugin(call, config);
    } else {
      return Plugin(config);
    }
  }
  template <class Plugin>
  static ft_status create_one(const ft_host* host, ft_call id, ft_str config, void** self, const void** vtable) {
    return guard(host, id, [&](const Call& call) {
      *self = new Box<Plugin>{host, construct<Plugin>(call, Json::parse(view(config)))};
      *vtable = &Table<Plugin>::table;
    });
  }
  static ft_status create(std::uint32_t index, const ft_host* host, ft_call id, ft_str config, void** self,
                          const void** vtable) {
    using Create = ft_status (*)(const ft_host*, ft_call, ft_str, void**, const void**);
    static constexpr std::array<Create, sizeof...(Plugins)> all = {&create_one<Plugins>...};
    return index < all.size() ? all[index](host, id, config, self, vtable) : FT_E_INPUT;
  }
  static void destroy(std::uint32_t index, void* self) {
    using Destroy = void (*)(void*);
    static constexpr std::array<Destroy, sizeof...(Plugins)> all = {
        +[](void* box) { delete static_cast<Box<Plugins>*>(box); }...};
    if (index < all.size()) all[index](self);
  }
  static constexpr ft_entry entry = {FT_ABI_MAJOR,     sizeof(ft_entry), FT_ABI_MINOR,   sizeof...(Plugins),
                                     &Entry::describe, &Entry::create,   &Entry::destroy};
};

}  // namespace detail
}  // namespace ft

// Exports the plugins of this shared library: the one symbol ft_plugin_entry.
#define FT_PLUGIN(...) extern "C" FT_EXPORT constexpr ft_entry ft_plugin_entry = ft::detail::Entry<__VA_ARGS__>::entry;
