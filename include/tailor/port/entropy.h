/* SPDX-License-Identifier: Apache-2.0 */
/* Port: random bytes for keys, nonces, tokens and back-off.
 *
 * Call sequence: fill() at any time after the board is up; the first call may be slow.
 *
 * What the caller does on a failure:
 *   WAIT    not enough entropy yet: the operation that needs it is put off (kEntropyFailed, tried again by the agent).
 *   FAILED  kEntropyFailed; no key, nonce or handshake is made from anything weaker. The device keeps what it has.
 */
#ifndef TAILOR_PORT_ENTROPY_H
#define TAILOR_PORT_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tailor_entropy {
  void* context;
  /* Fills all of `bytes` with cryptographically strong random bytes, or answers WAIT or FAILED and leaves them zero. */
  tailor_port_status_t (*fill)(void* context, uint8_t* bytes, size_t length);
} tailor_entropy_t;

#ifdef __cplusplus
}
#endif

#endif
