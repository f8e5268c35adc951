// SPDX-License-Identifier: Apache-2.0
// The trust store: one signed, versioned document that tells a device whom to believe, for what, and where its servers
// are. Encoder (hosted tools) and decoder (device) side by side; docs/formats/trust-store.md has the format.
#pragma once

#include "core/base/uuid.hpp"
#include "core/trust/rights.hpp"

namespace tailor::trust {

/// 2: signers have roles, rights name commands and parameters, policies demand several signatures. Format 1 was never
/// in a device that left a factory, and is refused.
inline constexpr uint64_t kTrustStoreFormat = 2;

/// Bytes of a certificate's serial number (RFC 5280 4.1.2.2).
inline constexpr size_t kSerialBytes = 20;

/// The document. Views point into the bytes it was decoded from.
struct TrustStore {
  uint64_t version = 0;                                ///< rises with each issue; never goes back on a device
  FixedList<Signer, limits::kTrustSigners> signers;    ///< no two with one key
  FixedList<Uuid, limits::kTrustServers> servers;      ///< update servers that may talk to the device
  FixedList<Uuid, limits::kTrustOperators> operators;  ///< operators that may send manifests directly
  FixedList<std::string_view, limits::kTrustServers> server_uris;  ///< "coaps://host[:port]", in order of preference
  FixedList<ByteView, limits::kTrustAuthorities> authorities;      ///< CA certificates, DER
  FixedList<ByteView, limits::kTrustRevocations> revoked_serials;  ///< of certificates, as in the certificate's DER
  FixedList<Policy, limits::kTrustPolicies> policies;              ///< no two with one prefix

  [[nodiscard]] bool lists_server(const Uuid& id) const noexcept;
  [[nodiscard]] bool lists_operator(const Uuid& id) const noexcept;
  [[nodiscard]] bool revokes(ByteView serial) const noexcept;
};

/// Writes the document (not yet signed) in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a document that decode would refuse
[[nodiscard]] Result<ByteView> encode(const TrustStore& store, MutableBytes out) noexcept;

/// Reads the document; anything that encode would not have written is refused.
/// @returns kUnsupportedVersion: of another format; - kDuplicateKey: two signers with one key, two policies for one
///          prefix; - kUnknownKey, kMissingKey, kValueOutOfRange, kBodyTooLarge and what cbor::Reader gives
/// @note   does not check who signed it: a device calls open_trust_store
[[nodiscard]] Result<TrustStore> decode_trust_store(ByteView document) noexcept;

/// Signs a document with ESP256: COSE_Sign1 with attached payload under the trust provisioning authority's key, whose
/// thumbprint (RFC 9679) is the key id.
/// @returns what decode_trust_store gives for a document that no device would take; kBufferTooSmall; kCryptoFailed
[[nodiscard]] Result<ByteView> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority,
                                                MutableBytes out) noexcept;

/// Verifies a signed trust store, then reads it.
///
/// @param in_force  version of the store the device has; 0 when it has none
/// @returns kSignatureInvalid, kTrustStoreTooOld when the version is lower than `in_force`, or a decoding error;
///          kDuplicateKey: the anchor is one of the signers, though it has its one right and no other
[[nodiscard]] Result<TrustStore> open_trust_store(ByteView sealed, const Key& anchor, uint64_t in_force) noexcept;

}  // namespace tailor::trust
