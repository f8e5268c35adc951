// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/platform.hpp"

#include <psa/crypto.h>

#include <cstring>

#if defined(MBEDTLS_MEMORY_BUFFER_ALLOC_C)
#include <mbedtls/memory_buffer_alloc.h>
#endif

namespace tailor::crypto::psa {
namespace {

constinit EntropySource entropy_source = nullptr;

#if defined(MBEDTLS_MEMORY_BUFFER_ALLOC_C)
#ifndef TAILOR_LIMIT_CRYPTO_HEAP_BYTES
/// Mbed TLS's memory: the record buffers of one session (3 KiB) and a certificate handshake (about 7 KiB at its peak).
#define TAILOR_LIMIT_CRYPTO_HEAP_BYTES 12288
#endif
alignas(8) constinit uint8_t heap[TAILOR_LIMIT_CRYPTO_HEAP_BYTES] = {};
constinit bool heap_ready = false;
/// What is still there was never used: what is handed out is zeros at first.
constexpr uint8_t kPaint = 0xa5;
/// What Mbed TLS writes in front of free memory has less.
constexpr size_t kHeadBytes = 64;

void start_memory() noexcept {
  if (heap_ready) return;
  mbedtls_memory_buffer_alloc_init(heap, sizeof heap);
  std::memset(heap + kHeadBytes, kPaint, sizeof heap - kHeadBytes);
  heap_ready = true;
}
size_t used_memory() noexcept {
  size_t used = sizeof heap;
  while (used > 0 && heap[used - 1] == kPaint) --used;
  return used;
}
#else
void start_memory() noexcept {}
size_t used_memory() noexcept {
  return 0;
}
#endif

}  // namespace

void set_entropy_source(EntropySource source) noexcept {
  entropy_source = source;
}

Status ensure_started() noexcept {
  start_memory();
  const psa_status_t status = psa_crypto_init();
  if (status != PSA_SUCCESS) return error_of(status);
  return kOk;
}

size_t peak_memory_bytes() noexcept {
  return used_memory();
}

Error error_of(int32_t psa_status) noexcept {
  switch (psa_status) {
    case PSA_ERROR_INVALID_SIGNATURE:
      return Error::kSignatureInvalid;
    case PSA_ERROR_NOT_SUPPORTED:
      return Error::kAlgorithmUnsupported;
    case PSA_ERROR_INSUFFICIENT_MEMORY:
      return Error::kAllocationFailed;
    case PSA_ERROR_INSUFFICIENT_ENTROPY:
      return Error::kEntropyFailed;
    case PSA_ERROR_BUFFER_TOO_SMALL:
      return Error::kBufferTooSmall;
    default:
      return Error::kCryptoFailed;
  }
}

}  // namespace tailor::crypto::psa

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t* /*context*/,
                                                        uint8_t* output, size_t output_size, size_t* output_length) {
  using tailor::crypto::psa::entropy_source;
  *output_length = 0;
  if (entropy_source == nullptr || !entropy_source({output, output_size}).ok()) return PSA_ERROR_INSUFFICIENT_ENTROPY;
  *output_length = output_size;
  return PSA_SUCCESS;
}
#endif
