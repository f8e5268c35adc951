// SPDX-License-Identifier: Apache-2.0
// Signing and verifying of envelopes that exist, whoever made them.
#include <algorithm>

#include "authoring/manifest.hpp"
#include "authoring/sequence_reader.hpp"
#include "authoring/summary.hpp"
#include "core/cbor/writer.hpp"
#include "core/cose/key.hpp"
#include "core/suit/authentication.hpp"

namespace tailor::authoring {
namespace {

class KeyList final : public suit::TrustAnchors {
 public:
  explicit KeyList(std::span<const crypto::P256PublicKey> keys) : keys_(keys) {}
  const crypto::P256PublicKey* candidate(ByteView key_id, size_t nth) const noexcept override {
    for (const crypto::P256PublicKey& key : keys_) {
      if (!may_have_made(key, key_id)) continue;
      if (nth-- == 0) return &key;
    }
    return nullptr;
  }

 private:
  /// A key id that is a thumbprint rules other keys out; any other id is a name that only its giver knows.
  static bool may_have_made(const crypto::P256PublicKey& key, ByteView key_id) noexcept {
    if (key_id.size() != crypto::kSha256Bytes) return true;
    const auto thumbprint = cose::thumbprint(key);
    return thumbprint.ok() && equal(thumbprint.value(), key_id);
  }
  std::span<const crypto::P256PublicKey> keys_;
};

/// The envelope taken apart where a signature is added: everything else stays as it is, byte for byte.
struct Opened {
  size_t members = 0;
  std::vector<ByteView> elements;  ///< of the authentication wrapper, digest first
  ByteView rest;                   ///< from the manifest's key on
};

Outcome<Opened> open(ByteView bytes) {
  // Envelope::from_bytes has the rules; behind it only the split is left to do.
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, with_context(suit::Envelope::from_bytes(bytes), "envelope"));
  Opened out;
  cbor::Reader reader(bytes);
  TAILOR_TRY(with_context(reader.take_tag(), "envelope"));
  TAILOR_TRY_ASSIGN(out.members, with_context(reader.take_map(), "envelope"));
  TAILOR_TRY(with_context(reader.take_int(), "envelope"));
  TAILOR_TRY(with_context(reader.take_bytes(), "authentication wrapper"));
  out.rest = reader.rest();

  cbor::Reader wrapper(envelope.authentication());
  TAILOR_TRY_ASSIGN(const size_t count, with_context(wrapper.take_array(), "authentication wrapper"));
  for (size_t i = 0; i < count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView element, with_context(wrapper.take_bytes(), "authentication wrapper"));
    out.elements.push_back(element);
  }
  TAILOR_TRY(with_context(wrapper.finish(), "authentication wrapper"));
  if (out.elements.empty()) return fail(Error::kAuthenticationMissing, "authentication wrapper without digest");
  if (out.elements.size() > limits::kAuthenticationBlocks) {
    return fail(Error::kValueOutOfRange, "the envelope carries as many signatures as devices read");
  }
  TAILOR_TRY_ASSIGN(const suit::Digest digest, with_context(suit::decode_digest(out.elements[0]), "digest"));
  TAILOR_TRY(with_context(suit::check_digest(digest, envelope.manifest_item(), Error::kManifestDigestMismatch),
                          "what is in the envelope is not what would be signed"));
  return out;
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

Outcome<Bytes> sign_envelope(ByteView envelope, const crypto::P256PrivateKey& key, KeyId key_id) {
  TAILOR_TRY_ASSIGN(const Opened opened, open(envelope));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, with_context(crypto::public_key_of(key), "signing key"));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest thumbprint, with_context(cose::thumbprint(public_key), "signing key"));
  cose::SignOptions options;
  options.detached = true;
  if (key_id == KeyId::kThumbprint) options.key_id = thumbprint;
  std::array<uint8_t, cose::kDetachedSign1Bytes> block_buffer{};
  TAILOR_TRY_ASSIGN(const ByteView block,
                    with_context(cose::sign1(opened.elements[0], key, options, block_buffer), "signing"));

  Bytes out(envelope.size() + block.size() + 4 * cbor::kMaxHeadBytes);
  cbor::Writer writer(out);
  writer.put_tag(suit::kEnvelopeTag).put_map(opened.members).put_int(suit::envelope_key::kAuthentication);
  const size_t mark = writer.open();
  writer.put_array(opened.elements.size() + 1);
  for (const ByteView element : opened.elements) writer.put_bytes(element);
  writer.put_bytes(block).close_bytes(mark).put_encoded(opened.rest);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(writer.finish(), "signing"));
  out.resize(written.size());
  return out;
}

Outcome<Verified> verify_envelope(ByteView bytes, std::span<const crypto::P256PublicKey> keys, Algorithms algorithms) {
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, with_context(suit::Envelope::from_bytes(bytes), "envelope"));
  const KeyList anchors(keys);
  const auto authenticate = [&](bool legacy) {
    return suit::authenticate(envelope, anchors, cose::VerificationPolicy{.legacy_algorithms = legacy});
  };
  bool legacy = false;
  if (algorithms == Algorithms::kLegacyNames) {
    const auto strict = authenticate(false);
    legacy = !strict.ok() && strict.error() == Error::kAlgorithmUnsupported;
  }
  const auto authentic = authenticate(legacy);
  if (!authentic.ok()) return fail(authentic.error(), "authentication");
  TAILOR_TRY(check_payloads(envelope, authentic.value()));
  const auto understood = summarize(bytes);
  if (!understood.ok()) return understood.error();
  return Verified{.key_index = static_cast<size_t>(authentic->signers().front() - keys.data()),
                  .legacy_algorithm = legacy};
}

}  // namespace tailor::authoring
