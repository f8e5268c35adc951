// SPDX-License-Identifier: Apache-2.0
#include "core/cose/encoder/block_encoder.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/signed_data.hpp"

namespace tailor::cose {
namespace {

/// Bytes of a protected map with an algorithm alone.
constexpr size_t kProtectedBytes = 2 + cbor::kMaxHeadBytes;

ByteView protected_map(int64_t algorithm, std::array<uint8_t, kProtectedBytes>& out) noexcept {
  cbor::Writer writer(out);
  const auto written = writer.put_map(1).put_int(header::kAlgorithm).put_int(algorithm).finish();
  return written.ok() ? *written : ByteView{};
}

/// Puts both header maps.
void put_headers(cbor::Writer& writer, const SignerHeaders& headers) noexcept {
  std::array<uint8_t, kProtectedBytes> buffer;
  writer.put_bytes(protected_map(headers.algorithm, buffer));
  writer.put_map(headers.key_id.empty() ? 0 : 1);
  if (!headers.key_id.empty()) writer.put_int(header::kKeyId).put_bytes(headers.key_id);
}

/// Writes a structure with one signature or tag in its body.
Result<ByteView> encode_single(Structure structure, const SignatureEntry& entry, MutableBytes out) noexcept {
  cbor::Writer writer(out);
  writer.put_tag(static_cast<uint64_t>(structure)).put_array(4);
  put_headers(writer, entry.headers);
  return writer.put_null().put_bytes(entry.signature).finish();
}

bool is_count(size_t entries) noexcept {
  return entries != 0 && entries <= kMaxEntries;
}

Result<crypto::Sha256Digest> tag_of(Structure structure, ByteView payload, ByteView key) noexcept {
  std::array<uint8_t, kProtectedBytes> protected_buffer;
  std::array<uint8_t, kMaxSignedBytes> buffer;
  Claim claim;
  claim.structure = structure;
  claim.body_protected = protected_map(algorithm::kHmac256, protected_buffer);
  TAILOR_TRY_ASSIGN(const ByteView message, assemble(claim, {}, payload, buffer));
  return crypto::hmac_sha256(key, message);
}

Status put_recipient(cbor::Writer& writer, const MacRecipient& recipient, ByteView key) noexcept {
  std::array<uint8_t, VerificationKey::kMaxBytes + crypto::kKeyWrapBytes> buffer;
  ByteView wrapped;
  int64_t algorithm = algorithm::kDirect;
  if (!recipient.wrapping_key.empty()) {
    algorithm = algorithm::key_wrap_for(recipient.wrapping_key.size());
    TAILOR_TRY_ASSIGN(wrapped, crypto::wrap_key(recipient.wrapping_key, key, buffer));
  }
  writer.put_array(3).put_bytes({}).put_map(recipient.key_id.empty() ? 1 : 2);
  writer.put_int(header::kAlgorithm).put_int(algorithm);
  if (!recipient.key_id.empty()) writer.put_int(header::kKeyId).put_bytes(recipient.key_id);
  writer.put_bytes(wrapped);
  return kOk;
}

}  // namespace

Result<ByteView> to_be_signed(Structure structure, const SignerHeaders& headers, ByteView payload,
                              MutableBytes out) noexcept {
  std::array<uint8_t, kProtectedBytes> buffer;
  const ByteView own = protected_map(headers.algorithm, buffer);
  Claim claim;
  claim.structure = structure;
  (structure == Structure::kSign ? claim.signer_protected : claim.body_protected) = own;
  const auto written = assemble(claim, {}, payload, out);
  if (!written.ok()) return Error::kBufferTooSmall;
  return *written;
}

Result<ByteView> encode_sign1(const SignatureEntry& signature, MutableBytes out) noexcept {
  return encode_single(Structure::kSign1, signature, out);
}

Result<ByteView> encode_mac0(const SignatureEntry& tag, MutableBytes out) noexcept {
  return encode_single(Structure::kMac0, tag, out);
}

Result<ByteView> encode_sign(std::span<const SignatureEntry> signatures, MutableBytes out) noexcept {
  if (!is_count(signatures.size())) return Error::kValueOutOfRange;
  cbor::Writer writer(out);
  writer.put_tag(static_cast<uint64_t>(Structure::kSign)).put_array(4);
  writer.put_bytes({}).put_map(0).put_null().put_array(signatures.size());
  for (const SignatureEntry& entry : signatures) {
    writer.put_array(3);
    put_headers(writer, entry.headers);
    writer.put_bytes(entry.signature);
  }
  return writer.finish();
}

Result<ByteView> encode_mac0(ByteView payload, ByteView key, ByteView key_id, MutableBytes out) noexcept {
  TAILOR_TRY(VerificationKey::from_bytes(KeyKind::kHmac256, key));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag, tag_of(Structure::kMac0, payload, key));
  return encode_mac0({{algorithm::kHmac256, key_id}, tag}, out);
}

Result<ByteView> encode_mac(ByteView payload, ByteView key, std::span<const MacRecipient> recipients,
                            MutableBytes out) noexcept {
  if (!is_count(recipients.size())) return Error::kValueOutOfRange;
  TAILOR_TRY(VerificationKey::from_bytes(KeyKind::kHmac256, key));
  for (const MacRecipient& recipient : recipients) {
    if (recipient.wrapping_key.empty() && recipients.size() != 1) return Error::kValueOutOfRange;
  }
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag, tag_of(Structure::kMac, payload, key));
  cbor::Writer writer(out);
  writer.put_tag(static_cast<uint64_t>(Structure::kMac)).put_array(5);
  put_headers(writer, {algorithm::kHmac256, {}});
  writer.put_null().put_bytes(tag).put_array(recipients.size());
  for (const MacRecipient& recipient : recipients) TAILOR_TRY(put_recipient(writer, recipient, key));
  return writer.finish();
}

}  // namespace tailor::cose
