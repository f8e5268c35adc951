/* SPDX-License-Identifier: Apache-2.0 */
/* Port: one line of log at a time. Lines hold no secrets; the core sees to it.
 *
 * Call sequence: write() at any time, also before the other ports are ready. It must not block for long and must not
 * call back into Tailor.
 *
 * What the caller does on a failure: nothing. A log that fails never changes what a device does; therefore no status.
 */
#ifndef TAILOR_PORT_LOG_H
#define TAILOR_PORT_LOG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tailor_log_level {
  TAILOR_LOG_DEBUG = 0,
  TAILOR_LOG_INFO = 1,
  TAILOR_LOG_WARNING = 2,
  TAILOR_LOG_ERROR = 3
} tailor_log_level_t;

typedef struct tailor_log {
  void* context;
  /* Writes one line. `event` is a short name such as "boot.trial" (NUL-terminated); `text` is UTF-8 without a line end,
   * `length` bytes, valid during the call only, usually "key=value key=value". */
  void (*write)(void* context, tailor_log_level_t level, const char* event, const char* text, size_t length);
} tailor_log_t;

#ifdef __cplusplus
}
#endif

#endif
