// SPDX-License-Identifier: Apache-2.0
// P-256 and Ed25519 keys as people have them in files: PKCS#8, SEC1 and SubjectPublicKeyInfo in PEM (RFC 5958, RFC
// 5480, RFC 8410), and the files of public keys of any kind.
#pragma once

#include <filesystem>
#include <variant>

#include "core/cose/verification_key.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

namespace tailor::authoring {

using PrivateKey = std::variant<crypto::P256PrivateKey, crypto::Ed25519PrivateKey>;

/// Reads an unencrypted private key.
/// @returns kDerMalformed; kAlgorithmUnsupported for a key that is neither on P-256 nor Ed25519
[[nodiscard]] Outcome<PrivateKey> private_key_from_pem(std::string_view pem);

/// Writes PKCS#8.
[[nodiscard]] Outcome<SecretString> private_key_to_pem(const crypto::Ed25519PrivateKey& key);
/// Writes SubjectPublicKeyInfo.
[[nodiscard]] Outcome<std::string> public_key_to_pem(const crypto::Ed25519PublicKey& key);

/// Reads the key under which to verify from a file: PEM (public key, private key or certificate), COSE_Key of any kind
/// that cose::decode_key() takes, or an HSS/LMS key file.
///
/// @returns kFileFailed when the file cannot be read; otherwise what its format gives
[[nodiscard]] Outcome<cose::VerificationKey> read_verification_key(const std::filesystem::path& path);

}  // namespace tailor::authoring
