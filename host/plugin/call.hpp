// One call into a plugin as the host sees it, and the table that finds it again by the ft_call that the plugin holds.
// Any thread. A stale ft_call (the call has returned, or its slot was used again) is refused, also one that was found
// just before the call returned: what a call hands over goes through while_open.
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

inline std::string_view view(ft_str text) {
  return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline ft_str str(std::string_view text) { return {text.data() ? text.data() : "", text.size()}; }

// Where a call's output goes. The functions are called on the plugin's threads, one at a time, and never once the call
// has returned; those left empty discard. They may block as long as they heed `cancel`. One call at a time has it.
struct CallContext {
  io::CancelToken cancel;
  std::function<ft_status(std::uint32_t channel, std::uint64_t row, std::string_view bytes)> emit;
  std::function<ft_status(std::string_view name, std::string_view bytes)> emit_file;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;

  const ft_desc* desc = nullptr;  // whose call it is; set by Instance

  // Runs `use` if `call` is the one that has this context; the end of the call waits for it. False: it is stale.
  template <class Use>
  bool while_open(ft_call call, Use&& use) {
    const std::lock_guard lock(handing_over_);
    if (open_ != call.id) return false;
    use();
    return true;
  }

  void set_error(Error error);
  void set_error(ft_call call, Error error);  // unless the call is stale
  std::optional<Error> take_error();
  // The host itself failed at what the plugin handed over: the call has failed, whatever the plugin makes of it.
  void break_off(Error error);
  std::optional<Error> take_break();

 private:
  friend class CallTable;
  void begin(ft_call call);
  void end();

  std::mutex handing_over_;  // before mutex_
  std::uint64_t open_ = 0;   // the call, 0 for none; changed under both
  std::mutex mutex_;
  std::optional<Error> error_, broken_;
};

class CallTable {
 public:
  ft_call open(std::shared_ptr<CallContext> context);
  void close(ft_call call);  // returns once nothing of the call is being handed over any more
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

// The Error of a status other than FT_OK, with what the plugin said through ft_host.fail.
Error status_error(ft_status status, CallContext& context, const std::string& owner);

}  // namespace fthost::plugin
