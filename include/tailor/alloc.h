/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's memory. Define TAILOR_ALLOC_HEADER to a header of yours that defines both macros; without it they take
 * from a static pool of TAILOR_POOL_BYTES that serves one envelope at a time.
 *
 * What is allocated, when, and how much at most:
 *
 *   by                      bytes                            freed by
 *   tailor_envelope_open    TAILOR_ENVELOPE_STATE_BYTES      tailor_envelope_close
 *   tailor_envelope_open    TAILOR_ENVELOPE_BUFFER_BYTES     tailor_envelope_close
 *
 * Nothing else is allocated, and nothing while an envelope is fed. When one of the two fails, tailor_envelope_open
 * frees the other and answers TAILOR_ERROR_ALLOCATION_FAILED; nothing has happened then.
 *
 * TAILOR_ALLOC(size) gives memory aligned for any type, or null; its content does not matter.
 * TAILOR_FREE(pointer) takes what TAILOR_ALLOC gave, never null.
 */
#ifndef TAILOR_ALLOC_H
#define TAILOR_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* State of one envelope and of its update; checked against the real size when Tailor is compiled. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define TAILOR_ENVELOPE_STATE_BYTES 2560u
#else
#define TAILOR_ENVELOPE_STATE_BYTES 1536u
#endif

/* Holds authentication wrapper, manifest, severed command sequences and one URI until the envelope is closed. Envelopes
 * that need more are refused with TAILOR_ERROR_MANIFEST_TOO_LARGE. */
#ifdef TAILOR_LIMIT_MANIFEST_BYTES
#define TAILOR_ENVELOPE_BUFFER_BYTES ((size_t)TAILOR_LIMIT_MANIFEST_BYTES)
#else
#define TAILOR_ENVELOPE_BUFFER_BYTES ((size_t)2048)
#endif

#ifdef TAILOR_ALLOC_HEADER
#include TAILOR_ALLOC_HEADER
#else

#ifdef __cplusplus
extern "C" {
#endif

/* Two blocks, one of each size above. */
#define TAILOR_POOL_BYTES (TAILOR_ENVELOPE_STATE_BYTES + TAILOR_ENVELOPE_BUFFER_BYTES)

/* Gives a block that is free and large enough, or null. Not safe for threads. */
void* tailor_pool_alloc(size_t size);
void tailor_pool_free(void* pointer);

#ifdef __cplusplus
}
#endif

#define TAILOR_ALLOC(size) tailor_pool_alloc(size)
#define TAILOR_FREE(pointer) tailor_pool_free(pointer)

#endif

#endif
