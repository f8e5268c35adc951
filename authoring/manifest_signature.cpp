// SPDX-License-Identifier: Apache-2.0
// Signing and verifying of envelopes that exist, whoever made them.
#include "authoring/manifest.hpp"
#include "authoring/sequence_reader.hpp"
#include "authoring/summary.hpp"
#include "core/cose/key.hpp"
#include "core/suit/authentication.hpp"
#include "core/suit/encoder/envelope_encoder.hpp"

namespace tailor::authoring {
namespace {

class KeyList final : public suit::TrustAnchors {
 public:
  explicit KeyList(std::span<const cose::VerificationKey> keys) : keys_(keys) {}
  const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override {
    for (const cose::VerificationKey& key : keys_) {
      if (!may_have_made(key, key_id)) continue;
      if (nth-- == 0) return &key;
    }
    return nullptr;
  }

 private:
  /// A key id that is a thumbprint rules other keys out; any other id is a name that only its giver knows.
  static bool may_have_made(const cose::VerificationKey& key, ByteView key_id) noexcept {
    return key_id.size() != crypto::kSha256Bytes || cose::may_have_key_id(key, key_id);
  }
  std::span<const cose::VerificationKey> keys_;
};

/// A signature is for what the wrapper's digest says; one over anything else would be believed by nobody.
Outcome<void> check_before_signing(const suit::Envelope& envelope) {
  cbor::Reader wrapper(envelope.authentication());
  TAILOR_TRY_ASSIGN(const size_t elements, with_context(wrapper.take_array(), "authentication wrapper"));
  if (elements == 0) return fail(Error::kAuthenticationMissing, "authentication wrapper without digest");
  if (elements > limits::kAuthenticationBlocks) {
    return fail(Error::kValueOutOfRange, "the envelope carries as many signatures as devices read");
  }
  TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(wrapper.take_bytes(), "digest"));
  TAILOR_TRY_ASSIGN(const suit::Digest digest, with_context(suit::decode_digest(encoded), "digest"));
  return with_context(suit::check_digest(digest, envelope.manifest_item(), Error::kManifestDigestMismatch),
                      "what is in the envelope is not what would be signed");
}

/// Compares payloads in the envelope with the digests that the manifest expects where it fetches them.
Outcome<void> check_payloads(const suit::Envelope& envelope, const suit::AuthenticManifest& authentic) {
  SequenceReader sequences(authentic.manifest().component_count);
  TAILOR_TRY(sequences.read(authentic.manifest().shared_sequence, "manifest.common.shared-sequence"));
  for (const int64_t key : {suit::manifest_key::kPayloadFetch, suit::manifest_key::kInstall}) {
    const Result<ByteView> sequence = authentic.sequence(key);
    if (sequence.ok() && !sequence->empty()) TAILOR_TRY(sequences.read(sequence.value(), "manifest"));
  }
  suit::Envelope::Members members = envelope.members();
  while (members.more()) {
    TAILOR_TRY_ASSIGN(const suit::EnvelopeMember member, with_context(members.next(), "envelope"));
    if (member.key != 0) continue;
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(member.content), "payload"));
    for (const Fetch& fetch : sequences.fetches()) {
      if (fetch.parameters.uri == member.uri && fetch.parameters.digest && *fetch.parameters.digest != digest) {
        return fail(Error::kImageDigestMismatch, "payload " + std::string(member.uri));
      }
    }
  }
  return kOk;
}

}  // namespace

Outcome<Bytes> sign_envelope(ByteView bytes, const crypto::P256PrivateKey& key, KeyId key_id) {
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, with_context(suit::Envelope::from_bytes(bytes), "envelope"));
  TAILOR_TRY(check_before_signing(envelope));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, with_context(crypto::public_key_of(key), "signing key"));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest thumbprint, with_context(cose::thumbprint(public_key), "signing key"));
  std::array<uint8_t, cose::kDetachedSign1Bytes> buffer{};
  TAILOR_TRY_ASSIGN(
      const ByteView block,
      with_context(suit::sign_manifest(envelope.manifest(), key,
                                       key_id == KeyId::kThumbprint ? ByteView(thumbprint) : ByteView{}, buffer),
                   "signing"));
  Bytes out(bytes.size() + block.size() + 4 * cbor::kMaxHeadBytes);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(suit::add_authentication_block(bytes, block, out), "signing"));
  out.resize(written.size());
  return out;
}

Outcome<Verified> verify_envelope(ByteView bytes, std::span<const cose::VerificationKey> keys,
                                  const suit::Leniency& leniency) {
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope,
                    with_context(suit::Envelope::from_bytes(bytes, leniency), "envelope"));
  const KeyList anchors(keys);
  const auto authentic = suit::authenticate(envelope, anchors, leniency);
  if (!authentic.ok()) return fail(authentic.error(), "authentication");
  TAILOR_TRY(check_payloads(envelope, authentic.value()));
  const auto understood = summarize(bytes);
  if (!understood.ok()) return understood.error();
  return Verified{static_cast<size_t>(authentic->signers().front() - keys.data())};
}

}  // namespace tailor::authoring
