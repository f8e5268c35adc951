// SPDX-License-Identifier: Apache-2.0
#include "core/suit/authentication.hpp"

namespace tailor::suit {
namespace {

/// What a claim came to: a signer, or why not.
struct Finding {
  const cose::VerificationKey* signer = nullptr;
  Error failure = Error::kSignerUnknown;
  bool is_forged = false;  ///< it names a trusted key, which did not make it
};

/// A thumbprint names one key in the world; ids of secrets are mere names.
bool is_named(const cose::VerificationKey& key, ByteView key_id) noexcept {
  return !key_id.empty() && !key.is_secret() && cose::may_have_key_id(key, key_id);
}

/// Finds the trusted key with which the claim over `signed_digest` was made.
Finding find_signer(const cose::Claim& claim, ByteView signed_digest, const TrustAnchors& anchors) noexcept {
  Finding finding;
  for (size_t nth = 0;; ++nth) {
    const cose::VerificationKey* const key = anchors.candidate(claim.key_id, nth);
    if (key == nullptr) return finding;
    if (key->kind() != claim.kind) continue;
    const Status status = cose::verify(claim, signed_digest, *key);
    if (status.ok()) {
      finding.signer = key;
      return finding;
    }
    finding.failure = status.error();
    if (status.error() == Error::kSignatureInvalid && is_named(*key, claim.key_id)) {
      finding.is_forged = true;
      return finding;
    }
  }
}

/// What this recipient cannot use is passed over; what is broken is not.
bool may_pass_over(Error error) noexcept {
  return error == Error::kSignatureInvalid || error == Error::kSignerUnknown || error == Error::kAlgorithmUnsupported ||
         error == Error::kCoseUnsupported;
}

Status add_signer(const cose::VerificationKey* key, Signers& signers) noexcept {
  for (const cose::VerificationKey* signer : signers) {
    if (*signer == *key) return kOk;
  }
  return signers.push_back(key, Error::kValueOutOfRange);
}

/// Adds the keys with which the block was made to `signers`.
///
/// @returns why there is none in it: an error that may be passed over, or that may not
Status check_block(ByteView bytes, ByteView signed_digest, const TrustAnchors& anchors, const Leniency& leniency,
                   Signers& signers, bool& forged) noexcept {
  cose::Block block;
  TAILOR_TRY(cose::decode_block(bytes, block));
  if (!block.detached) return Error::kCoseUnsupported;
  Status outcome = kOk;
  bool first = true;
  for (cose::Claims claims(block, {.legacy_algorithms = leniency.legacy_algorithms}); claims.more(); first = false) {
    cose::Claim claim;
    Finding finding;
    if (const Status taken = claims.next(claim); !taken.ok()) {
      finding.failure = taken.error();
    } else {
      finding = find_signer(claim, signed_digest, anchors);
    }
    if (finding.is_forged) forged = true;
    if (finding.signer != nullptr) {
      TAILOR_TRY(add_signer(finding.signer, signers));
    } else if (!may_pass_over(finding.failure)) {
      return finding.failure;
    } else if (first) {
      outcome = finding.failure;
    }
  }
  return outcome;
}

}  // namespace

Status AuthenticManifest::authenticate(ByteView authentication, ByteView manifest_item, const TrustAnchors& anchors,
                                       const Leniency& leniency) noexcept {
  cbor::Reader wrapper(authentication);
  size_t blocks = wrapper.array();
  wrapper.require(blocks != 0, Error::kMissingKey);
  const ByteView signed_digest = wrapper.bytes();
  Digest digest;
  wrapper.fail_with(decode_digest(signed_digest, digest));
  wrapper.require(--blocks != 0, Error::kAuthenticationMissing);
  wrapper.require(blocks <= limits::kAuthenticationBlocks, Error::kValueOutOfRange);
  TAILOR_TRY(wrapper.status());
  // First, because it is a hundred times cheaper than a signature.
  TAILOR_TRY(check_digest(digest, manifest_item, Error::kManifestDigestMismatch));

  signers_.clear();
  closed_ = false;
  Status failure = kOk;
  for (; blocks > 0; --blocks) {
    const ByteView block = wrapper.bytes();
    TAILOR_TRY(wrapper.status());
    bool forged = false;
    const Status checked = check_block(block, signed_digest, anchors, leniency, signers_, forged);
    if (forged) return Error::kSignatureInvalid;
    if (checked.ok()) continue;
    if (!may_pass_over(checked.error())) return checked;
    if (failure.ok()) failure = checked;  // the first one's is told
  }
  TAILOR_TRY(wrapper.finished());
  if (signers_.empty()) return failure;
  digest_ = digest.bytes;
  region_ = manifest_item;
  return decode_manifest(cbor::Reader(manifest_item).bytes(), manifest_);
}

Result<AuthenticManifest> authenticate(const Envelope& envelope, const TrustAnchors& anchors,
                                       const Leniency& leniency) noexcept {
  AuthenticManifest authentic;
  TAILOR_TRY(authentic.authenticate(envelope.authentication(), envelope.manifest_item(), anchors, leniency));
  if (!envelope.is_whole()) return authentic;
  for (Envelope::Members members = envelope.members(); members.more();) {
    TAILOR_TRY_ASSIGN(const EnvelopeMember member, members.next());
    if (member.key != 0) TAILOR_TRY(authentic.attach(member.key, member.item));
  }
  authentic.close();
  return authentic;
}

Status AuthenticManifest::attach(int64_t key, ByteView item) noexcept {
  const Member member = manifest_.member(key);
  TAILOR_TRY(member.check_severed());
  TAILOR_TRY(check_digest(member.digest(), item, Error::kSeveredDigestMismatch));
  cbor::Reader reader(item);
  const ByteView content = reader.bytes();
  TAILOR_TRY(reader.status());
  TAILOR_TRY(manifest_.put(key, content));
  region_ = ByteView(region_.data(), static_cast<size_t>(item.data() + item.size() - region_.data()));
  return kOk;
}

Result<ByteView> AuthenticManifest::sequence(int64_t key) const noexcept {
  const Member member = manifest_.member(key);
  if (member.place == Member::Place::kSevered) return Error::kMemberMissing;
  return member.bytes;
}

}  // namespace tailor::suit
