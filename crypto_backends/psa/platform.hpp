// SPDX-License-Identifier: Apache-2.0
// Starts Mbed TLS's PSA Crypto: memory, random numbers, key slots. The one place that knows that a microcontroller has
// neither heap nor operating system; all else in this folder calls ensure_started() and forgets.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::crypto::psa {

/// Fills the whole buffer with random bytes fit for keys, or fails.
using EntropySource = Status (*)(MutableBytes) noexcept;

/// Names the port's random generator. The microcontroller build asks it for every random byte; the hosted build has the
/// operating system's and never calls it.
///
/// @pre called before any other function of this backend, once
void set_entropy_source(EntropySource source) noexcept;

/// Makes PSA Crypto ready; cheap when it is.
/// @returns kEntropyFailed without an entropy source; kAllocationFailed, kCryptoFailed
[[nodiscard]] Status ensure_started() noexcept;

/// How much of the memory that a microcontroller build has for Mbed TLS was ever used: up to the last byte that is not
/// as it was at reset. 0 where Mbed TLS uses the platform's heap.
[[nodiscard]] size_t peak_memory_bytes() noexcept;

/// Maps a psa_status_t to our errors; PSA_SUCCESS must not be passed.
[[nodiscard]] Error error_of(int32_t psa_status) noexcept;

}  // namespace tailor::crypto::psa
