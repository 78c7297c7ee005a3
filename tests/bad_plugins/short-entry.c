/* Its ft_entry ends before `create`. */
#include "bad.h"

GOOD_SCORER("short-entry")
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, offsetof(ft_entry, create), 0, 1, &describe,
                                            &create,      &nothing_to_destroy};
