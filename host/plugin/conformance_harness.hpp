// What the conformance suite runs plugin calls with: a host that keeps everything a plugin says and checks its form,
// threads to call from, and a watch on calls that do not come back. Used by one thread; plugins run on others.
#pragma once

#include <ft_plugin.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "io/workers.hpp"
#include "plugin/call.hpp"
#include "plugin/conformance.hpp"

namespace fthost::plugin::conformance {

using Json = nlohmann::ordered_json;

// A check that has failed, with the sentence for the report.
struct Failed {
  std::string message;
};
// A call that did not come back; nothing of the plugin may be used or destroyed from here on.
struct Stuck {
  std::string message;
};
[[noreturn]] inline void fail(std::string message) { throw Failed{std::move(message)}; }
inline void expect(bool holds, const std::string& message) {
  if (!holds) fail(message);
}

struct Output {
  std::uint32_t channel;
  std::uint64_t row;
  std::string bytes;
  Json json() const { return Json::parse(bytes); }
};

// Everything that one call did.
struct Seen {
  ft_status status = FT_OK;
  std::vector<Output> output;
  std::vector<std::pair<std::string, std::string>> files;  // name, bytes; in order of first use
  std::string said;                                        // the message given to ft_host.fail
  std::vector<std::string> problems;                       // broken rules of the boundary
  std::size_t after_cancel = 0;                            // outputs after one was answered FT_E_CANCELLED

  std::vector<Output> on(std::uint32_t channel) const;
  std::string bytes() const;  // FT_DELTA, joined
  // Fails unless the call kept the boundary's rules and returned FT_OK (or one of `also`).
  const Seen& ok(const std::string& what) const;
  // Fails unless it kept the rules and returned `status` with a sentence that says why.
  const Seen& refused(ft_status status, const std::string& what) const;
  const Seen& clean(const std::string& what) const;
};

std::string status_name(ft_status status);

class Harness {
 public:
  Harness(const ConformanceOptions& options, std::string folder);
  ~Harness();

  using Body = std::function<ft_status(ft_call)>;
  struct Plan {
    bool cancelled = false;     // before it begins
    std::size_t cancel_at = 0;  // at the n-th output, from 1; 0: never
  };
  // Runs `body` on a worker thread. What it refers to must be owned by it (shared_ptr): a stuck call outlives this one.
  Seen run(Body body, Plan plan);
  Seen run(Body body) { return run(std::move(body), Plan{}); }
  // The same for several bodies at once, each on a thread of its own.
  std::vector<Seen> run_all(std::vector<Body> bodies);

  const ft_host* host() const { return &host_; }
  // For sources: whether the call has been cancelled.
  bool cancelled(ft_call call) const { return is_cancelled(*this, call); }
  bool stuck() const { return stuck_; }
  const std::string& folder() const { return folder_; }
  std::string fresh_path(const std::string& stem);  // in the folder; not there yet

 private:
  struct Running;
  struct Offered;  // the services
  friend struct HostTable;
  static bool is_cancelled(const Harness& harness, ft_call call);
  std::shared_ptr<Running> start(Body body, Plan plan);
  Seen finish(const std::shared_ptr<Running>& running);

  ConformanceOptions options_;
  std::string folder_;
  std::unique_ptr<Offered> offered_;
  ft_host host_{};
  CallTable calls_;
  std::atomic<std::size_t> stale_{0};  // host functions called for a call that had returned
  std::size_t paths_ = 0;
  bool stuck_ = false;  // a call has not come back
  io::Workers workers_{16};
};

// Runs named checks and writes the report.
class Checks {
 public:
  explicit Checks(const ConformanceReport& report) : report_(report) {}
  // `body` returns what was seen, or throws Failed. Stuck leaves this function after it was reported.
  void run(const std::string& name, const std::function<std::string()>& body);
  bool all_good() const { return good_; }
  void verdict(const std::string& name, bool ok, const std::string& message);

 private:
  const ConformanceReport& report_;
  bool good_ = true;
};

}  // namespace fthost::plugin::conformance
