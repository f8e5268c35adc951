// SPDX-License-Identifier: Apache-2.0
// The smallest backend: what boot programs and plain firmware need of the crypto contract, and nothing else: SHA-256,
// verification of ECDSA on P-256, random numbers of the port. Any other function of the contract does not link, so that
// nothing is half there; other digests are refused with kAlgorithmUnsupported.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::crypto::small {

/// Fills the whole buffer with random bytes fit for keys, or fails.
using EntropySource = Status (*)(MutableBytes) noexcept;

/// Names the port's random generator.
void set_entropy_source(EntropySource source) noexcept;

}  // namespace tailor::crypto::small
