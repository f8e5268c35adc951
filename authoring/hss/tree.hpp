// SPDX-License-Identifier: Apache-2.0
// LMS trees on the signing side (RFC 8554 5): keys from a seed, leaves, signatures. Pure functions of the seed: the
// same number and the same message give the same signature. Whoever calls sign() sees to it that a number is used once.
#pragma once

#include <vector>

#include "core/hss/parameters.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

namespace tailor::authoring {

/// The tallest tree that is made here: 32,768 signatures, whose leaves take seconds to minutes. Taller ones can be
/// verified.
inline constexpr unsigned kMaxTreeHeight = 15;

using Identifier = std::array<uint8_t, hss::kIdentifierBytes>;

/// What a tree's keys are derived from (RFC 8554 appendix A).
struct TreeSecret {
  hss::Parameters parameters;
  Identifier identifier{};
  SecretBytes seed;  ///< as long as a hash
};

/// Hashes of the 2^h one-time public keys, one after the other: public, and costly to make.
using Leaves = Bytes;

/// Makes the leaves: 2^h times `chains` times 2^w hashes.
[[nodiscard]] Leaves make_leaves(const TreeSecret& secret);

/// The LMS public key (RFC 8554 5.3).
[[nodiscard]] Bytes lms_public_key(const TreeSecret& secret, const Leaves& leaves);

/// Signs with one-time key `q` (RFC 8554 5.4.1). The randomizer C is derived from the seed and `q`.
/// @pre  q < 2^h
[[nodiscard]] Bytes lms_sign(const TreeSecret& secret, const Leaves& leaves, uint32_t q, ByteView message);

/// The tree below one-time key `q`, as the reference implementation derives it: seed and identifier are hashes of the
/// upper seed with chain numbers that no chain has.
[[nodiscard]] TreeSecret tree_below(const TreeSecret& above, uint32_t q, const hss::Parameters& parameters);

}  // namespace tailor::authoring
