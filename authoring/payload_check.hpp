// SPDX-License-Identifier: Apache-2.0
// Compares payloads that travel in an envelope, and content in the manifest, with the digests that the manifest expects
// where it checks them.
#pragma once

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// Follows fetch, copy and write through the sequences, for each slot that branches ask for. What is encrypted, or
/// comes from elsewhere, is not compared.
/// @returns kImageDigestMismatch with the place
[[nodiscard]] Outcome<void> check_payloads(const Walked& walked);

}  // namespace tailor::authoring
