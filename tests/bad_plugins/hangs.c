/* Never returns from `score` and never asks whether it was cancelled. */
#include <unistd.h>

#include "bad.h"

GOOD_SCORER("hangs")
static ft_status hang(void* self, ft_call call, const ft_batch* batch, double* out) {
  (void)self, (void)call, (void)out;
  while (batch) pause();
  return FT_OK;
}
static const ft_scorer kHanging = {sizeof(ft_scorer), &hang, NULL, &no_signature};
static ft_status create_hanging(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                                const void** vtable) {
  const ft_status status = create(index, host, call, config, self, vtable);
  *vtable = &kHanging;
  return status;
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR,    sizeof(ft_entry),   0, 1, &describe,
                                            &create_hanging, &nothing_to_destroy};
