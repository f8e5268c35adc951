// SPDX-License-Identifier: Apache-2.0
// Makes SUIT envelopes from a description, signs and verifies them: what an author or a build system needs.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "authoring/description.hpp"
#include "authoring/signing/signing_key.hpp"
#include "core/cose/verification_key.hpp"
#include "core/crypto/crypto.hpp"
#include "core/suit/leniency.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

/// "/img/<base64url of the digest>": where update servers have an image (docs/protocols).
[[nodiscard]] std::string image_uri(ByteView digest);

/// Describes a component by its image.
/// @param integrated  whether the image travels in the envelope
[[nodiscard]] Outcome<ComponentDescription> describe_image(ComponentParts id, Bytes image, std::string uri,
                                                           bool integrated);

/// Encodes an envelope without authentication blocks; devices refuse it until it is signed.
///
/// @returns kValueOutOfRange, with the reason, for a description that devices would refuse
[[nodiscard]] Outcome<Bytes> create_envelope(const ManifestDescription& description);

enum class KeyId : uint8_t { kOmit, kThumbprint };

/// Adds an authentication block over the manifest's digest: COSE_Sign1, or COSE_Mac0 for an HMAC key. Blocks that are
/// there stay.
///
/// @param key_id  kThumbprint puts the signer's RFC 9679 thumbprint into the header, 36 bytes more on the wire; devices
///                find the signer without it, because they know few
/// @returns kManifestDigestMismatch for an envelope whose digest does not hold; kValueOutOfRange when it carries as
/// many
///          blocks as devices read; what the key gives
[[nodiscard]] Outcome<Bytes> sign_envelope(ByteView envelope, SigningKey& key, KeyId key_id);
[[nodiscard]] Outcome<Bytes> sign_envelope(ByteView envelope, const crypto::P256PrivateKey& key, KeyId key_id);

/// The encoded Sig_structure or MAC_structure (RFC 9052 4.4, 6.3): what a signer elsewhere has to sign.
[[nodiscard]] Outcome<Bytes> to_be_signed(ByteView envelope, int64_t cose_algorithm);
/// Adds a block around a signature that was made elsewhere over to_be_signed().
/// @param key_id  left out when empty
[[nodiscard]] Outcome<Bytes> attach_signature(ByteView envelope, int64_t cose_algorithm, ByteView signature,
                                              ByteView key_id);

struct Verified {
  size_t key_index = 0;             ///< which of the keys signed; the first one, where several did
  std::vector<size_t> key_indices;  ///< all of them, in the order of the blocks
  std::vector<std::string> notes;   ///< what a reader of "valid" should know
};

/// Checks everything that can be checked without a device: that a block verifies under one of `keys`, that the digests
/// of manifest, severed members and payloads in the envelope hold, and that every part of the manifest is understood.
///
/// Dependencies inside are bound by the digest that the manifest expects of them. Their own signatures have to hold as
/// well where a key was given that did not sign the envelope itself; otherwise one by a stranger is a note.
/// @returns kSignatureInvalid, kSignerUnknown, kAuthenticationMissing, kManifestDigestMismatch, kSeveredDigestMismatch,
///          kImageDigestMismatch; or what keeps it from being judged: a decoding error, something unsupported
[[nodiscard]] Outcome<Verified> verify_envelope(ByteView envelope, std::span<const cose::VerificationKey> keys,
                                                const suit::Leniency& leniency);

}  // namespace tailor::authoring
