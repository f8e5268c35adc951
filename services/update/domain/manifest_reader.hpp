// SPDX-License-Identifier: Apache-2.0
// Reads an uploaded SUIT envelope: refuses what is malformed, unsigned or signed by nobody this server knows, and
// gathers what choosing needs. A server that is told no signers checks form and digests only: devices check signatures,
// whatever the server thought.
#pragma once

#include <vector>

#include "core/suit/authentication.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// Signers' public keys, e.g. of the manufacturers whose updates this server carries.
class SignerAnchors final : public suit::TrustAnchors {
 public:
  explicit SignerAnchors(std::vector<cose::VerificationKey> keys);
  [[nodiscard]] const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  struct Entry {
    cose::VerificationKey key;
    Bytes key_id;  ///< RFC 9679 thumbprint
  };
  std::vector<Entry> entries_;
};

/// Reads what choosing needs out of an envelope that is whole in memory.
///
/// @returns the errors of suit::Envelope and suit::authenticate(); kSignerUnknown and kSignatureInvalid only when
///          `signers` has keys; kSeveredDigestMismatch; kMemberMissing: an integrated payload is fetched and not there;
///          kImageDigestMismatch, kImageSizeMismatch: an integrated payload is not the one that was signed
[[nodiscard]] Outcome<ManifestFacts> read_envelope(ByteView envelope, const SignerAnchors& signers);

}  // namespace tailor::update_server
