/* SPDX-License-Identifier: Apache-2.0 */
/* What Mbed TLS is built with for this port: the microcontrollers' configuration, less what this device never is or
 * does. It opens every session itself (no DTLS server), talks to one peer at a time, and decrypts no payloads (its
 * limits.cmake), so that AES runs in one direction only: that of CCM. */
#ifndef TAILOR_PORTS_MPS2_AN385_MBEDTLS_CONFIG_MPS2_H
#define TAILOR_PORTS_MPS2_AN385_MBEDTLS_CONFIG_MPS2_H

#include "crypto_backends/psa/mbedtls_config_device.h"

#undef MBEDTLS_SSL_SRV_C
#undef MBEDTLS_SSL_DTLS_HELLO_VERIFY
#undef MBEDTLS_SSL_CONTEXT_SERIALIZATION
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH

/* A datagram that crosses every IPv6 link has 1,232 bytes (RFC 8200 5, less the headers of IPv6 and UDP), which is what
 * the first holds beside record header and tag. The second holds what is sent: a block of 512 bytes in its CoAP
 * message, or the own certificate (TAILOR_LIMIT_CERTIFICATE_BYTES) in its handshake message. */
#undef MBEDTLS_SSL_IN_CONTENT_LEN
#define MBEDTLS_SSL_IN_CONTENT_LEN 1200
#undef MBEDTLS_SSL_OUT_CONTENT_LEN
#define MBEDTLS_SSL_OUT_CONTENT_LEN 800
/* Of a peer's flight that comes out of order; one handshake message is put together in it (a chain of two certificates
 * has about 1,000 bytes). */
#undef MBEDTLS_SSL_DTLS_MAX_BUFFERING
#define MBEDTLS_SSL_DTLS_MAX_BUFFERING 2048

#endif
