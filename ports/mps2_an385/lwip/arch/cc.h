/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP asks of compiler and platform. */
#ifndef TAILOR_LWIP_ARCH_CC_H
#define TAILOR_LWIP_ARCH_CC_H

#include <stdint.h>

#define LWIP_NO_INTTYPES_H 1
#define X8_F "x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "lu"
#define S32_F "ld"
#define X32_F "lx"
#define SZT_F "u"
#define LWIP_NO_CTYPE_H 1
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x)
/* Only port numbers and timers that need no secrecy take these. */
#ifdef __cplusplus
extern "C"
#endif
    uint32_t
    tailor_lwip_random(void);
#define LWIP_RAND() tailor_lwip_random()

#endif
