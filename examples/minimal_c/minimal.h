/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest use of Tailor from C11: an update arrives in memory, is verified, and its one component is taken over.
 */
#ifndef MINIMAL_H
#define MINIMAL_H

#include "tailor/envelope.h"

/* The one component of this device, ["app"], in RAM. */
#define MINIMAL_APP_BYTES 256

typedef struct minimal_device {
  uint8_t app[MINIMAL_APP_BYTES];
  uint32_t app_size;
  uint64_t sequence_number; /* of the newest manifest that was accepted; a product keeps it in flash */
  uint64_t offered;         /* of the manifest at hand */
} minimal_device_t;

/* Whoever signs with this key may update the device. */
extern const tailor_anchors_t minimal_anchors;

/* Registers the device's functions. */
void minimal_handler_init(tailor_update_handler_t* handler, minimal_device_t* device);

/* Processes an envelope that lies in memory; on success the device has the new app and remembers its number. */
tailor_error_t minimal_update(minimal_device_t* device, const uint8_t* envelope, size_t size);

/* An update for it, signed; see make_envelope.py. */
extern const uint8_t minimal_envelope[];
extern const size_t minimal_envelope_size;

#endif
