/* SPDX-License-Identifier: Apache-2.0 */
/* What Mbed TLS 3.6 is built with for hosted programs: DTLS 1.2 with Connection ID, two cipher suites, P-256 and X.509,
 * nothing else. tools/build_mbedtls.sh installs it beside the library; every user compiles against this same file. */
#ifndef TAILOR_MBEDTLS_CONFIG_HOST_H
#define TAILOR_MBEDTLS_CONFIG_HOST_H

/* Platform. No clock: validity periods are judged by our own code under TrustedTime. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD
#define MBEDTLS_ERROR_C

/* Random numbers: the operating system's, through CTR_DRBG. */
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_ENTROPY_FORCE_SHA256
#define MBEDTLS_CTR_DRBG_C

/* Primitives behind PSA. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_AES_C
#define MBEDTLS_AESNI_C
#define MBEDTLS_AESCE_C
#define MBEDTLS_CCM_C
#define MBEDTLS_GCM_C
#define MBEDTLS_CIPHER_C
/* Decryption of payloads (RFC 9459, RFC 9053 4), done by our own code over these primitives. */
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
/* These four operations on P-256 come from outside the library's own sources: a program that is linked against the
 * OpenSSL backend uses OpenSSL's (crypto_backends/openssl/mbedtls_p256.cpp); any other gets Mbed TLS's own, which the
 * archive holds apart (tools/mbedtls/CMakeLists.txt). */
#ifndef TAILOR_MBEDTLS_OWN_P256
#define MBEDTLS_ECDSA_SIGN_ALT
#define MBEDTLS_ECDSA_VERIFY_ALT
#define MBEDTLS_ECDH_GEN_PUBLIC_ALT
#define MBEDTLS_ECDH_COMPUTE_SHARED_ALT
#endif

/* X.509 in DER: certificates and CRLs are read, requests are written. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CRL_PARSE_C
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
#define MBEDTLS_SSL_CID_OUT_LEN_MAX 32
#define MBEDTLS_SSL_CONTEXT_SERIALIZATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_ALL_ALERT_MESSAGES
#define MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8

/* One datagram in (a whole flight of OpenSSL may share it) and one record out. */
#define MBEDTLS_SSL_IN_CONTENT_LEN 4096
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048
#define MBEDTLS_SSL_DTLS_MAX_BUFFERING 8192
#define MBEDTLS_PSK_MAX_LEN 32

#endif
