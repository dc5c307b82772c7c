/* libargus, C interface of the client: what sends a registry's windows and log lines to an Argus server.
 *
 * The conventions are those of argus.h. In addition:
 *  1. A client owns a registry (`argus_client_registry`), and recording is recording into that: argus_increment,
 *     argus_gauge, argus_timing, or a handle of argus_series_new.
 *  2. Recording and logging may go on from any thread while a client starts, sends, forks or ends. A series handle may
 *     outlive its client; what it then records is kept by nobody.
 *  3. Options that are NULL, empty or 0 come from the variables ARGUS_URL, ARGUS_APP_ID, ARGUS_API_KEY, ARGUS_HOST,
 *     ARGUS_TAGS, ARGUS_FLUSH_INTERVAL, ARGUS_LOG_LEVEL, ARGUS_SYSTEM_METRICS, ARGUS_SPOOL_DIR, ARGUS_SPOOL_BYTES,
 *     ARGUS_CA_FILE and ARGUS_FLIGHT_RECORDER, else they have the defaults in docs/settings.md. A wrong option is an
 * error of argus_client_new; a wrong variable is said in one diagnostic, and the default takes its place.
 */
#ifndef ARGUS_CLIENT_H
#define ARGUS_CLIENT_H

#include <argus/argus.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are part of the interface: do not change them. */
typedef enum argus_level { ARGUS_DEBUG = 0, ARGUS_INFO = 1, ARGUS_WARNING = 2, ARGUS_ERROR = 3 } argus_level;

typedef enum argus_switch { ARGUS_DEFAULT = 0, ARGUS_ON = 1, ARGUS_OFF = 2 } argus_switch;

typedef enum argus_field_type {
  ARGUS_TEXT = 0,
  ARGUS_NUMBER = 1,
  ARGUS_INTEGER = 2,
  ARGUS_BOOLEAN = 3
} argus_field_type;

/* One fact about a log line. `integer` holds ARGUS_INTEGER and ARGUS_BOOLEAN (0 or 1). */
typedef struct argus_field {
  argus_string key;
  argus_field_type type;
  union {
    argus_string text;
    double number;
    int64_t integer;
  } value;
} argus_field;

/* What the client has to say of itself, such as that the server is away; once per change, from the flush thread or from
 * argus_client_new. NULL: one line on stderr each. */
typedef void (*argus_diagnostic)(void* context, argus_level level, argus_string message);

typedef struct argus_client_options {
  size_t size; /* sizeof(argus_client_options) */
  argus_string url;
  argus_string app_id;
  argus_string api_key;
  argus_string host;
  const argus_tag* tags; /* carried by every series */
  size_t tag_count;
  double flush_interval; /* seconds */
  argus_string log_level;
  argus_switch system_metrics;
  argus_string spool_dir;
  uint64_t spool_bytes;
  argus_string ca_file;
  argus_diagnostic diagnostic;
  void* diagnostic_context;
  argus_string flight_recorder; /* "on": what is recorded outlives a kill; or the folder for that */
} argus_client_options;

typedef struct argus_client argus_client;

/* NULL when an option is wrong: argus_last_error() names it, its value and the remedy. `options` may be NULL. */
ARGUS_API argus_client* argus_client_new(const argus_client_options* options);

/* Sends what is left, for 2 s at most, and ends the flush thread. */
ARGUS_API void argus_client_free(argus_client* client);

ARGUS_API argus_registry* argus_client_registry(argus_client* client);

/* Sends everything now. 1: the server has it all; 0: it has not within `timeout` seconds, and sending goes on. */
ARGUS_API int argus_flush(argus_client* client, double timeout);

/* `logger` may be empty. The line waits in a bounded queue; one that finds it full is dropped and counted. */
ARGUS_API argus_status argus_log(argus_client* client, argus_level level, argus_string message, argus_string logger,
                                 const argus_field* fields, size_t field_count);

/* Something happened, such as a deploy: a mark on the charts, and a log line. */
ARGUS_API argus_status argus_event(argus_client* client, argus_string name, argus_string text, const argus_tag* tags,
                                   size_t tag_count);

#ifdef __cplusplus
}
#endif

#endif
