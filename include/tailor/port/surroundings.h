/* SPDX-License-Identifier: Apache-2.0 */
/* Port: what manifests may ask of a device's surroundings (SUIT update management 4.4, 5.5): power, battery, local
 * time, versions of other devices. The whole port may be absent, and so may each function: a manifest that asks for
 * what is absent is refused by name.
 *
 * Call sequence: any at any time, also again and again while an update waits. None may block.
 *
 * What the caller does on a failure:
 *   WAIT    not known at the moment: the update waits, and asks again; a condition does not hold.
 *   FAILED  there is no such thing on this device: the manifest is refused.
 */
#ifndef TAILOR_PORT_SURROUNDINGS_H
#define TAILOR_PORT_SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of a version: three of the release, a pre-release indicator and its own. */
#define TAILOR_VERSION_PARTS 6

typedef struct tailor_surroundings {
  void* context;
  /* Whether there is power to carry an update through: the mains, or a charger. */
  tailor_port_status_t (*power)(void* context, bool* present);
  /* Energy left in the battery, mWh. */
  tailor_port_status_t (*battery_mwh)(void* context, uint64_t* left);
  /* What local civil time is ahead of UTC now, in seconds; daylight saving included. */
  tailor_port_status_t (*local_offset_seconds)(void* context, int32_t* offset);
  /* The version that another device has now. `id` is its identifier as the deployment defines it; `parts` has room for
   * TAILOR_VERSION_PARTS numbers, `count` of them are set. WAIT also for a device that has not been heard of yet. */
  tailor_port_status_t (*other_version)(void* context, const uint8_t* id, size_t id_length, int64_t* parts,
                                        size_t* count);
} tailor_surroundings_t;

#ifdef __cplusplus
}
#endif

#endif
