#include "plugin/conformance_harness.hpp"

#include <ft_services.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "plugin/loader.hpp"
#include "text/unicode.hpp"

namespace fthost::plugin::conformance {
namespace {

constexpr std::size_t kMaxProblems = 3;  // of one call; more say nothing new

std::string text_of(ft_str text) { return text.data ? std::string(text.data, text.size) : std::string(); }

// What is wrong with the form of an output, or nothing.
std::string form_problem(std::uint32_t channel, std::string_view bytes) {
  static constexpr const char* kChannels[] = {"FT_RECORD", "FT_FINDING", "FT_LOSS",
                                              "FT_DETAIL", "FT_DELTA",   "FT_RESULT"};
  if (channel > FT_RESULT) return "emitted on channel " + std::to_string(channel) + ", which is none";
  const std::string name = std::string("an ") + kChannels[channel];
  if (channel == FT_DELTA) return {};
  if (text::invalid_utf8_offset(bytes)) return name + " is not UTF-8";
  if (channel == FT_DETAIL) return bytes.empty() ? name + " is empty" : "";
  const Json json = Json::parse(bytes, nullptr, false);
  if (json.is_discarded()) return name + " is not JSON: " + std::string(bytes.substr(0, 80));
  if (channel == FT_RESULT) return {};
  if (!json.is_object()) return name + " is not a JSON object";
  const auto is_text = [&](const char* key, bool may_be_empty) {
    return json.contains(key) && json[key].is_string() &&
           (may_be_empty || !json[key].get_ref<const std::string&>().empty());
  };
  if (channel == FT_RECORD && bytes.find_first_of("\r\n") != std::string_view::npos)
    return name + " holds a line break";
  if (channel == FT_FINDING) {
    if (!is_text("code", false) || !is_text("message", false) || !is_text("path", true))
      return name + " lacks a code, a message or a path";
    if (!is_text("severity", false) ||
        (json["severity"] != "error" && json["severity"] != "warning" && json["severity"] != "info")) {
      return name + " has a severity other than \"error\", \"warning\" and \"info\"";
    }
  }
  if (channel == FT_LOSS) {
    if (!is_text("path", true) || !is_text("action", false)) return name + " lacks a path or an action";
    if (json["action"] != "dropped" && json["action"] != "reshaped")
      return name + " has an action that is neither \"dropped\" nor \"reshaped\"";
  }
  return {};
}

}  // namespace

struct Harness::Running {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  Plan plan;
  std::size_t emitted = 0;
  bool refused = false;  // an output was answered FT_E_CANCELLED
  Seen seen;
  std::shared_ptr<CallContext> context = std::make_shared<CallContext>();

  void problem(const std::string& text) {
    if (!text.empty() && seen.problems.size() < kMaxProblems) seen.problems.push_back(text);
  }
  // Counts an output; true: it is answered FT_E_CANCELLED.
  bool cancel_here() {
    if (plan.cancel_at && ++emitted == plan.cancel_at) context->cancel.cancel();
    if (!context->cancel.cancelled()) return false;
    if (refused) ++seen.after_cancel;
    refused = true;
    return true;
  }
};

// The ft_host table and services that answer without leaving the machine.
struct HostTable {
  static Harness& of(void* ctx) { return *static_cast<Harness*>(ctx); }
  static std::shared_ptr<CallContext> find(void* ctx, ft_call call) {
    auto context = of(ctx).calls_.find(call);
    if (!context) ++of(ctx).stale_;
    return context;
  }
  static void log(void*, std::int32_t, ft_str) {}
  static ft_status emit(void* ctx, ft_call call, std::uint32_t channel, std::uint64_t row, ft_str bytes) {
    ft_status status = FT_E_CANCELLED;
    if (const auto context = find(ctx, call))
      context->while_open(call, [&] { status = context->emit(channel, row, view(bytes)); });
    return status;
  }
  static ft_status emit_file(void* ctx, ft_call call, ft_str name, ft_str bytes) {
    ft_status status = FT_E_CANCELLED;
    if (const auto context = find(ctx, call))
      context->while_open(call, [&] { status = context->emit_file(view(name), view(bytes)); });
    return status;
  }
  static void fail(void* ctx, ft_call call, ft_status status, ft_str error_json) {
    const auto context = find(ctx, call);
    if (!context) return;
    const Json json = Json::parse(text_of(error_json), nullptr, false);
    const Json message = json.is_object() ? json.value("message", Json()) : Json();
    Error error = make_error(Code::internal, message.is_string() ? message.get<std::string>() : "");
    // `hint` carries what is wrong with the report itself; `start` makes it a problem.
    if (status >= 0) error.hint = "called ft_host.fail with a status that is no failure";
    if (!json.is_object()) error.hint = "gave ft_host.fail something that is no JSON object";
    context->set_error(std::move(error));
  }
  static void progress(void* ctx, ft_call call, std::uint64_t, std::uint64_t) { find(ctx, call); }
  static std::int32_t cancelled(void* ctx, ft_call call) {
    const auto context = find(ctx, call);
    return !context || context->cancel.cancelled();
  }

  static ft_status refuse(void* ctx, ft_call call, ft_status status, const char* message) {
    if (const auto context = find(ctx, call)) context->set_error(make_error(Code::io, message));
    return status;
  }
  static ft_status http_open(void* ctx, ft_call call, const ft_http_request*, ft_http_response*) {
    return refuse(ctx, call, FT_E_IO, "the conformance suite has no network");
  }
  static ft_status http_read(void*, ft_call, std::uint64_t, ft_str*) { return FT_E_INPUT; }
  static ft_status http_read_event(void*, ft_call, std::uint64_t, ft_str*, ft_str*) { return FT_E_INPUT; }
  static ft_status process_start(void* ctx, ft_call call, const ft_process_options*, std::uint64_t*, std::int64_t*) {
    return refuse(ctx, call, FT_E_IO, "the conformance suite starts no processes");
  }
  static ft_status process_write(void*, ft_call, std::uint64_t, ft_str) { return FT_E_INPUT; }
  static ft_status process_line(void*, ft_call, std::uint64_t, ft_str*) { return FT_E_INPUT; }
  static ft_status process_wait(void*, ft_call, std::uint64_t, std::int32_t*, ft_str*) { return FT_E_INPUT; }
  static void close(void*, std::uint64_t) {}
  static ft_status secret_require(void* ctx, ft_call call, ft_str) {
    return refuse(ctx, call, FT_E_AUTH, "no key is set in the conformance suite");
  }
  static ft_status path_resolve(void*, ft_call, ft_str path, ft_str* absolute) {
    *absolute = path;
    return FT_OK;
  }

  static const void* service(void* ctx, const char* id);
};

struct Harness::Offered {
  explicit Offered(Harness* ctx)
      : http{sizeof http,      ctx, &HostTable::http_open, &HostTable::http_read, &HostTable::http_read_event,
             &HostTable::close},
        process{sizeof process,
                ctx,
                &HostTable::process_start,
                &HostTable::process_write,
                &HostTable::process_line,
                &HostTable::process_wait,
                &HostTable::close,
                &HostTable::close},
        secret{sizeof secret, ctx, &HostTable::secret_require},
        path{sizeof path,
             ctx,
             str(ctx->folder()),
             str(ctx->folder()),
             str(ctx->folder()),
             str(ctx->folder()),
             &HostTable::path_resolve} {}
  ft_http http;
  ft_process process;
  ft_secret secret;
  ft_path path;
};

const void* HostTable::service(void* ctx, const char* id) {
  const Harness::Offered& offered = *of(ctx).offered_;
  const std::string wanted = id ? id : "";
  if (wanted == "ft.http/1") return &offered.http;
  if (wanted == "ft.process/1") return &offered.process;
  if (wanted == "ft.secret/1") return &offered.secret;
  if (wanted == "ft.path/1") return &offered.path;
  return nullptr;
}

std::vector<Output> Seen::on(std::uint32_t channel) const {
  std::vector<Output> found;
  std::copy_if(output.begin(), output.end(), std::back_inserter(found),
               [&](const Output& item) { return item.channel == channel; });
  return found;
}

std::string Seen::bytes() const {
  std::string all;
  for (const auto& item : output) {
    if (item.channel == FT_DELTA) all += item.bytes;
  }
  return all;
}

const Seen& Seen::clean(const std::string& what) const {
  if (!problems.empty()) fail(what + ": " + problems.front());
  return *this;
}

const Seen& Seen::ok(const std::string& what) const {
  clean(what);
  if (status != FT_OK)
    fail(what + ": returned " + status_name(status) + (said.empty() ? "" : " (" + said + ")") + " and not FT_OK");
  return *this;
}

const Seen& Seen::refused(ft_status wanted, const std::string& what) const {
  clean(what);
  if (status != wanted)
    fail(what + ": returned " + status_name(status) + (said.empty() ? "" : " (" + said + ")") + " and not " +
         status_name(wanted));
  if (wanted != FT_E_CANCELLED && said.empty())
    fail(what + ": returned " + status_name(status) + " without a sentence through ft_host.fail");
  return *this;
}

std::string status_name(ft_status status) {
  switch (status) {
    case FT_OK:
      return "FT_OK";
    case FT_END:
      return "FT_END";
    case FT_E_CONFIG:
      return "FT_E_CONFIG";
    case FT_E_INPUT:
      return "FT_E_INPUT";
    case FT_E_UNSUPPORTED:
      return "FT_E_UNSUPPORTED";
    case FT_E_IO:
      return "FT_E_IO";
    case FT_E_RETRY:
      return "FT_E_RETRY";
    case FT_E_CANCELLED:
      return "FT_E_CANCELLED";
    case FT_E_AUTH:
      return "FT_E_AUTH";
    case FT_E_CONFLICT:
      return "FT_E_CONFLICT";
    case FT_E_INTERNAL:
      return "FT_E_INTERNAL";
  }
  return "the unknown status " + std::to_string(static_cast<int>(status));
}

Harness::Harness(const ConformanceOptions& options, std::string folder)
    : options_(options), folder_(std::move(folder)), offered_(std::make_unique<Offered>(this)) {
  host_ = {sizeof host_,       FT_ABI_MINOR,         this,
           &HostTable::log,    &HostTable::emit,     &HostTable::emit_file,
           &HostTable::fail,   &HostTable::progress, &HostTable::cancelled,
           &HostTable::service};
}

bool Harness::is_cancelled(const Harness& harness, ft_call call) {
  const auto context = harness.calls_.find(call);
  return !context || context->cancel.cancelled();
}

std::string Harness::fresh_path(const std::string& stem) {
  return folder_ + "/" + std::to_string(++paths_) + "-" + stem;
}

std::shared_ptr<Harness::Running> Harness::start(Body body, Plan plan) {
  auto running = std::make_shared<Running>();
  running->plan = plan;
  if (plan.cancelled) running->context->cancel.cancel();
  Running* raw = running.get();  // the context is owned by it, so no cycle of owners
  running->context->emit = [raw](std::uint32_t channel, std::uint64_t row, std::string_view bytes) {
    std::lock_guard lock(raw->mutex);
    raw->problem(form_problem(channel, bytes));
    if (raw->cancel_here()) return FT_E_CANCELLED;
    raw->seen.output.push_back({channel, row, std::string(bytes)});
    return FT_OK;
  };
  running->context->emit_file = [raw](std::string_view name, std::string_view bytes) {
    std::lock_guard lock(raw->mutex);
    if (name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos) {
      raw->problem("a side file's name \"" + std::string(name) + "\" does not lie in the export's folder");
    }
    if (raw->cancel_here()) return FT_E_CANCELLED;
    auto& files = raw->seen.files;
    auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.first == name; });
    if (found == files.end()) found = files.emplace(files.end(), std::string(name), std::string());
    found->second += bytes;
    return FT_OK;
  };
  workers_.submit([this, running, body = std::move(body)] {
    const ft_call call = calls_.open(running->context);
    const std::size_t stale = stale_;
    ft_status status = FT_E_INTERNAL;
    std::string thrown;
    try {
      status = body(call);
    } catch (const std::exception& error) {
      thrown = std::string("threw an exception across the C boundary: ") + error.what();
    } catch (...) {
      thrown = "threw an exception across the C boundary";
    }
    calls_.close(call);
    std::lock_guard lock(running->mutex);
    running->problem(thrown);
    if (stale_ != stale) running->problem("used a call of the host that had returned");
    if (status > FT_END || status < FT_E_INTERNAL) running->problem("returned " + status_name(status));
    if (running->seen.after_cancel > 0) running->problem("went on emitting after FT_E_CANCELLED");
    if (const auto said = running->context->take_error()) {
      running->seen.said = said->message;
      running->problem(said->hint);
    }
    running->seen.status = status;
    running->done = true;
    running->changed.notify_all();
  });
  return running;
}

Seen Harness::finish(const std::shared_ptr<Running>& running) {
  std::unique_lock lock(running->mutex);
  const auto done = [&] { return running->done; };
  const bool cancelled = running->context->cancel.cancelled();
  if (!running->changed.wait_for(lock, cancelled ? options_.patience : options_.limit, done)) {
    const auto seconds = [](Duration time) {
      return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
    };
    std::string message = "did not return within " + seconds(options_.patience) + " of a cancel";
    if (!cancelled) {
      message = "did not return within " + seconds(options_.limit);
      lock.unlock();
      running->context->cancel.cancel();
      lock.lock();
      if (running->changed.wait_for(lock, options_.patience, done)) fail(message + ", only when it was cancelled");
      message += ", nor when it was cancelled";
    }
    stuck_ = true;
    throw Stuck{message};
  }
  return std::move(running->seen);
}

Seen Harness::run(Body body, Plan plan) {
  if (stuck_) throw Stuck{"an earlier call has not returned"};
  return finish(start(std::move(body), plan));
}

std::vector<Seen> Harness::run_all(std::vector<Body> bodies) {
  if (stuck_) throw Stuck{"an earlier call has not returned"};
  std::vector<std::shared_ptr<Running>> running;
  for (auto& body : bodies) running.push_back(start(std::move(body), {}));
  std::vector<Seen> all;
  for (const auto& one : running) all.push_back(finish(one));
  return all;
}

Harness::~Harness() = default;

void Checks::verdict(const std::string& name, bool ok, const std::string& message) {
  good_ = good_ && ok;
  report_(Json{{"check", name}, {"ok", ok}, {"message", message}}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Checks::run(const std::string& name, const std::function<std::string()>& body) {
  report_(Json{{"check", name}, {"ok", nullptr}, {"message", "begun"}}.dump());
  try {
    verdict(name, true, body());
  } catch (const Failed& failed) {
    verdict(name, false, failed.message);
  } catch (const Stuck& stuck) {
    verdict(name, false, stuck.message);
    throw;
  } catch (const std::exception& error) {  // JSON of a shape that a check did not expect
    verdict(name, false, std::string("what it said cannot be read: ") + error.what());
  }
}

}  // namespace fthost::plugin::conformance
