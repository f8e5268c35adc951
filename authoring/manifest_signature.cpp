// SPDX-License-Identifier: Apache-2.0
// Signing of envelopes that exist, whoever made them: at once with a key, or in two steps around a signer that never
// meets this machine.
#include "authoring/manifest.hpp"
#include "authoring/walk/walker.hpp"
#include "core/base/limits.hpp"
#include "core/cose/algorithms.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

constexpr uint64_t kMac0Tag = 17;
constexpr uint64_t kSign1Tag = 18;

bool is_mac(int64_t algorithm) {
  return algorithm == cose::algorithm::kHmac256;
}

Bytes protected_header(int64_t algorithm) {
  return cbor_map({{cbor_int(1), cbor_int(algorithm)}});
}

/// The byte string that signatures cover: the digest of the wrapper, after it was found to be that of the manifest.
/// A signature over anything else would be believed by nobody.
Outcome<Bytes> signed_payload(const Walked& walked) {
  if (!walked.readable()) return walked.check().error();
  const Node* wrapper = walked.envelope().find(suit::envelope_key::kAuthentication);
  const Node* manifest = walked.envelope().find(suit::envelope_key::kManifest);
  if (wrapper == nullptr || manifest == nullptr || !wrapper->opened) return walked.check().error();
  TAILOR_TRY_ASSIGN(const ImageDigest digest, walked.manifest_digest());
  TAILOR_TRY_ASSIGN(const ImageDigest computed, digest_of_byte_string(digest.algorithm, manifest->content));
  if (digest != computed) {
    return fail(Error::kManifestDigestMismatch, "what is in the envelope is not what would be signed");
  }
  const ByteView payload = wrapper->inner().children.front().content;
  return Bytes(payload.begin(), payload.end());
}

}  // namespace

Outcome<Bytes> to_be_signed(ByteView envelope, int64_t algorithm) {
  TAILOR_TRY_ASSIGN(const Bytes payload, signed_payload(walk_envelope(envelope)));
  return cbor_array({cbor_text(is_mac(algorithm) ? "MAC0" : "Signature1"), cbor_bytes(protected_header(algorithm)),
                     cbor_bytes({}), cbor_bytes(payload)});
}

Outcome<Bytes> attach_signature(ByteView envelope, int64_t algorithm, ByteView signature, ByteView key_id) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(signed_payload(walked));
  CborPairs unprotected;
  if (!key_id.empty()) unprotected.emplace_back(cbor_int(4), cbor_bytes(key_id));
  const Bytes body = cbor_array(
      {cbor_bytes(protected_header(algorithm)), cbor_map(std::move(unprotected)), cbor_null(), cbor_bytes(signature)});
  std::vector<Bytes> wrapper;
  CborPairs members;
  for (const Node& member : walked.envelope().children) {
    Bytes item(member.item.begin(), member.item.end());
    if (member.key == suit::envelope_key::kAuthentication) {
      for (const Node& element : member.inner().children)
        wrapper.emplace_back(element.item.begin(), element.item.end());
      if (wrapper.size() > limits::kAuthenticationBlocks) {
        return fail(Error::kValueOutOfRange, "the envelope carries as many signatures as devices read");
      }
      wrapper.push_back(cbor_bytes(cbor_tagged(is_mac(algorithm) ? kMac0Tag : kSign1Tag, body)));
      item = cbor_bytes(cbor_array(wrapper));
    }
    members.emplace_back(Bytes(member.key_item.begin(), member.key_item.end()), std::move(item));
  }
  const Bytes map = cbor_map(std::move(members));
  return walked.tagged() ? cbor_tagged(suit::kEnvelopeTag, map) : map;
}

Outcome<Bytes> sign_envelope(ByteView envelope, SigningKey& key, KeyId key_id) {
  if (key_id == KeyId::kThumbprint && key.verification_key().is_secret()) {
    return fail(Error::kUsageInvalid, "the thumbprint of a shared secret is not shown (RFC 9679 7)");
  }
  // What keeps the signature from being attached is found before one is made: one of HSS/LMS is used up for good.
  TAILOR_TRY_ASSIGN(const Bytes probe, attach_signature(envelope, key.cose_algorithm(), {}, {}));
  TAILOR_TRY_ASSIGN(const Bytes message, to_be_signed(envelope, key.cose_algorithm()));
  TAILOR_TRY_ASSIGN(const Bytes signature, key.sign(message));
  Bytes id;
  if (key_id == KeyId::kThumbprint) {
    TAILOR_TRY_ASSIGN(id, key.key_id());
  }
  return attach_signature(envelope, key.cose_algorithm(), signature, id);
}

Outcome<Bytes> sign_envelope(ByteView envelope, const crypto::P256PrivateKey& key, KeyId key_id) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<SigningKey> signer, signing_key_of(key));
  return sign_envelope(envelope, *signer, key_id);
}

}  // namespace tailor::authoring
