/* SPDX-License-Identifier: Apache-2.0 */
/* What a program for the emulated Cortex-M is given: see target_start.c. */
#ifndef MINIMAL_TARGET_H
#define MINIMAL_TARGET_H

#include <stdint.h>

/* The program; QEMU ends with what it returns. */
int target_main(void);

void target_print(const char* text);

#endif
