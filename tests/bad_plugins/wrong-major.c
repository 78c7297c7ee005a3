/* Speaks another version of the plugin interface. Its functions must not even be looked at. */
#include "bad.h"

static const ft_desc* never(uint32_t index) {
  (void)index;
  __builtin_trap();
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR + 1, sizeof(ft_entry), 0, 1, &never, NULL, NULL};
