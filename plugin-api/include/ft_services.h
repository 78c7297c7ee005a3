/* ft_services.h: the tables that ft_host.service answers, by id. C11 and C++20, like ft_plugin.h.
 *
 * Every function blocks the worker thread that calls it and answers FT_E_CANCELLED within 100 ms of the call's
 * cancellation. Strings that a service returns live until the next function on the same handle, or until it closes. */
#ifndef FT_SERVICES_H
#define FT_SERVICES_H

#include "ft_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ft_header {
  ft_str name, value;
} ft_header;

/* A request. Milliseconds; 0 takes the host's default. */
typedef struct ft_http_request {
  uint32_t struct_size;
  uint32_t repeatable; /* not 0: doing it twice does no harm, so the host may retry it */
  ft_str method, url;
  const ft_header* headers;
  size_t header_count;
  ft_str body;      /* sent as it is */
  ft_str body_file; /* if present: the body is streamed from this path instead */
  uint32_t connect_timeout_ms, idle_timeout_ms, total_timeout_ms;
  ft_str secret;        /* name of a key for the Authorization header, or absent; the plugin never holds its value */
  ft_str secret_header; /* header to put the key into; absent: "Authorization: Bearer" */
} ft_http_request;

typedef struct ft_http_response {
  uint32_t struct_size;
  int32_t status;
  const ft_header* headers;
  size_t header_count;
  uint64_t handle;
} ft_http_response;

/* "ft.http/1" */
typedef struct ft_http {
  uint32_t struct_size;
  void* ctx;
  /* Blocks until the headers are here. On failure the reason has been given to the call (ft_host.fail). */
  ft_status (*open)(void* ctx, ft_call call, const ft_http_request* request, ft_http_response* response);
  /* The next bytes of the body, FT_END after the last. */
  ft_status (*read)(void* ctx, ft_call call, uint64_t handle, ft_str* bytes);
  /* The next server-sent event: its name ("message" where none is given) and its data; FT_END after the last. */
  ft_status (*read_event)(void* ctx, ft_call call, uint64_t handle, ft_str* name, ft_str* data);
  void (*close)(void* ctx, uint64_t handle); /* always, also after FT_END; an unread rest drops the connection */
} ft_http;

/* "ft.secret/1" */
typedef struct ft_secret {
  uint32_t struct_size;
  void* ctx;
  /* Whether a key of this name ("TOGETHER_API_KEY") is set. FT_OK or FT_E_AUTH, with a sentence saying where to set it.
   */
  ft_status (*require)(void* ctx, ft_call call, ft_str name);
} ft_secret;

typedef struct ft_process_options {
  uint32_t struct_size;
  uint32_t detached; /* not 0: a session of its own that outlives the host; no pipes, output to output_file */
  const ft_str* argv;
  size_t argv_count;
  const ft_str* env; /* NAME=VALUE, added to the host's environment less its secrets */
  size_t env_count;
  ft_str directory;   /* absent: the host's */
  ft_str output_file; /* detached: standard output and error are appended to it */
} ft_process_options;

/* "ft.process/1" */
typedef struct ft_process {
  uint32_t struct_size;
  void* ctx;
  ft_status (*start)(void* ctx, ft_call call, const ft_process_options* options, uint64_t* handle, int64_t* pid);
  ft_status (*write)(void* ctx, ft_call call, uint64_t handle, ft_str bytes); /* all of it, to standard input */
  /* The next line of standard output without its newline; FT_END at the end. */
  ft_status (*read_line)(void* ctx, ft_call call, uint64_t handle, ft_str* line);
  /* Waits for the end. exit_code: 0 to 255, or 256 + signal. error_tail: the last bytes of standard error. */
  ft_status (*wait)(void* ctx, ft_call call, uint64_t handle, int32_t* exit_code, ft_str* error_tail);
  void (*close_input)(void* ctx, uint64_t handle);
  void (*close)(void* ctx, uint64_t handle); /* ends the child if it still runs (TERM, then KILL); not a detached one */
} ft_process;

/* "ft.path/1": absolute paths, without a trailing slash; static for the life of the host. */
typedef struct ft_path {
  uint32_t struct_size;
  void* ctx;
  ft_str project; /* the project's folder */
  ft_str state;   /* its .fthost folder: caches, journals, job folders */
  ft_str helpers; /* the folder of helper programs: libexec/fthost */
  ft_str data;    /* the folder of what is installed with fthost: share/fthost */
  /* Makes a path absolute against the project. Under --sandbox: FT_E_AUTH outside it. */
  ft_status (*resolve)(void* ctx, ft_call call, ft_str path, ft_str* absolute);
} ft_path;

#ifdef __cplusplus
}
#endif
#endif
