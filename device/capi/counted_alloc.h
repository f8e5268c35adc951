/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator of tests, put in through TAILOR_ALLOC_HEADER as an integrator would: counts, and fails where it is told.
 */
#ifndef TAILOR_COUNTED_ALLOC_H
#define TAILOR_COUNTED_ALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

void* counted_alloc(size_t size);
void counted_free(void* pointer);

#ifdef __cplusplus
}
#endif

#define TAILOR_ALLOC(size) counted_alloc(size)
#define TAILOR_FREE(pointer) counted_free(pointer)

#endif
