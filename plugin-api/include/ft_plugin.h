/* ft_plugin.h: the C boundary between fthost and its plugins. Nothing else crosses it.
 *
 * Compiles as C11 and as C++20. Every struct begins with its own size and only ever grows at its end; a reader
 * uses the prefix that it knows. tests/unit/abi_layout.c pins the offsets.
 *
 * Threads: every plugin function is called on a worker thread and may block. One instance is entered by one thread
 *   at a time unless its descriptor says FT_CONCURRENT.
 * Memory: inputs belong to the call until the plugin returns. Outputs go through `emit`, which copies. Nobody frees
 *   the other side's memory. Descriptor strings are static. */
#ifndef FT_PLUGIN_H
#define FT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define FT_ABI_MAJOR 1u /* another major: refused, in a sentence that names both */
#define FT_ABI_MINOR 0u /* counts additions within the major */

#if defined(__GNUC__)
#define FT_EXPORT __attribute__((visibility("default")))
#else
#define FT_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed UTF-8, not terminated. data == NULL: absent (an empty string has data != NULL and size 0). */
typedef struct ft_str {
  const char* data;
  size_t size;
} ft_str;

/* One call into a plugin: slot and generation. A stale one is refused by every host function. */
typedef struct ft_call {
  uint64_t id;
} ft_call;

typedef enum ft_status {
  FT_OK = 0,
  FT_END = 1,            /* no more: end of a stream */
  FT_E_CONFIG = -1,      /* the configuration is wrong */
  FT_E_INPUT = -2,       /* the request or the data is wrong */
  FT_E_UNSUPPORTED = -3, /* this plugin, vendor or account cannot do it */
  FT_E_IO = -4,          /* file, network or process failed */
  FT_E_RETRY = -5,       /* failed, and the same call may succeed later */
  FT_E_CANCELLED = -6,   /* the host asked to stop: return at once */
  FT_E_AUTH = -7,        /* no key, wrong key, not allowed */
  FT_E_CONFLICT = -8,    /* somebody else changed it */
  FT_E_INTERNAL = -9     /* a defect of the plugin or of the host */
} ft_status;

enum { FT_LOG_DEBUG = 0, FT_LOG_INFO = 1, FT_LOG_WARNING = 2, FT_LOG_ERROR = 3 };

/* How a column is cut out of a row. */
enum {
  FT_RAW = 0, /* the JSON slice as it stands in the row */
  FT_TEXT = 1 /* the decoded string; absent if the value is not a string */
};

/* A column that a plugin wants: a JSON pointer into the row ("/messages", "/output"; "" is the whole row). */
typedef struct ft_column {
  const char* pointer;
  uint32_t kind; /* FT_RAW or FT_TEXT */
} ft_column;

/* Rows cut into columns once by the host. columns[c][r]; all of it belongs to the call until the plugin returns. */
typedef struct ft_batch {
  uint32_t struct_size;
  uint32_t column_count;
  size_t row_count;
  const uint64_t* rows; /* row_count source line numbers, from 1 */
  const ft_str* const* columns;
} ft_batch;

/* What a decoder pulls from: a file, already decompressed, or standard input. */
typedef struct ft_source {
  uint32_t struct_size;
  ft_str name; /* for messages; a path, or "-" */
  void* ctx;
  int64_t (*read)(void* ctx, void* buffer, size_t capacity); /* bytes read; 0 at the end; < 0 an ft_status */
} ft_source;

/* Channels of emit. */
enum {
  FT_RECORD = 0,  /* a record, one JSON object */
  FT_FINDING = 1, /* {code, severity, path, message, hint}: something is wrong with a row; "damaged": true: with the
                     file, whose other rows may not be what they seem, either */
  FT_LOSS = 2, /* {path, action: "dropped" | "reshaped", message}: a field that a conversion does not carry as it is */
  FT_DETAIL = 3, /* text or JSON that explains a result: why no score, why this format, a metric's signature */
  FT_DELTA = 4,  /* a part of a streamed result: JSON for providers, bytes of the file for encoders */
  FT_RESULT = 5  /* the result of an operation: one JSON value */
};

/* What the host offers. Every function may be called from any thread. */
typedef struct ft_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  void* ctx;
  void (*log)(void* ctx, int32_t level, ft_str text);
  /* Hands bytes over (copied). May block: back-pressure. FT_E_CANCELLED: return at once. */
  ft_status (*emit)(void* ctx, ft_call call, uint32_t channel, uint64_t row, ft_str bytes);
  /* Appends to a side file of an export, named relative to the export's folder. */
  ft_status (*emit_file)(void* ctx, ft_call call, ft_str name, ft_str bytes);
  /* Says why the call is about to fail: {message, where, hint, http_status, request_id, retry_after_ms}. */
  void (*fail)(void* ctx, ft_call call, ft_status status, ft_str error_json);
  void (*progress)(void* ctx, ft_call call, uint64_t done, uint64_t total); /* total 0: unknown */
  int32_t (*cancelled)(void* ctx, ft_call call);                            /* not 0: stop; poll it in long loops */
  const void* (*service)(void* ctx, const char* id); /* "ft.http/1", ... of ft_services.h, or NULL */
} ft_host;

typedef enum ft_kind { FT_PROVIDER = 1, FT_FORMATTER = 2, FT_SCORER = 3, FT_STORAGE = 4 } ft_kind;

/* Flags of a descriptor. */
enum {
  FT_CONCURRENT = 1u << 0,    /* one instance may be entered by many threads (providers must) */
  FT_DETERMINISTIC = 1u << 1, /* the same input gives the same output */
  FT_NETWORK = 1u << 2,       /* reaches beyond this machine */
  FT_MERGES_FILES = 1u << 3,  /* a formatter's side files are JSON objects whose keys go into those that are there */
  FT_ONLY_NAMED = 1u << 4,    /* a formatter whose rows others have, too: it is never taken unless it is named */
  FT_JSON_ROWS = 1u << 5 /* formatter: a file is one JSON object a line, and `rules` speak of these as they stand */
};

/* Static data: readable without creating anything. */
typedef struct ft_desc {
  uint32_t struct_size;
  uint32_t kind; /* ft_kind */
  uint32_t flags;
  uint32_t output_count; /* scorers: outputs a row, out[row * output_count + k]; else 0 */
  const char* name;      /* lower case, digits and '-'; equals the file's name */
  const char* version;
  const char* summary;       /* one line */
  const char* config_schema; /* JSON Schema (draft 7) of an object: checking, defaults, help */
  const ft_column* columns;
  uint32_t column_count;
  const char* operations; /* providers: the operations it has, space-separated; else NULL */
  const char* rules;      /* formatters and providers: JSON array of checks for `validate`, or NULL */
  const char* hosts;      /* the hosts that a key of this plugin may be sent to, space-separated, or NULL */
} ft_desc;

typedef struct ft_provider {
  uint32_t struct_size;
  /* Emits FT_DELTA..., then one FT_RESULT. Operations and their JSON: docs/plugins.md. */
  ft_status (*request)(void* self, ft_call call, ft_str operation, ft_str json);
} ft_provider;

/* Parts of an export, in this order. */
enum { FT_BEGIN = 0, FT_ROWS = 1, FT_FINISH = 2 };

typedef struct ft_formatter {
  uint32_t struct_size;
  /* How sure it is that `sample`, the beginning of the file `name`, is its format: 0 to 1. Emits why as FT_DETAIL. */
  ft_status (*detect)(void* self, ft_call call, ft_str sample, ft_str name, double* confidence);
  /* Pulls the source; emits FT_RECORD, FT_FINDING and FT_LOSS with the source line as row. */
  ft_status (*decode)(void* self, ft_call call, ft_source* source);
  /* FT_BEGIN, FT_ROWS any number of times, FT_FINISH; emits the file's bytes as FT_DELTA, and FT_LOSS.
   * The batch is NULL but for FT_ROWS. */
  ft_status (*encode)(void* self, ft_call call, uint32_t part, const ft_batch* batch);
  /* Optional (NULL): what a rule table cannot say. Emits FT_FINDING. */
  ft_status (*check)(void* self, ft_call call, const ft_batch* batch);
} ft_formatter;

typedef struct ft_scorer {
  uint32_t struct_size;
  /* Rows are {input, output, references[], record, usage}. Fills out[row_count * output_count]; NaN: no score, and
   * an FT_DETAIL with the row says why. */
  ft_status (*score)(void* self, ft_call call, const ft_batch* batch, double* out);
  /* Optional (NULL): the corpus value where it is not the mean. rows[row_count * output_count] -> out[output_count]. */
  ft_status (*aggregate)(void* self, ft_call call, const double* rows, size_t row_count, double* out);
  /* Emits, as FT_DETAIL, the metric's exact definition. */
  ft_status (*signature)(void* self, ft_call call);
} ft_scorer;

/* Collections of JSON records, each with an id, in append order. */
typedef struct ft_storage {
  uint32_t struct_size;
  /* Emits one FT_RESULT: [{"collection": name, "count": n}]. */
  ft_status (*list)(void* self, ft_call call);
  /* Columns: id, record. A known id is left as it is. All or nothing, and durable when it returns FT_OK.
   * Emits one FT_RESULT: {"appended": n, "known": n}. */
  ft_status (*append)(void* self, ft_call call, ft_str collection, const ft_batch* batch);
  /* Columns: id, record, revision. Replaces; an absent revision replaces whatever is there and adds what is not.
   * All or nothing: FT_E_CONFLICT, and nothing written, where a revision is not the present one; FT_E_INPUT where
   * the batch has the same id twice. */
  ft_status (*put)(void* self, ft_call call, ft_str collection, const ft_batch* batch);
  /* Query: {"ids": [..]} or {"after": id, "limit": n}; {} is everything. Emits, as FT_RECORD with its ordinal as
   * row, {"id", "revision", "record"} each. An unknown collection is an empty one. */
  ft_status (*read)(void* self, ft_call call, ft_str collection, ft_str query_json);
  /* Column: id. An unknown id is passed over. Emits one FT_RESULT: {"removed": n}. */
  ft_status (*remove)(void* self, ft_call call, ft_str collection, const ft_batch* ids);
} ft_storage;

/* The one symbol that a plugin exports. Data, so that the version is read before any code of the plugin runs. */
typedef struct ft_entry {
  uint32_t abi_major; /* first, for ever */
  uint32_t struct_size;
  uint32_t abi_minor;
  uint32_t plugin_count;
  const ft_desc* (*describe)(uint32_t index); /* index < plugin_count */
  /* config_json has been checked against the schema, with its defaults filled in. */
  ft_status (*create)(uint32_t index, const ft_host* host, ft_call call, ft_str config_json, void** self,
                      const void** vtable);
  void (*destroy)(uint32_t index, void* self);
} ft_entry;

extern FT_EXPORT const ft_entry ft_plugin_entry;

#ifdef __cplusplus
}
#endif
#endif
