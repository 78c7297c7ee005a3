/* Its schema has a keyword that nobody would check. */
#include "bad.h"

static const ft_desc kDesc = {
    sizeof(ft_desc),
    FT_SCORER,
    0,
    1,
    "unknown-keyword",
    "1",
    "a bad plugin",
    "{\"type\": \"object\", \"properties\": {\"target\": {\"type\": \"integer\", \"minimun\": 1}}}",
    kOutput,
    1,
    NULL,
    NULL,
    NULL};
static const ft_desc* describe(uint32_t index) { return index == 0 ? &kDesc : NULL; }
static ft_status create(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                        const void** vtable) {
  (void)index, (void)host, (void)call, (void)config, (void)self, (void)vtable, (void)score_zero, (void)no_signature,
      (void)kAnySchema;
  return FT_E_INTERNAL;
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &create,      &nothing_to_destroy};
