/* Ends the process when it is created. */
#include <stdlib.h>

#include "bad.h"

GOOD_SCORER("crashes-in-create")
static ft_status crash(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                       const void** vtable) {
  (void)index, (void)host, (void)call, (void)config, (void)self, (void)vtable, (void)create;
  abort();
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &crash,       &nothing_to_destroy};
