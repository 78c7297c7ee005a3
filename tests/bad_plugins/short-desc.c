/* Its ft_desc ends before the schema. */
#include "bad.h"

static const ft_desc kShort = {offsetof(ft_desc, config_schema),
                               FT_SCORER,
                               0,
                               1,
                               "short-desc",
                               "1",
                               "a bad plugin",
                               kAnySchema,
                               kOutput,
                               1,
                               NULL,
                               NULL,
                               NULL};
static const ft_desc* describe(uint32_t index) { return index == 0 ? &kShort : NULL; }
static ft_status create(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                        const void** vtable) {
  (void)index, (void)host, (void)call, (void)config, (void)self, (void)vtable, (void)score_zero, (void)no_signature;
  return FT_E_INTERNAL;
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &create,      &nothing_to_destroy};
