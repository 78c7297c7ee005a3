// Goes on emitting from a thread of its own after `score` has returned, until it is refused.
#include <atomic>
#include <thread>

#include "bad.h"

GOOD_SCORER("emits-late")
namespace {

struct Late {
  const ft_host* host;
  std::uint64_t calls = 0;
  std::thread thread;
};

ft_status score_late(void* self, ft_call call, const ft_batch*, double* out) {
  Late& late = *static_cast<Late*>(self);
  if (late.thread.joinable()) late.thread.join();
  std::atomic<bool> begun{false};
  late.thread = std::thread([host = late.host, call, row = ++late.calls, begun = &begun]() mutable {
    while (host->emit(host->ctx, call, FT_DETAIL, row, {"late", 4}) == FT_OK) {
      if (begun) begun->store(true);
      begun = nullptr;
    }
  });
  while (!begun) std::this_thread::yield();
  out[0] = 0;
  return FT_OK;
}

const ft_scorer kLate = {sizeof(ft_scorer), &score_late, nullptr, &no_signature};

ft_status create_late(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                      const void** vtable) {
  const ft_status status = create(index, host, call, config, self, vtable);
  *self = new Late{host, 0, {}};
  *vtable = &kLate;
  return status;
}

void destroy_late(uint32_t, void* self) {
  auto* late = static_cast<Late*>(self);
  if (late->thread.joinable()) late->thread.join();
  delete late;
}

}  // namespace
extern "C" FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry), 0, 1, &describe,
                                                       &create_late, &destroy_late};
