/* The layout of every struct of the plugin boundary on 64-bit machines, as it was released. A failure here means that
 * plugins built before the change would read the wrong bytes: append fields at the end, never move one.
 * Compiled as C11, and as C++20 by plugin_abi_test.cpp. */
#include <ft_plugin.h>
#include <ft_services.h>

#ifdef __cplusplus
#define HOLDS(condition) static_assert(condition, #condition)
#else
#define HOLDS(condition) _Static_assert(condition, #condition)
#endif
#define AT(type, field, offset) HOLDS(offsetof(type, field) == (offset))
#define SIZE(type, size) HOLDS(sizeof(type) == (size))

HOLDS(sizeof(void*) == 8);

SIZE(ft_str, 16);
AT(ft_str, data, 0);
AT(ft_str, size, 8);
SIZE(ft_call, 8);
SIZE(ft_status, 4);
SIZE(ft_kind, 4);
SIZE(ft_column, 16);
AT(ft_column, pointer, 0);
AT(ft_column, kind, 8);

SIZE(ft_batch, 32);
AT(ft_batch, struct_size, 0);
AT(ft_batch, column_count, 4);
AT(ft_batch, row_count, 8);
AT(ft_batch, rows, 16);
AT(ft_batch, columns, 24);

SIZE(ft_source, 40);
AT(ft_source, struct_size, 0);
AT(ft_source, name, 8);
AT(ft_source, ctx, 24);
AT(ft_source, read, 32);

SIZE(ft_host, 72);
AT(ft_host, struct_size, 0);
AT(ft_host, abi_minor, 4);
AT(ft_host, ctx, 8);
AT(ft_host, log, 16);
AT(ft_host, emit, 24);
AT(ft_host, emit_file, 32);
AT(ft_host, fail, 40);
AT(ft_host, progress, 48);
AT(ft_host, cancelled, 56);
AT(ft_host, service, 64);

SIZE(ft_desc, 88);
AT(ft_desc, struct_size, 0);
AT(ft_desc, kind, 4);
AT(ft_desc, flags, 8);
AT(ft_desc, output_count, 12);
AT(ft_desc, name, 16);
AT(ft_desc, version, 24);
AT(ft_desc, summary, 32);
AT(ft_desc, config_schema, 40);
AT(ft_desc, columns, 48);
AT(ft_desc, column_count, 56);
AT(ft_desc, operations, 64);
AT(ft_desc, rules, 72);
AT(ft_desc, hosts, 80);

SIZE(ft_provider, 16);
AT(ft_provider, request, 8);
SIZE(ft_formatter, 40);
AT(ft_formatter, detect, 8);
AT(ft_formatter, decode, 16);
AT(ft_formatter, encode, 24);
AT(ft_formatter, check, 32);
SIZE(ft_scorer, 32);
AT(ft_scorer, score, 8);
AT(ft_scorer, aggregate, 16);
AT(ft_scorer, signature, 24);
SIZE(ft_storage, 48);
AT(ft_storage, list, 8);
AT(ft_storage, append, 16);
AT(ft_storage, put, 24);
AT(ft_storage, read, 32);
AT(ft_storage, remove, 40);

SIZE(ft_entry, 40);
AT(ft_entry, abi_major, 0);
AT(ft_entry, struct_size, 4);
AT(ft_entry, abi_minor, 8);
AT(ft_entry, plugin_count, 12);
AT(ft_entry, describe, 16);
AT(ft_entry, create, 24);
AT(ft_entry, destroy, 32);

HOLDS(FT_OK == 0 && FT_END == 1 && FT_E_CONFIG == -1 && FT_E_INPUT == -2 && FT_E_UNSUPPORTED == -3 && FT_E_IO == -4);
HOLDS(FT_E_RETRY == -5 && FT_E_CANCELLED == -6 && FT_E_AUTH == -7 && FT_E_CONFLICT == -8 && FT_E_INTERNAL == -9);
HOLDS(FT_RECORD == 0 && FT_FINDING == 1 && FT_LOSS == 2 && FT_DETAIL == 3 && FT_DELTA == 4 && FT_RESULT == 5);
HOLDS(FT_RAW == 0 && FT_TEXT == 1 && FT_BEGIN == 0 && FT_ROWS == 1 && FT_FINISH == 2);
HOLDS(FT_PROVIDER == 1 && FT_FORMATTER == 2 && FT_SCORER == 3 && FT_STORAGE == 4);
HOLDS(FT_CONCURRENT == 1 && FT_DETERMINISTIC == 2 && FT_NETWORK == 4);

SIZE(ft_header, 32);
AT(ft_header, value, 16);
AT(ft_http_request, repeatable, 4);
AT(ft_http_request, method, 8);
AT(ft_http_request, url, 24);
AT(ft_http_request, headers, 40);
AT(ft_http_request, header_count, 48);
AT(ft_http_request, body, 56);
AT(ft_http_response, status, 4);
AT(ft_http_response, headers, 8);
AT(ft_http_response, header_count, 16);
AT(ft_http_response, handle, 24);
AT(ft_http, ctx, 8);
AT(ft_http, open, 16);
AT(ft_http, read, 24);
AT(ft_http, read_event, 32);
AT(ft_http, close, 40);
AT(ft_secret, ctx, 8);
AT(ft_secret, require, 16);
AT(ft_process_options, detached, 4);
AT(ft_process_options, argv, 8);
AT(ft_process_options, argv_count, 16);
AT(ft_process_options, env, 24);
AT(ft_process_options, env_count, 32);
AT(ft_process_options, directory, 40);
AT(ft_process_options, output_file, 56);
AT(ft_process, ctx, 8);
AT(ft_process, start, 16);
AT(ft_process, write, 24);
AT(ft_process, read_line, 32);
AT(ft_process, wait, 40);
AT(ft_process, close_input, 48);
AT(ft_process, close, 56);
AT(ft_path, ctx, 8);
AT(ft_path, project, 16);
AT(ft_path, state, 32);
AT(ft_path, helpers, 48);

/* Sizes as this language sees them, for the other one to compare. */
#ifndef __cplusplus
size_t abi_size_in_c(int which);
size_t abi_size_in_c(int which) {
  const size_t sizes[] = {sizeof(ft_str),     sizeof(ft_batch),    sizeof(ft_source),          sizeof(ft_host),
                          sizeof(ft_desc),    sizeof(ft_provider), sizeof(ft_formatter),       sizeof(ft_scorer),
                          sizeof(ft_storage), sizeof(ft_entry),    sizeof(ft_http_request),    sizeof(ft_http_response),
                          sizeof(ft_http),    sizeof(ft_secret),   sizeof(ft_process_options), sizeof(ft_process),
                          sizeof(ft_path)};
  return (size_t)which < sizeof sizes / sizeof *sizes ? sizes[which] : 0;
}
#endif
