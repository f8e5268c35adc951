// SPDX-License-Identifier: Apache-2.0
// Makes SUIT envelopes from a short description, signs and verifies them: what an author or a build system needs. The
// format itself is the core's (core/suit); this decides which commands a manifest of ours has and in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "authoring/component_text.hpp"
#include "core/base/uuid.hpp"
#include "core/cose/verification_key.hpp"
#include "core/crypto/crypto.hpp"
#include "core/suit/leniency.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

/// One component of the update and the image that becomes its content.
struct ComponentDescription {
  ComponentParts id;
  crypto::Sha256Digest digest{};
  uint64_t size_bytes = 0;
  /// URI reference from which devices fetch the image; empty: "/img/<digest>", relative to the update server that
  /// delivered the manifest. With `payload` it has to be empty or "#name".
  std::string uri;
  /// The image itself when it travels in the envelope.
  std::optional<Bytes> payload;
};

/// Texts for people; devices skip them. They are kept in the envelope beside the manifest (severable).
struct TextDescription {
  std::string language = "en";
  std::string description;                                      ///< of the manifest
  std::string update_description;                               ///< what is new
  std::string vendor_name, model_name, vendor_domain, version;  ///< of every component
};

struct ManifestDescription {
  Uuid vendor;
  Uuid device_class;
  uint64_t sequence_number = 0;
  std::vector<ComponentDescription> components;
  /// Sections to make. All three is an update; without install it describes what is there already (secure boot).
  bool install = true, validate = true, invoke = false;
  std::optional<TextDescription> text;
  std::string reference_uri;  ///< where the full manifest can be had; usually empty
};

/// "/img/<base64url of the digest>": where update servers have an image (docs/protocols).
[[nodiscard]] std::string image_uri(const crypto::Sha256Digest& digest);

/// Describes a component by its image.
/// @param integrated  whether the image travels in the envelope
[[nodiscard]] Outcome<ComponentDescription> describe_image(ComponentParts id, Bytes image, std::string uri,
                                                           bool integrated);

/// Encodes an envelope without authentication blocks; devices refuse it until it is signed.
///
/// @returns kValueOutOfRange, with the reason, for a description that devices would refuse
[[nodiscard]] Outcome<Bytes> create_envelope(const ManifestDescription& description);

enum class KeyId : uint8_t { kOmit, kThumbprint };

/// Adds a COSE_Sign1 block (ESP256) over the manifest's digest; blocks that are there stay.
///
/// @param key_id  kThumbprint puts the signer's RFC 9679 thumbprint into the header, 36 bytes more on the wire; devices
///                find the signer without it, because they know few
[[nodiscard]] Outcome<Bytes> sign_envelope(ByteView envelope, const crypto::P256PrivateKey& key, KeyId key_id);

struct Verified {
  size_t key_index = 0;  ///< which of the keys signed
};

/// Checks everything that can be checked without a device: that a block verifies under one of `keys`, that the digests
/// of manifest, severed members and payloads in the envelope hold, and that every part of the manifest is understood.
///
/// @returns kSignatureInvalid, kSignerUnknown, kAuthenticationMissing, kManifestDigestMismatch, kSeveredDigestMismatch,
///          kImageDigestMismatch; or what keeps it from being judged: a decoding error, something unsupported
[[nodiscard]] Outcome<Verified> verify_envelope(ByteView envelope, std::span<const cose::VerificationKey> keys,
                                                const suit::Leniency& leniency);

}  // namespace tailor::authoring
