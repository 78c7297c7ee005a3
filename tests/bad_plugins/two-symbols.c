/* Right in all but this: it exports a second symbol, which could meet another plugin's. */
#include "bad.h"

FT_EXPORT int a_helper_that_leaked(void);
int a_helper_that_leaked(void) { return 42; }

GOOD_SCORER("two-symbols")
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &create,      &nothing_to_destroy};
