/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator of this application, which Tailor takes through TAILOR_ALLOC_HEADER (tailor/alloc.h): two blocks from
 * an array, given back in any order. A system with a heap names malloc and free here. */
#ifndef MINIMAL_ALLOC_H
#define MINIMAL_ALLOC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void* minimal_alloc(size_t size);
void minimal_free(void* pointer);

#ifdef __cplusplus
}
#endif

#define TAILOR_ALLOC(size) minimal_alloc(size)
#define TAILOR_FREE(pointer) minimal_free(pointer)

#endif
