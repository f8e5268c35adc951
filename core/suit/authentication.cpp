// SPDX-License-Identifier: Apache-2.0
#include "core/suit/authentication.hpp"

namespace tailor::suit {
namespace {

/// Finds the trusted key that made this signature over `digest_item`.
Result<const cose::VerificationKey*> find_signer(ByteView block, ByteView signed_digest, const TrustAnchors& anchors,
                                                 const Leniency& leniency) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, cose::decode_sign1(block));
  if (!message.detached) return Error::kCoseUnsupported;
  Error failure = Error::kSignerUnknown;
  for (size_t nth = 0;; ++nth) {
    const cose::VerificationKey* const key = anchors.candidate(message.key_id, nth);
    if (key == nullptr) return failure;
    const Status status =
        cose::verify_sign1(message, signed_digest, *key, {.legacy_algorithms = leniency.legacy_algorithms});
    if (status.ok()) return key;
    failure = status.error();
  }
}

/// A block that this recipient cannot use is passed over; a block that is broken is not.
bool may_pass_over(Error error) noexcept {
  return error == Error::kSignatureInvalid || error == Error::kSignerUnknown || error == Error::kAlgorithmUnsupported ||
         error == Error::kCoseUnsupported;
}

}  // namespace

Result<AuthenticManifest> authenticate(const Envelope& envelope, const TrustAnchors& anchors,
                                       const Leniency& leniency) noexcept {
  cbor::Reader wrapper(envelope.authentication());
  TAILOR_TRY_ASSIGN(size_t blocks, wrapper.take_array());
  if (blocks == 0) return Error::kMissingKey;
  TAILOR_TRY_ASSIGN(const ByteView signed_digest, wrapper.take_bytes());
  TAILOR_TRY_ASSIGN(const Digest digest, decode_digest(signed_digest));
  if (--blocks == 0) return Error::kAuthenticationMissing;
  if (blocks > limits::kAuthenticationBlocks) return Error::kValueOutOfRange;
  // First, because it is a hundred times cheaper than a signature.
  TAILOR_TRY(check_digest(digest, envelope.manifest_item(), Error::kManifestDigestMismatch));

  AuthenticManifest authentic;
  Error failure = Error::kAuthenticationMissing;
  for (size_t i = 0; i < blocks; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView block, wrapper.take_bytes());
    const auto signer = find_signer(block, signed_digest, anchors, leniency);
    if (signer.ok()) {
      TAILOR_TRY(authentic.signers_.push_back(*signer, Error::kValueOutOfRange));
    } else if (!may_pass_over(signer.error())) {
      return signer.error();
    } else if (i == 0) {
      failure = signer.error();
    }
  }
  TAILOR_TRY(wrapper.finish());
  if (authentic.signers_.empty()) return failure;
  authentic.digest_ = digest.bytes;
  authentic.region_ = envelope.manifest_item();
  TAILOR_TRY_ASSIGN(authentic.manifest_, decode_manifest(envelope.manifest()));
  if (!envelope.is_whole()) return authentic;
  for (Envelope::Members members = envelope.members(); members.more();) {
    TAILOR_TRY_ASSIGN(const EnvelopeMember member, members.next());
    if (member.key != 0) TAILOR_TRY(authentic.attach(member.key, member.item));
  }
  authentic.close();
  return authentic;
}

Status AuthenticManifest::attach(int64_t key, ByteView item) noexcept {
  const size_t index = Manifest::index_of(key);
  const Member::Place place = manifest_.member(key).place;
  if (place == Member::Place::kInPlace) return Error::kDuplicateKey;
  if (place == Member::Place::kAbsent) return Error::kSeveredDigestMismatch;
  Member& member = manifest_.members[index];
  TAILOR_TRY(check_digest(member.digest(), item, Error::kSeveredDigestMismatch));
  TAILOR_TRY_ASSIGN(const ByteView content, cbor::Reader(item).take_bytes());
  member = {content, Member::Place::kInPlace};
  region_ = ByteView(region_.data(), static_cast<size_t>(item.data() + item.size() - region_.data()));
  return kOk;
}

Result<ByteView> AuthenticManifest::sequence(int64_t key) const noexcept {
  const Member member = manifest_.member(key);
  if (member.place == Member::Place::kSevered) return Error::kMemberMissing;
  return member.bytes;
}

}  // namespace tailor::suit
