/* Refuses every configuration, and says why. */
#include <string.h>

#include "bad.h"

GOOD_SCORER("fails-in-create")
static ft_status refuse(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                        const void** vtable) {
  static const char why[] =
      "{\"message\": \"the moon is in the wrong phase\", \"where\": \"config /phase\", \"hint\": \"wait\"}";
  (void)index, (void)config, (void)self, (void)vtable, (void)create;
  const ft_str text = {why, strlen(why)};
  host->fail(host->ctx, call, FT_E_CONFIG, text);
  return FT_E_CONFIG;
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &refuse,      &nothing_to_destroy};
