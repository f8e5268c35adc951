// SPDX-License-Identifier: Apache-2.0
#include "core/cose/sign1.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/signed_data.hpp"

namespace tailor::cose {

Result<Sign1> decode_sign1(ByteView bytes) noexcept {
  Block block;
  TAILOR_TRY(decode_block(bytes, block));
  if (block.structure != Structure::kSign1 || !block.headers.algorithm_is_protected) return Error::kCoseUnsupported;
  Sign1 message;
  message.protected_header = block.headers.protected_content;
  message.algorithm = block.headers.algorithm;
  message.key_id = block.headers.key_id;
  message.payload = block.payload;
  message.detached = block.detached;
  message.signature = block.authenticator;
  return message;
}

Status verify_sign1(const Sign1& message, ByteView payload, const VerificationKey& key,
                    const VerificationPolicy& policy, ByteView external_data) noexcept {
  Block block;
  block.headers.protected_content = message.protected_header;
  block.headers.algorithm = message.algorithm;
  block.headers.algorithm_is_protected = true;
  block.authenticator = message.signature;
  Claim claim;
  TAILOR_TRY(Claims(block, policy).next(claim));
  return verify(claim, payload, key, external_data);
}

Result<ByteView> sign1(ByteView payload, const crypto::P256PrivateKey& key, const SignOptions& options,
                       MutableBytes out) noexcept {
  if (options.algorithm != algorithm::kEsp256 && options.algorithm != algorithm::kEs256)
    return Error::kAlgorithmUnsupported;
  std::array<uint8_t, 3> protected_header;
  cbor::Writer header(protected_header);
  header.put_map(1).put_int(header::kAlgorithm).put_int(options.algorithm);
  Claim claim;
  claim.body_protected = protected_header;
  std::array<uint8_t, kMaxSignedBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView before, encode_before_payload(claim, options.external_data, payload.size(), buffer));
  crypto::Sha256Digest hashed;
  TAILOR_TRY(digest(before, payload, hashed));
  TAILOR_TRY_ASSIGN(const crypto::P256Signature signature, crypto::sign_p256(key, hashed));
  cbor::Writer writer(out);
  writer.put_tag(kSign1Tag).put_array(4).put_bytes(protected_header);
  if (options.key_id.empty()) {
    writer.put_map(0);
  } else {
    writer.put_map(1).put_int(header::kKeyId).put_bytes(options.key_id);
  }
  if (options.detached) {
    writer.put_null();
  } else {
    writer.put_bytes(payload);
  }
  return writer.put_bytes(signature).finish();
}

}  // namespace tailor::cose
