// SPDX-License-Identifier: Apache-2.0
// Verification of claims: the structure that was signed or MACed (RFC 9052 4.4, 6.3), and each algorithm's check.
#include "core/hss/verify.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/block.hpp"
#include "core/cose/signed_data.hpp"

namespace tailor::cose {
namespace {

Status verify_esp256(const Claim& claim, ByteView before, ByteView payload, const VerificationKey& key) noexcept {
  crypto::P256Signature signature;
  if (claim.authenticator.size() != signature.size()) return Error::kSignatureInvalid;
  std::memcpy(signature.data(), claim.authenticator.data(), signature.size());
  crypto::Sha256Digest hashed;
  TAILOR_TRY(digest(before, payload, hashed));
  return crypto::verify_p256(key.p256(), hashed, signature);
}

Status verify_ed25519(const Claim& claim, ByteView message, const VerificationKey& key) noexcept {
  crypto::Ed25519PublicKey public_key;
  crypto::Ed25519Signature signature;
  if (claim.authenticator.size() != signature.size()) return Error::kSignatureInvalid;
  std::memcpy(signature.data(), claim.authenticator.data(), signature.size());
  std::memcpy(public_key.bytes.data(), key.bytes().data(), public_key.bytes.size());
  return crypto::verify_ed25519(public_key, message, signature);
}

Status verify_hss(const Claim& claim, ByteView before, ByteView payload, const VerificationKey& key) noexcept {
  const ByteView message[] = {before, payload};
  hss::SignatureInMemory signature(claim.authenticator);
  return hss::verify(key.bytes(), message, signature);
}

Status verify_hmac(const Claim& claim, ByteView message, ByteView key) noexcept {
  return crypto::verify_hmac_sha256(key, message, claim.authenticator);
}

/// Unwraps the MAC key, then verifies with it.
Status verify_wrapped_hmac(const Claim& claim, ByteView message, const VerificationKey& key) noexcept {
  std::array<uint8_t, VerificationKey::kMaxBytes> buffer;
  if (claim.algorithm != algorithm::key_wrap_for(key.bytes().size())) return Error::kAlgorithmUnsupported;
  if (claim.wrapped_key.size() < VerificationKey::kMinHmacBytes + crypto::kKeyWrapBytes)
    return Error::kSignatureInvalid;
  const auto unwrapped = crypto::unwrap_key(key.bytes(), claim.wrapped_key, buffer);
  const Status status = unwrapped.ok() ? verify_hmac(claim, message, *unwrapped) : Status(Error::kSignatureInvalid);
  wipe(buffer);
  return status;
}

}  // namespace

Status verify(const Claim& claim, ByteView payload, const VerificationKey& key, ByteView external_data) noexcept {
  if (key.kind() != claim.kind) return Error::kAlgorithmUnsupported;
  std::array<uint8_t, kMaxSignedBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView before, encode_before_payload(claim, external_data, payload.size(), buffer));
  if (options::kEsp256 && claim.kind == KeyKind::kP256) return verify_esp256(claim, before, payload, key);
  if (options::kHssLms && claim.kind == KeyKind::kHssLms) return verify_hss(claim, before, payload, key);
  if (!options::kEd25519 && !options::kMac) return Error::kAlgorithmUnsupported;
  // The others take the structure whole.
  if (payload.size() > buffer.size() - before.size()) return Error::kBodyTooLarge;
  if (!payload.empty()) std::memcpy(buffer.data() + before.size(), payload.data(), payload.size());
  const ByteView message = ByteView(buffer).first(before.size() + payload.size());
  if (options::kEd25519 && claim.kind == KeyKind::kEd25519) return verify_ed25519(claim, message, key);
  if (options::kMac && claim.kind == KeyKind::kHmac256) return verify_hmac(claim, message, key.bytes());
  if (options::kMac && claim.kind == KeyKind::kAesKw) return verify_wrapped_hmac(claim, message, key);
  return Error::kAlgorithmUnsupported;
}

}  // namespace tailor::cose
