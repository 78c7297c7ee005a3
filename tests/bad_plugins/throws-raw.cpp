// Lets an exception out across the C boundary, as a plugin without the SDK could.
#include <stdexcept>

#include "bad.h"

GOOD_SCORER("throws-raw")
static ft_status throw_out(void*, ft_call, const ft_batch*, double*) { throw std::runtime_error("out of bounds"); }
static const ft_scorer kThrowing = {sizeof(ft_scorer), &throw_out, nullptr, &no_signature};
static ft_status create_throwing(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                                 const void** vtable) {
  const ft_status status = create(index, host, call, config, self, vtable);
  *vtable = &kThrowing;
  return status;
}
extern "C" FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR,     sizeof(ft_entry),   0, 1, &describe,
                                                       &create_throwing, &nothing_to_destroy};
