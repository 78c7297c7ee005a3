// One call into a plugin as the host sees it, and the table that finds it again by the ft_call that the plugin holds.
// Any thread. A stale ft_call (the call has returned, or its slot was used again) is refused.
#pragma once

#include <ft_plugin.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/cancel.hpp"

namespace fthost::plugin {

// Where a call's output goes. The functions are called on the plugin's threads; those left empty discard.
struct CallContext {
  io::CancelToken cancel;
  std::function<ft_status(std::uint32_t channel, std::uint64_t row, std::string_view bytes)> emit;
  std::function<ft_status(std::string_view name, std::string_view bytes)> emit_file;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;

  const ft_desc* desc = nullptr;  // whose call it is; set by Instance

  void set_error(Error error);
  std::optional<Error> take_error();

 private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

class CallTable {
 public:
  ft_call open(std::shared_ptr<CallContext> context);
  void close(ft_call call);
  std::shared_ptr<CallContext> find(ft_call call) const;  // empty: stale

 private:
  struct Slot {
    std::uint32_t generation = 1;
    std::shared_ptr<CallContext> context;
  };
  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

// The Error of a failed status, with what the plugin said through ft_host.fail.
Error status_error(ft_status status, CallContext& context, const std::string& owner);

ft_status status_of(Code code);

}  // namespace fthost::plugin
