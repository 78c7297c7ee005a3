#include "plugin/loader.hpp"

#include <array>
#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <regex>

#include "plugin/schema.hpp"
#include "text/unicode.hpp"

namespace fthost::plugin {
namespace {

constexpr std::array<const char*, 5> kKinds = {"unknown", "provider", "formatter", "scorer", "storage"};

Error bad_plugin(const std::string& path, const std::string& message, const std::string& hint = {}) {
  return make_error(Code::config, message, path, hint.empty() ? "rebuild the plugin against this fthost" : hint);
}

struct Library {
  boost::dll::shared_library handle;
  const ft_entry* entry;
};

// The only global state of the host: what has been loaded, for the life of the process.
std::mutex& libraries_mutex() {
  static std::mutex mutex;
  return mutex;
}
std::map<std::string, Library>& libraries() {
  static auto* all = new std::map<std::string, Library>;  // never destroyed, so never unloaded
  return *all;
}

bool valid_name(const char* name) {
  static const std::regex pattern("[a-z][a-z0-9-]{0,63}");
  return name && std::regex_match(name, pattern);
}

std::string column_problem(const ft_column& column) {
  if (!column.pointer) return "no JSON pointer";
  try {
    (void)nlohmann::json::json_pointer(column.pointer);
  } catch (const nlohmann::json::exception&) {
    return "no JSON pointer but \"" + text::repair_utf8(column.pointer) + "\"";
  }
  if (column.kind > FT_TEXT) return "the unknown kind " + std::to_string(column.kind);
  return {};
}

// The size that a table says it has, and whether one of `functions` is missing; it may be shorter than Table.
template <class Table, class... Functions>
std::string functions_problem(const void* table, Functions Table::*... functions) {
  std::uint32_t size = 0;
  std::memcpy(&size, table, sizeof size);
  if (size < sizeof(Table)) {
    return "its table of functions says " + std::to_string(size) + " bytes; at least " + std::to_string(sizeof(Table)) +
           " are needed";
  }
  const auto& whole = *static_cast<const Table*>(table);
  return ((whole.*functions != nullptr) && ...) ? "" : "its table of functions lacks one that is not optional";
}

}  // namespace

const char* kind_name(std::uint32_t kind) { return kind < kKinds.size() ? kKinds[kind] : kKinds[0]; }

Result<ft_kind> parse_kind(const std::string& name) {
  for (std::size_t i = 1; i < kKinds.size(); ++i) {
    if (name == kKinds[i]) return static_cast<ft_kind>(i);
  }
  return make_error(Code::config, "\"" + name + "\" is no kind of plugin", {},
                    "the kinds are provider, formatter, scorer and storage");
}

std::string table_problem(std::uint32_t kind, const void* table) {
  switch (kind) {
    case FT_PROVIDER:
      return functions_problem(table, &ft_provider::request);
    case FT_FORMATTER:
      return functions_problem(table, &ft_formatter::detect, &ft_formatter::decode, &ft_formatter::encode);
    case FT_SCORER:
      return functions_problem(table, &ft_scorer::score, &ft_scorer::signature);
    default:
      return functions_problem(table, &ft_storage::list, &ft_storage::append, &ft_storage::put, &ft_storage::read,
                               &ft_storage::remove);
  }
}

Result<void> check_entry(const ft_entry* entry, const std::string& path) {
  if (entry->abi_major != FT_ABI_MAJOR) {
    return bad_plugin(path, "the plugin speaks version " + std::to_string(entry->abi_major) +
                                " of the plugin interface and this fthost speaks version " +
                                std::to_string(FT_ABI_MAJOR));
  }
  if (entry->struct_size < sizeof(ft_entry)) {
    return bad_plugin(path, "its ft_entry has " + std::to_string(entry->struct_size) + " bytes; at least " +
                                std::to_string(sizeof(ft_entry)) + " are needed");
  }
  if (entry->plugin_count == 0 || !entry->describe || !entry->create || !entry->destroy) {
    return bad_plugin(path, "its ft_entry lacks plugins or functions");
  }
  for (std::uint32_t i = 0; i < entry->plugin_count; ++i) {
    const ft_desc* desc = entry->describe(i);
    if (!desc) return bad_plugin(path, "describe(" + std::to_string(i) + ") returned nothing");
    if (desc->struct_size < offsetof(ft_desc, hosts)) {
      return bad_plugin(path, "its ft_desc has " + std::to_string(desc->struct_size) + " bytes; at least " +
                                  std::to_string(offsetof(ft_desc, hosts)) + " are needed");
    }
    if (desc->kind < FT_PROVIDER || desc->kind > FT_STORAGE) {
      return bad_plugin(path, "unknown kind " + std::to_string(desc->kind), "update fthost");
    }
    if (!valid_name(desc->name)) {
      return bad_plugin(path, "its name must be lower case letters, digits and '-', beginning with a letter");
    }
    const std::string owner = std::string(kind_name(desc->kind)) + " \"" + desc->name + "\"";
    if (!desc->version || !desc->summary || !desc->config_schema) {
      return bad_plugin(path, owner + " lacks a version, a summary or a configuration schema");
    }
    for (const char* text : {desc->version, desc->summary, desc->operations ? desc->operations : ""}) {
      if (text::invalid_utf8_offset(text)) return bad_plugin(path, owner + ": its texts must be UTF-8");
    }
    if (desc->column_count > 0 && !desc->columns) return bad_plugin(path, owner + " counts columns and has none");
    for (std::uint32_t c = 0; c < desc->column_count; ++c) {
      if (const auto problem = column_problem(desc->columns[c]); !problem.empty())
        return bad_plugin(path, owner + ": its column " + std::to_string(c) + " has " + problem);
    }
    if (desc->kind == FT_PROVIDER && (!desc->operations || !(desc->flags & FT_CONCURRENT))) {
      return bad_plugin(path, owner + " must list its operations and be FT_CONCURRENT");
    }
    if (desc->kind == FT_SCORER && desc->output_count == 0) {
      return bad_plugin(path, owner + " has no output");
    }
    if (auto schema = parse_schema(desc->config_schema, owner); !schema) {
      Error error = schema.error();
      error.where = path + ": " + error.where;
      return error;
    }
    if (desc->rules && nlohmann::json::parse(desc->rules, nullptr, false).is_discarded()) {
      return bad_plugin(path, owner + ": its table of rules is not JSON");
    }
  }
  return {};
}

Result<const ft_entry*> load_library(const std::string& path) {
  std::lock_guard lock(libraries_mutex());
  if (const auto found = libraries().find(path); found != libraries().end()) return found->second.entry;
  boost::dll::shared_library library;
  try {
    library.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    return bad_plugin(path, std::string("cannot be loaded: ") + error.what(),
                      "see that it is a plugin for this machine and that the libraries it needs are installed");
  }
  if (!library.has("ft_plugin_entry")) {
    return bad_plugin(path, "exports no ft_plugin_entry", "end the plugin's source with FT_PLUGIN(Class)");
  }
  const ft_entry* entry = &library.get<const ft_entry>("ft_plugin_entry");
  const auto check = [&]() -> Result<void> {
    try {
      return check_entry(entry, path);
    } catch (...) {
      return bad_plugin(path, "let an exception out when it was described: " + caught_error().message);
    }
  };
  if (auto checked = check(); !checked) {
    // Stays open: what its constructors have begun cannot be taken back.
    libraries().emplace("(refused) " + path, Library{library, nullptr});
    return checked.error();
  }
  libraries().emplace(path, Library{library, entry});
  return entry;
}

}  // namespace fthost::plugin
