// ft.process/1 over io::Process. Children get the host's environment less what looks like a key.
#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "io/process.hpp"
#include "plugin/services_tables.hpp"

extern char** environ;

namespace fthost::plugin {

struct Services::Tables::ProcessState {
  struct Child {
    std::unique_ptr<io::Process> process;  // null: detached
    std::string line, tail;                // lent out until the next function on the handle
  };
  std::mutex mutex;
  std::map<std::uint64_t, std::shared_ptr<Child>> children;
  std::uint64_t next = 1;

  std::shared_ptr<Child> find(std::uint64_t handle) {
    const std::lock_guard lock(mutex);
    const auto found = children.find(handle);
    return found == children.end() ? nullptr : found->second;
  }
  std::uint64_t add(std::shared_ptr<Child> child) {
    const std::lock_guard lock(mutex);
    children.emplace(next, std::move(child));
    return next++;
  }
};

namespace {

using Tables = Services::Tables;

// Whether a word of a variable's name says that its value is a key: API_KEY, PGPASSWORD, github_pat; not PATH, PATTERN.
bool names_a_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kEndings = {"KEY",      "TOKEN",  "SECRET",
                                                               "PASSWORD", "PASSWD", "CREDENTIAL"};
  std::string word;
  const auto is_secret = [&] {
    if (word == "PAT") return true;
    if (word.ends_with('S')) word.pop_back();
    return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return word.ends_with(ending); });
  };
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') {
      word += static_cast<char>(c - 'a' + 'A');
    } else if (c >= 'A' && c <= 'Z') {
      word += c;
    } else {
      if (is_secret()) return true;
      word.clear();
    }
  }
  return is_secret();
}

// Names of environment variables that a child does not get.
std::vector<std::string> secret_names(const Services& services) {
  std::vector<std::string> names;
  for (char** item = environ; *item; ++item) {
    const std::string_view entry(*item);
    const std::string_view name = entry.substr(0, entry.find('='));
    if (names_a_secret(name)) names.emplace_back(name);
  }
  for (const auto& [name, value] : services.options().secrets) names.push_back(name);
  return names;
}

ft_status process_start(void* ctx, ft_call call, const ft_process_options* raw, uint64_t* handle, int64_t* pid) {
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  if (!context) return FT_E_CANCELLED;
  io::ProcessOptions options;
  for (std::size_t i = 0; i < raw->argv_count; ++i) options.argv.emplace_back(view(raw->argv[i]));
  for (std::size_t i = 0; i < raw->env_count; ++i) options.env.emplace_back(view(raw->env[i]));
  options.directory = std::string(view(raw->directory));
  options.output_file = std::string(view(raw->output_file));
  options.env_removed = secret_names(services);
  if (options.argv.empty()) return refuse(context.get(), make_error(Code::input, "no program was named"));
  // The helper programs that come with fthost are its own; everything else is the gate's to allow.
  const std::string& program = options.argv[0];
  const std::string& helpers = services.options().paths.helpers;
  const bool own = program.starts_with(helpers + "/") && program.find("..") == std::string::npos;
  if (!own) {
    if (auto allowed = services.options().gate.process(program); !allowed)
      return refuse(context.get(), allowed.error());
  }
  auto child = std::make_shared<Tables::ProcessState::Child>();
  if (raw->detached) {
    auto started = io::start_detached(options);
    if (!started) return refuse(context.get(), started.error());
    *pid = *started;
  } else {
    auto started = io::Process::start(options);
    if (!started) return refuse(context.get(), started.error());
    child->process = std::move(*started);
    *pid = child->process->pid();
  }
  *handle = Tables::tables(services).process_state->add(std::move(child));
  return FT_OK;
}

// Runs `body` on a child with pipes.
template <class Body>
ft_status with_child(void* ctx, ft_call call, std::uint64_t handle, Body&& body) {
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  if (!context) return FT_E_CANCELLED;
  const auto child = Tables::tables(services).process_state->find(handle);
  if (!child || !child->process) {
    return refuse(context.get(), make_error(Code::internal, child ? "a detached process has no pipes"
                                                                  : "the process is closed already"));
  }
  const Result<ft_status> status = body(*child, context->cancel);
  return status ? *status : refuse(context.get(), status.error());
}

ft_status process_write(void* ctx, ft_call call, uint64_t handle, ft_str bytes) {
  return with_child(ctx, call, handle, [&](auto& child, const io::CancelToken& cancel) -> Result<ft_status> {
    auto written = child.process->write(view(bytes), cancel);
    if (!written) return written.error();
    return FT_OK;
  });
}

ft_status process_read_line(void* ctx, ft_call call, uint64_t handle, ft_str* line) {
  return with_child(ctx, call, handle, [&](auto& child, const io::CancelToken& cancel) -> Result<ft_status> {
    auto more = child.process->read_line(child.line, cancel);
    if (!more) return more.error();
    *line = str(child.line);
    return *more ? FT_OK : FT_END;
  });
}

ft_status process_wait(void* ctx, ft_call call, uint64_t handle, int32_t* exit_code, ft_str* error_tail) {
  return with_child(ctx, call, handle, [&](auto& child, const io::CancelToken& cancel) -> Result<ft_status> {
    auto code = child.process->wait(cancel);
    if (!code) return code.error();
    *exit_code = *code;
    child.tail = child.process->error_tail();
    *error_tail = str(child.tail);
    return FT_OK;
  });
}

void process_close_input(void* ctx, uint64_t handle) {
  const auto child = Tables::tables(Tables::of(ctx)).process_state->find(handle);
  if (child && child->process) child->process->close_input();
}

void process_close(void* ctx, uint64_t handle) {
  auto& state = *Tables::tables(Tables::of(ctx)).process_state;
  std::shared_ptr<Tables::ProcessState::Child> closed;
  std::unique_lock lock(state.mutex);
  if (const auto found = state.children.find(handle); found != state.children.end()) {
    closed = std::move(found->second);
    state.children.erase(found);
  }
  lock.unlock();  // the end of `closed` waits for the child
}

}  // namespace

void Services::Tables::make_process(Services& services) {
  process_state = std::make_shared<ProcessState>();
  process = {sizeof(ft_process),
             &services,
             guarded<&process_start>,
             guarded<&process_write>,
             guarded<&process_read_line>,
             guarded<&process_wait>,
             guarded<&process_close_input>,
             guarded<&process_close>};
}

}  // namespace fthost::plugin
