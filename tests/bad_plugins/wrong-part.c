/* A scorer with one thing wrong in its descriptor or in its table of functions; built once for each WRONG_.... */
#include "bad.h"

#if defined(WRONG_null_columns)
#define COLUMNS NULL
#elif defined(WRONG_null_pointer)
static const ft_column kWrong[] = {{NULL, FT_TEXT}};
#elif defined(WRONG_no_pointer)
static const ft_column kWrong[] = {{"output", FT_TEXT}};
#elif defined(WRONG_bad_escape)
static const ft_column kWrong[] = {{"/a~2", FT_RAW}};
#elif defined(WRONG_column_kind)
static const ft_column kWrong[] = {{"/output", 2}};
#elif defined(WRONG_schema_types)
#define SCHEMA "{\"type\": [\"object\"]}"
#elif defined(WRONG_schema_bound)
#define SCHEMA "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\", \"minimum\": \"x\"}}}"
#elif defined(WRONG_schema_type)
#define SCHEMA "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integr\"}}}"
#elif defined(WRONG_not_utf8)
#define SUMMARY "a bad \xff plugin"
#elif defined(WRONG_null_score)
#define TABLE_SIZE sizeof(ft_scorer)
#define SCORE NULL
#elif defined(WRONG_short_table)
#define TABLE_SIZE 8
#define SCORE &score_zero
#endif

#ifndef COLUMNS
#if defined(WRONG_null_pointer) || defined(WRONG_no_pointer) || defined(WRONG_bad_escape) || defined(WRONG_column_kind)
#define COLUMNS kWrong
#else
#define COLUMNS kOutput
#endif
#endif
#ifndef SCHEMA
#define SCHEMA kAnySchema
#endif
#ifndef SUMMARY
#define SUMMARY "a bad plugin"
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(ft_scorer)
#define SCORE &score_zero
#endif

static const ft_desc kDesc = {sizeof(ft_desc), FT_SCORER, FT_CONCURRENT, 1,    NAME, "1", SUMMARY, SCHEMA,
                              COLUMNS,         1,         NULL,          NULL, NULL};
static const ft_desc* describe(uint32_t index) { return index == 0 ? &kDesc : NULL; }
static const ft_scorer kTable = {TABLE_SIZE, SCORE, NULL, &no_signature};
static ft_status create(uint32_t index, const ft_host* host, ft_call call, ft_str config, void** self,
                        const void** vtable) {
  (void)index, (void)host, (void)call, (void)config, (void)kOutput, (void)kAnySchema, (void)score_zero;
  *self = (void*)&kTable, *vtable = &kTable;
  return FT_OK;
}
FT_EXPORT const ft_entry ft_plugin_entry = {FT_ABI_MAJOR, sizeof(ft_entry),   0, 1, &describe,
                                            &create,      &nothing_to_destroy};
