/* SPDX-License-Identifier: Apache-2.0 */
/* Port: time. One clock that never goes back, for deadlines; one that may be absent or wrong, for calendars. Trust in
 * the second is the core's business (TrustedTime), not the port's.
 *
 * Call sequence: both at any time. monotonic_ms() starts anywhere at boot and never goes back before the next boot;
 * time asleep counts.
 *
 * What the caller does on a failure:
 *   wall_seconds WAIT    the device has no calendar time (yet): TrustedTime stays where it is.
 *   wall_seconds FAILED  the same, and it is logged.
 */
#ifndef TAILOR_PORT_TIME_H
#define TAILOR_PORT_TIME_H

#include <stdint.h>

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tailor_time {
  void* context;
  /* Milliseconds; cannot fail. */
  uint64_t (*monotonic_ms)(void* context);
  /* Seconds since 1970-01-01T00:00:00Z, without leap seconds, as the platform believes them. */
  tailor_port_status_t (*wall_seconds)(void* context, uint64_t* seconds);
} tailor_time_t;

#ifdef __cplusplus
}
#endif

#endif
