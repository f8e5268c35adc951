/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a SUIT envelope to Tailor in chunks of any size: it is authenticated under the anchors given, and the update in
 * it is handed to the registered update handler.
 *
 *   tailor_envelope_t* envelope;
 *   error = tailor_envelope_open(&anchors, &handler, 0, &envelope);
 *   while (error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE) {
 *     ... get a chunk, unless some of the last one is left ...
 *     error = tailor_envelope_feed(envelope, chunk, size, &consumed, &progress);
 *   }
 *   tailor_envelope_close(envelope);
 */
#ifndef TAILOR_ENVELOPE_H
#define TAILOR_ENVELOPE_H

#include "tailor/update_handler.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tailor_envelope tailor_envelope_t;

/* Keys whose signatures are believed, one after the other. One of an unknown kind or of a size that its kind does not
 * have verifies nothing. */
typedef struct tailor_anchors {
  const tailor_key_t* keys;
  size_t count;
} tailor_anchors_t;

/* Accept COSE algorithm ES256 (-7) as another name of ESP256 (-9). */
#define TAILOR_ENVELOPE_LEGACY_ALGORITHMS 1u

typedef enum tailor_progress {
  TAILOR_PROGRESS_DONE = 0,       /* the envelope is complete, and the update verified */
  TAILOR_PROGRESS_NEED_INPUT = 1, /* feed the next chunk */
  TAILOR_PROGRESS_WAIT = 2 /* fetch had nothing yet, or an answer was "later": feed again, with what was not consumed */
} tailor_progress_t;

/* Registers the handler for one update and makes ready to be fed. Anchors and handler stay where they are until
 * tailor_envelope_close. Allocates: see tailor/alloc.h.
 *
 * `flags`: 0 or TAILOR_ENVELOPE_LEGACY_ALGORITHMS.
 * TAILOR_ERROR_ALLOCATION_FAILED; `*envelope` is null then. */
tailor_error_t tailor_envelope_open(const tailor_anchors_t* anchors, const tailor_update_handler_t* handler,
                                    unsigned flags, tailor_envelope_t** envelope);

/* Takes bytes from the front of `bytes`; `*consumed` says how many. The first error is final, and every later call
 * gives it again. */
tailor_error_t tailor_envelope_feed(tailor_envelope_t* envelope, const uint8_t* bytes, size_t size, size_t* consumed,
                                    tailor_progress_t* progress);

/* Says that no more input comes: TAILOR_ERROR_TRUNCATED unless the envelope is complete. */
tailor_error_t tailor_envelope_finish(const tailor_envelope_t* envelope);

/* Frees everything. Null is allowed. */
void tailor_envelope_close(tailor_envelope_t* envelope);

#ifdef __cplusplus
}
#endif

#endif
