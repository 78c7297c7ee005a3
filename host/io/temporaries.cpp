// A slot's text belongs to whoever takes it out.
#include "io/temporaries.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace fthost::io {

namespace {

std::array<std::atomic<char*>, 512> slots{};
static_assert(std::atomic<char*>::is_always_lock_free);

}  // namespace

TemporaryName::TemporaryName(const char* path) {
  char* text = ::strdup(path);
  for (std::size_t i = 0; text && i < slots.size(); ++i) {
    char* none = nullptr;
    if (!slots[i].compare_exchange_strong(none, text)) continue;
    slot_ = static_cast<int>(i);
    return;
  }
  std::free(text);
}

void TemporaryName::forget() {
  if (slot_ < 0) return;
  std::free(slots[static_cast<std::size_t>(slot_)].exchange(nullptr));
  slot_ = -1;
}

void unlink_temporaries() {
  for (auto& slot : slots) {
    if (const char* path = slot.exchange(nullptr)) ::unlink(path);
  }
}

}  // namespace fthost::io
