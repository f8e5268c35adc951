// SPDX-License-Identifier: Apache-2.0
// Encoded CBOR items that own their bytes: what a model of a manifest is put together from. Deterministic encoding
// (RFC 8949 4.2.1) by construction: maps sort their keys.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/crypto/crypto.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

[[nodiscard]] Bytes cbor_unsigned(uint64_t value);
[[nodiscard]] Bytes cbor_int(int64_t value);
[[nodiscard]] Bytes cbor_bool(bool value);
[[nodiscard]] Bytes cbor_null();
[[nodiscard]] Bytes cbor_text(std::string_view text);
[[nodiscard]] Bytes cbor_bytes(ByteView content);
[[nodiscard]] Bytes cbor_tagged(uint64_t tag, ByteView item);
[[nodiscard]] Bytes cbor_array(const std::vector<Bytes>& items);
/// An array of `count` items that stand encoded in `items`, one after the other.
[[nodiscard]] Bytes cbor_array_of(size_t count, ByteView items);

/// Keys and values, encoded. Equal keys are the caller's mistake and stay: decoders refuse them.
using CborPairs = std::vector<std::pair<Bytes, Bytes>>;
/// A map whose keys are put into the order of RFC 8949 4.2.1.
[[nodiscard]] Bytes cbor_map(CborPairs pairs);

/// A digest with its COSE algorithm number: SUIT_Digest (manifest 10).
struct ImageDigest {
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;
  Bytes bytes;

  ImageDigest() = default;
  ImageDigest(const crypto::Sha256Digest& digest) : bytes(digest.begin(), digest.end()) {}  // NOLINT
  ImageDigest(crypto::HashAlgorithm with, Bytes value) : algorithm(with), bytes(std::move(value)) {}
  friend bool operator==(const ImageDigest&, const ImageDigest&) = default;
};

/// Digests bytes. @returns kAlgorithmUnsupported, kCryptoFailed
[[nodiscard]] Outcome<ImageDigest> digest_of(crypto::HashAlgorithm algorithm, ByteView bytes);
/// Digests a byte string with its head, as those of manifests and severed members are made (manifest 8.2, 5.4).
[[nodiscard]] Outcome<ImageDigest> digest_of_byte_string(crypto::HashAlgorithm algorithm, ByteView content);

/// The array [algorithm, bytes].
[[nodiscard]] Bytes cbor_digest(const ImageDigest& digest);

/// "sha256", "sha384", "sha512", "shake128", "shake256"; nothing for another name.
[[nodiscard]] std::optional<crypto::HashAlgorithm> hash_from_name(std::string_view name);
/// The name of a COSE hash number; null when it has none here.
[[nodiscard]] const char* hash_name(int64_t algorithm) noexcept;

}  // namespace tailor::authoring
