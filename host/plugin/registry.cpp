#include "plugin/registry.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "plugin/loader.hpp"
#include "plugin/schema.hpp"
#include "plugin/services.hpp"
#include "text/distance.hpp"

namespace fthost::plugin {
namespace fs = std::filesystem;

namespace {

// Runs at the end of its scope, however that is left.
template <class Run>
struct AtEnd {
  Run run;
  ~AtEnd() { run(); }
};

}  // namespace

Instance::Instance(Services& services, const ft_entry* entry, std::uint32_t index, Json config)
    : services_(services), entry_(entry), index_(index), desc_(entry->describe(index)), config_(std::move(config)) {}

Instance::~Instance() {
  // A call that is stuck is still inside: its instance is left as it is.
  if (self_ && inside_ == 0) entry_->destroy(index_, self_);
}

std::string Instance::owner() const { return std::string(kind_name(desc_->kind)) + " \"" + desc_->name + "\""; }

void Instance::mark_stuck() {
  {
    std::lock_guard lock(mutex_);
    if (inside_ == 0) return;  // what has not ended is not in the plugin
    stuck_ = true;
  }
  free_.notify_all();
}

Result<void> Instance::enter(const io::CancelToken& cancel) {
  const auto woken = cancel.on_cancel([this] {
    std::lock_guard lock(mutex_);
    free_.notify_all();
  });
  const bool alone = (desc_->flags & FT_CONCURRENT) == 0;
  std::unique_lock lock(mutex_);
  free_.wait(lock, [&] { return !alone || inside_ == 0 || stuck_ || cancel.cancelled(); });
  if (stuck_) {
    return make_error(Code::internal, "did not return from a cancelled call and takes no more", owner(),
                      "start the program again");
  }
  if (cancel.cancelled()) return make_error(Code::cancelled, "cancelled");
  ++inside_;
  return {};
}

Result<ft_status> Instance::call(const std::shared_ptr<CallContext>& context,
                                 const std::function<ft_status(ft_call)>& body) {
  if (auto entered = enter(context->cancel); !entered) return entered.error();
  const AtEnd leave{[&] {
    std::lock_guard lock(mutex_);
    --inside_;
    free_.notify_all();  // all: one that has just been cancelled would swallow the one wake-up
  }};
  context->desc = desc_;
  ft_status status = FT_OK;
  {
    const ft_call call = services_.calls().open(context);
    const AtEnd close{[&] { services_.calls().close(call); }};
    try {
      status = body(call);
    } catch (...) {
      const Error thrown = caught_error();
      return make_error(Code::internal, "let an exception out: " + thrown.sentence(), owner(),
                        "this is a defect of the plugin");
    }
  }
  if (auto broken = context->take_break()) return *broken;
  if (status != FT_OK) return status_error(status, *context, owner());
  return status;
}

Registry::Registry(Services& services, std::vector<std::string> folders)
    : services_(services), folders_(std::move(folders)) {}

void Registry::add_builtin(const ft_entry* entry) {
  check_entry(entry, "(built in)").value();
  builtins_.push_back(entry);
}

std::vector<std::string> Registry::names(ft_kind kind) const {
  std::vector<std::string> found;
  for (const ft_entry* entry : builtins_) {
    for (std::uint32_t i = 0; i < entry->plugin_count; ++i) {
      if (entry->describe(i)->kind == kind) found.emplace_back(entry->describe(i)->name);
    }
  }
  for (const auto& folder : folders_) {
    std::error_code ec;
    for (const auto& item : fs::directory_iterator(fs::path(folder) / kind_name(kind), ec)) {
      if (item.path().extension() == ".so") found.push_back(item.path().stem().string());
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

namespace {

// "a", "b" or "c" of the names that begin so; empty: none does.
std::string names_like(const std::vector<std::string>& names, const std::string& beginning) {
  std::vector<std::string> like;
  for (const std::string& name : names) {
    if (name.starts_with(beginning)) like.push_back("\"" + name + "\"");
  }
  std::string text;
  for (std::size_t i = 0; i < like.size(); ++i) text += (i == 0 ? "" : i + 1 == like.size() ? " or " : ", ") + like[i];
  return text;
}

}  // namespace

Result<Registry::Found> Registry::find(ft_kind kind, const std::string& name) {
  for (const ft_entry* entry : builtins_) {
    for (std::uint32_t i = 0; i < entry->plugin_count; ++i) {
      const ft_desc* desc = entry->describe(i);
      if (desc->kind == kind && name == desc->name) return Found{entry, i, desc, "(built in)"};
    }
  }
  const std::string owner = std::string(kind_name(kind)) + " \"" + name + "\"";
  const bool plain =
      !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  for (const auto& folder : folders_) {
    if (!plain) break;  // a name is never a path
    const fs::path path = fs::path(folder) / kind_name(kind) / (name + ".so");
    std::error_code ec;
    if (!fs::exists(path, ec)) continue;
    auto entry = load_library(path.string());
    if (!entry) return entry.error();
    for (std::uint32_t i = 0; i < (*entry)->plugin_count; ++i) {
      const ft_desc* desc = (*entry)->describe(i);
      if (desc->kind == kind && name == desc->name) return Found{*entry, i, desc, path.string()};
    }
    return make_error(Code::config, "holds no " + owner, path.string(), "the file's name must be the plugin's");
  }
  std::string hint;
  const auto known = names(kind);
  if (const auto near = text::nearest(name, known)) {
    hint = "did you mean \"" + known[*near] + "\"?";
  } else if (const std::string family = names_like(known, name + "-"); !family.empty()) {
    hint = "did you mean " + family + "?";
  } else {
    hint = "see fthost plugin list; searched";
    for (const auto& folder : folders_) hint += " " + folder;
  }
  return make_error(Code::config, "there is no " + owner, {}, hint);
}

Result<std::shared_ptr<Instance>> Registry::create(ft_kind kind, const std::string& name, const Json& config,
                                                   const std::shared_ptr<CallContext>& given) {
  auto found = find(kind, name);
  if (!found) return found.error();
  const std::string owner = std::string(kind_name(kind)) + " \"" + name + "\"";
  auto schema = parse_schema(found->desc->config_schema, owner);
  if (!schema) return schema.error();
  auto checked = apply_schema(*schema, config, owner);
  if (!checked) return checked.error();

  auto resolved = resolve_paths(*schema, *checked, [&](const std::string& path) -> Result<std::string> {
    auto allowed = services_.options().gate.path(path, Access::write);
    if (!allowed) return allowed.error();
    return allowed->string();
  });
  if (!resolved) return resolved.error();

  std::shared_ptr<Instance> instance(new Instance(services_, found->entry, found->index, *checked));
  const auto context = given ? given : std::make_shared<CallContext>();
  const std::string text = checked->dump();
  auto created = instance->call(context, [&](ft_call call) {
    return found->entry->create(found->index, services_.host(), call, {text.data(), text.size()}, &instance->self_,
                                &instance->table_);
  });
  if (!created) {
    instance->self_ = nullptr;
    return created.error();
  }
  if (!instance->self_ || !instance->table_) {
    return make_error(Code::internal, "create returned no instance", owner, "this is a defect of the plugin");
  }
  if (const auto problem = table_problem(kind, instance->table_); !problem.empty())
    return make_error(Code::internal, problem, owner, "rebuild the plugin against this fthost");
  return instance;
}

std::vector<Listing> Registry::list() {
  std::vector<Listing> all;
  const auto add = [&](Listing item) {
    item.shadowed = std::any_of(all.begin(), all.end(), [&](const Listing& other) {
      return other.kind == item.kind && other.name == item.name;
    });
    all.push_back(std::move(item));
  };
  for (const ft_entry* entry : builtins_) {
    for (std::uint32_t i = 0; i < entry->plugin_count; ++i) {
      const ft_desc* desc = entry->describe(i);
      add({kind_name(desc->kind), desc->name, "(built in)", desc, {}, false});
    }
  }
  for (const auto& folder : folders_) {
    for (std::uint32_t kind = FT_PROVIDER; kind <= FT_STORAGE; ++kind) {
      std::error_code ec;
      std::vector<fs::path> files;
      for (const auto& item : fs::directory_iterator(fs::path(folder) / kind_name(kind), ec)) {
        if (item.path().extension() == ".so") files.push_back(item.path());
      }
      std::sort(files.begin(), files.end());
      for (const auto& path : files) {
        Listing item{kind_name(kind), path.stem().string(), path.string(), nullptr, {}, false};
        auto entry = load_library(path.string());
        if (!entry) {
          item.problem = entry.error().sentence();
        } else {
          for (std::uint32_t i = 0; i < (*entry)->plugin_count; ++i) {
            const ft_desc* desc = (*entry)->describe(i);
            if (desc->kind == kind && item.name == desc->name) item.desc = desc;
          }
          if (!item.desc) item.problem = path.string() + ": holds no " + item.kind + " of the file's name";
        }
        add(std::move(item));
      }
    }
  }
  return all;
}

// Of a formatter also its rules[], where it has some.
Json describe(const ft_desc& desc) {
  Json flags = Json::array(), columns = Json::array(), operations = Json::array();
  if (desc.flags & FT_CONCURRENT) flags.push_back("concurrent");
  if (desc.flags & FT_DETERMINISTIC) flags.push_back("deterministic");
  if (desc.flags & FT_NETWORK) flags.push_back("network");
  if (desc.flags & FT_JSON_ROWS) flags.push_back("json_rows");
  for (std::uint32_t i = 0; i < desc.column_count; ++i) columns.push_back(desc.columns[i].pointer);
  std::istringstream words(desc.operations ? desc.operations : "");
  for (std::string word; words >> word;) operations.push_back(word);
  Json json{{"kind", kind_name(desc.kind)},
            {"name", desc.name},
            {"version", desc.version},
            {"summary", desc.summary},
            {"flags", flags},
            {"columns", columns},
            {"operations", operations},
            {"config_schema", Json::parse(desc.config_schema)}};
  if (desc.rules) json["rules"] = Json::parse(desc.rules);
  return json;
}

}  // namespace fthost::plugin
