// SPDX-License-Identifier: Apache-2.0
// Public keys from whatever file a person has of them.
#pragma once

#include <filesystem>

#include "core/cose/verification_key.hpp"
#include "core/crypto/crypto.hpp"
#include "hosted/failure.hpp"

namespace tailor::authoring {

/// Reads a P-256 public key: PEM (public key, private key or certificate) or a COSE_Key.
///
/// @returns kFileFailed when the file cannot be read; otherwise what its format gives
[[nodiscard]] Outcome<crypto::P256PublicKey> read_public_key(const std::filesystem::path& path);

/// Reads the key under which to verify: whatever read_verification_key() takes, and private COSE_Keys, of which the
/// public part is used.
[[nodiscard]] Outcome<cose::VerificationKey> read_key_to_verify(const std::filesystem::path& path);

}  // namespace tailor::authoring
