// SPDX-License-Identifier: Apache-2.0
// The step from an envelope to a manifest that may be believed: digest and signatures of the authentication wrapper
// (manifest 8.3). Only authenticate() makes an AuthenticManifest. Who is trusted is asked through TrustAnchors.
#pragma once

#include "core/cose/block.hpp"
#include "core/suit/envelope.hpp"
#include "core/suit/leniency.hpp"
#include "core/suit/manifest.hpp"

namespace tailor::suit {

/// The keys that may sign manifests. Implemented by the trust store, a key file, a test.
class TrustAnchors {
 public:
  /// Names the keys that may have made a signature, one after the other.
  ///
  /// @param key_id  key id of the signature; when empty, any key may have made it
  /// @param nth     0, 1, ...
  /// @returns the key, which stays where it is as long as the anchors do; null after the last one
  [[nodiscard]] virtual const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept = 0;

 protected:
  ~TrustAnchors() = default;
};

/// The keys whose signatures held, each once. Author, operator and distributor, each with a successor during a change
/// of algorithm.
using Signers = FixedList<const cose::VerificationKey*, 2 * limits::kAuthenticationBlocks>;

/// A manifest whose digest and at least one signature held. Views into the envelope's bytes, which must not change.
class AuthenticManifest {
 public:
  [[nodiscard]] const Manifest& manifest() const noexcept { return manifest_; }
  [[nodiscard]] std::span<const cose::VerificationKey* const> signers() const noexcept { return signers_.view(); }
  /// Digest of the manifest as it was signed, and as reports name it.
  [[nodiscard]] ByteView digest() const noexcept { return digest_; }
  /// The manifest's byte string with its head, and severed members that were attached behind it.
  [[nodiscard]] ByteView region() const noexcept { return region_; }
  /// The region from an offset on.
  [[nodiscard]] ByteView bytes_from(size_t offset) const noexcept { return region_.subspan(offset); }
  /// Where a place of the region is in it.
  [[nodiscard]] size_t offset_of(const uint8_t* place) const noexcept {
    return static_cast<size_t>(place - region_.data());
  }

  /// Takes a severed member that came with the envelope, once its digest holds (manifest 8.2, 5.4).
  ///
  /// @param item  the byte string with its head; it stays where it is, behind the manifest
  /// @returns kSeveredDigestMismatch: it is not what was signed, or the manifest does not know it; - kDuplicateKey: the
  ///          manifest has this member in place, or it came already
  [[nodiscard]] Status attach(int64_t key, ByteView item) noexcept;
  /// Says that no more members will come.
  void close() noexcept { closed_ = true; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }

  /// A command sequence by its manifest_key: in place, or attached. Empty when the manifest has none.
  /// @returns kMemberMissing: it was severed and is not here (yet, unless closed())
  [[nodiscard]] Result<ByteView> sequence(int64_t key) const noexcept;

 private:
  friend Result<AuthenticManifest> authenticate(const Envelope&, const TrustAnchors&, const Leniency&) noexcept;
  friend class EnvelopeReader;
  AuthenticManifest() noexcept = default;
  /// Becomes what the wrapper vouches for; until this gives kOk, it is nothing.
  [[nodiscard]] Status authenticate(ByteView authentication, ByteView manifest_item, const TrustAnchors& anchors,
                                    const Leniency& leniency) noexcept;

  Manifest manifest_;
  ByteView region_;
  ByteView digest_;
  Signers signers_;
  bool closed_ = false;
};

/// Checks the manifest's digest and the signatures over it, then decodes the manifest.
///
/// Each signature or tag that verifies under a trusted key adds that key to the signers; one is enough. Blocks of other
/// kinds or under unknown keys are passed over, so that a change of algorithm is possible (manifest 8.3). One that
/// names a trusted key by its thumbprint, and does not verify under it, is a forgery: the envelope is refused whatever
/// else holds.
/// @param envelope  if it was whole in memory, its severed members are attached and checked too
/// @returns kAuthenticationMissing: no block; - kManifestDigestMismatch; - when no block held, why the first one did
///          not: kSignatureInvalid, kSignerUnknown, kAlgorithmUnsupported, kCoseUnsupported; - what decode_manifest()
///          gives, and attach()
[[nodiscard]] Result<AuthenticManifest> authenticate(const Envelope& envelope, const TrustAnchors& anchors,
                                                     const Leniency& leniency) noexcept;

}  // namespace tailor::suit
