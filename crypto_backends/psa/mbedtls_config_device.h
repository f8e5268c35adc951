/* SPDX-License-Identifier: Apache-2.0 */
/* What Mbed TLS 3.6 is built with for microcontrollers: the protocols of the hosted build in little memory. Memory
 * comes from a static buffer, random numbers from the port, P-256 from p256-m through PSA. */
#ifndef TAILOR_MBEDTLS_CONFIG_DEVICE_H
#define TAILOR_MBEDTLS_CONFIG_DEVICE_H

/* Platform: no standard library functions but those of <string.h>. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_SNPRINTF_ALT
#define MBEDTLS_PLATFORM_PRINTF_ALT
#define MBEDTLS_PLATFORM_FPRINTF_ALT
#define MBEDTLS_PLATFORM_EXIT_ALT
#define MBEDTLS_PLATFORM_SETBUF_ALT
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
/* The default of 4 would misplace the 64-bit members of sessions and certificates. */
#define MBEDTLS_MEMORY_ALIGN_MULTIPLE 8

/* Primitives: PSA alone, p256-m as the driver for the curve; mbedtls_config_device_psa.h says which. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "mbedtls_config_device_psa.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_SHA256_SMALLER

/* Decryption of payloads (RFC 9459, RFC 9053 4) and of their keys (RFC 3394): the primitives beside PSA, so that a
 * linker drops the ones that a firmware does not call, and nothing of them needs the heap. */
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_GCM_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C

/* X.509 in DER: certificates are read, requests are written. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CSR_WRITE_C
#define MBEDTLS_X509_REMOVE_INFO
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK

/* DTLS 1.2 (RFC 6347, profile RFC 7925), Connection ID (RFC 9146), extended master secret (RFC 7627). */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_DTLS
#define MBEDTLS_SSL_DTLS_ANTI_REPLAY
#define MBEDTLS_SSL_DTLS_HELLO_VERIFY
#define MBEDTLS_SSL_DTLS_CONNECTION_ID
#define MBEDTLS_SSL_DTLS_CONNECTION_ID_COMPAT 0
/* No padding of records under a Connection ID: every byte costs a constrained network. */
#define MBEDTLS_SSL_CID_TLS1_3_PADDING_GRANULARITY 1
#define MBEDTLS_SSL_CID_IN_LEN_MAX 8
#define MBEDTLS_SSL_CID_OUT_LEN_MAX 8
#define MBEDTLS_SSL_CONTEXT_SERIALIZATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
/* Mbed TLS 3.6.6 leaves out supported_groups when P-256 comes from a driver alone, unless this is said by hand. */
#define MBEDTLS_SSL_TLS1_2_SOME_ECC
#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8

/* The first limits a whole datagram: a 1,152-byte CoAP message, or a flight that OpenSSL packs. */
#define MBEDTLS_SSL_IN_CONTENT_LEN 1536
#define MBEDTLS_SSL_OUT_CONTENT_LEN 1280
#define MBEDTLS_SSL_DTLS_MAX_BUFFERING 3072
#define MBEDTLS_PSK_MAX_LEN 32

#endif
