/* What the bad plugins share: a scorer that would be right, for each file to break in one place. */
#ifndef FTHOST_TESTS_BAD_H
#define FTHOST_TESTS_BAD_H

#include <ft_plugin.h>

static const char kAnySchema[] = "{\"type\": \"object\", \"properties\": {}, \"additionalProperties\": false}";
static const ft_column kOutput[] = {{"/output", FT_TEXT}};

static inline ft_status score_zero(void* self, ft_call call, const ft_batch* batch, double* out) {
  (void)self, (void)call;
  for (size_t row = 0; row < batch->row_count; ++row) out[row] = 0;
  return FT_OK;
}
static inline ft_status no_signature(void* self, ft_call call) {
  (void)self, (void)call;
  return FT_OK;
}
static inline void nothing_to_destroy(uint32_t index, void* self) { (void)index, (void)self; }

/* Defines `describe` and `create` of a scorer that answers zero. */
#define GOOD_SCORER(plugin_name)                                                                                \
  static const ft_desc kDesc = {                                                                                \
      sizeof(ft_desc), FT_SCORER, FT_CONCURRENT, 1,    plugin_name, "1", "a bad plugin", kAnySchema,            \
      kOutput,         1,         NULL,          NULL, NULL};                                                   \
  static const ft_desc* describe(uint32_t index) { return index == 0 ? &kDesc : NULL; }                         \
  static const ft_scorer kTable = {sizeof(ft_scorer), &score_zero, NULL, &no_signature};                        \
  static inline ft_status create(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self, \
                                 const void** vtable) {                                                         \
    (void)index, (void)host, (void)call, (void)config;                                                          \
    *self = (void*)&kTable, *vtable = &kTable;                                                                  \
    return FT_OK;                                                                                               \
  }

#endif
