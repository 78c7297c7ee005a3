// ft::Process: a child process of the host, for straight-line plugin code. Every method blocks; a cancelled call
// throws. The handle outlives the call that started it; each later method names the call it is made for.
#pragma once

#include <ft_services.h>

#include <ft/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ft {

struct ProcessOptions {
  std::vector<std::string> argv;
  std::vector<std::string> env = {};  // NAME=VALUE, added to the host's
  std::string directory = {};         // empty: the host's
  bool detached = false;              // outlives the host; no pipes
  std::string output_file = {};       // detached: where its output goes
};

class Process {
 public:
  Process(const Call& call, const ProcessOptions& options) : service_(&call.service<ft_process>("ft.process/1")) {
    std::vector<ft_str> argv, env;
    for (const auto& item : options.argv) argv.push_back(str(item));
    for (const auto& item : options.env) env.push_back(str(item));
    ft_process_options raw{};
    raw.struct_size = sizeof raw;
    raw.detached = options.detached;
    raw.argv = argv.data();
    raw.argv_count = argv.size();
    raw.env = env.data();
    raw.env_count = env.size();
    if (!options.directory.empty()) raw.directory = str(options.directory);
    if (!options.output_file.empty()) raw.output_file = str(options.output_file);
    call.checked(service_->start(service_->ctx, call.id(), &raw, &handle_, &pid_));
  }
  Process(Process&& other) noexcept
      : service_(std::exchange(other.service_, nullptr)), handle_(other.handle_), pid_(other.pid_) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (service_) service_->close(service_->ctx, handle_);
  }

  std::int64_t pid() const { return pid_; }
  void write(const Call& call, std::string_view bytes) {
    call.checked(service_->write(service_->ctx, call.id(), handle_, str(bytes)));
  }
  // False at the end of its output. `line` lives until the next method.
  bool read_line(const Call& call, std::string_view& line) {
    ft_str got{};
    const ft_status status = service_->read_line(service_->ctx, call.id(), handle_, &got);
    call.checked(status);
    line = view(got);
    return status == FT_OK;
  }
  // 0 to 255, or 256 + signal; error_tail: the end of its standard error.
  int wait(const Call& call, std::string& error_tail) {
    std::int32_t code = 0;
    ft_str tail{};
    call.checked(service_->wait(service_->ctx, call.id(), handle_, &code, &tail));
    error_tail = view(tail);
    return code;
  }
  void close_input() { service_->close_input(service_->ctx, handle_); }

 private:
  const ft_process* service_;
  std::uint64_t handle_ = 0;
  std::int64_t pid_ = 0;
};

}  // namespace ft
