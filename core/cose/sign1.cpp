// SPDX-License-Identifier: Apache-2.0
#include "core/cose/sign1.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"

namespace tailor::cose {
namespace {

// Header parameters (RFC 9052 3.1).
constexpr int64_t kAlgorithm = 1;
constexpr int64_t kCritical = 2;
constexpr int64_t kKeyId = 4;

Status take_algorithm(cbor::Reader& reader, bool is_protected, Sign1& message) noexcept {
  if (!is_protected) return Error::kCoseUnsupported;
  if (reader.next_is(cbor::Type::kText)) return Error::kAlgorithmUnsupported;
  TAILOR_TRY_ASSIGN(message.algorithm, reader.take_int());
  return kOk;
}

Status take_header(cbor::Reader& reader, bool is_protected, Sign1& message) noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const ByteView key, map.next_key_item());
    const auto label = cbor::Reader(key).take_int();
    if (label.ok() && *label == kAlgorithm) {
      TAILOR_TRY(take_algorithm(reader, is_protected, message));
    } else if (label.ok() && *label == kCritical) {
      return Error::kCoseUnsupported;
    } else if (label.ok() && *label == kKeyId) {
      if (!message.key_id.empty()) return Error::kDuplicateKey;
      TAILOR_TRY_ASSIGN(message.key_id, reader.take_bytes());
    } else {
      TAILOR_TRY(reader.take_item());
    }
  }
  return kOk;
}

/// Digests the Sig_structure (RFC 9052 4.4) without putting it together.
Result<crypto::Sha256Digest> digest_to_sign(ByteView protected_header, ByteView external_data,
                                            ByteView payload) noexcept {
  static constexpr uint8_t kContext[] = {0x84, 0x6A, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
  crypto::Hash hash;
  TAILOR_TRY(hash.update(kContext));
  for (const ByteView part : {protected_header, external_data, payload}) {
    uint8_t head[cbor::kMaxHeadBytes];
    const size_t length = cbor::encode_head(cbor::Type::kBytes, part.size(), head);
    TAILOR_TRY(hash.update(ByteView(head, length)));
    TAILOR_TRY(hash.update(part));
  }
  crypto::Sha256Digest digest;
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

}  // namespace

Result<Sign1> decode_sign1(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(const uint64_t tag, reader.take_tag());
  if (tag != kSign1Tag) return Error::kCoseUnsupported;
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 4) return Error::kCoseUnsupported;
  Sign1 message;
  TAILOR_TRY_ASSIGN(message.protected_header, reader.take_bytes());
  cbor::Reader header(message.protected_header);
  if (!header.at_end()) {
    TAILOR_TRY(take_header(header, true, message));
    TAILOR_TRY(header.finish());
  }
  TAILOR_TRY(take_header(reader, false, message));
  if (message.algorithm == 0) return Error::kCoseUnsupported;
  message.detached = reader.next_is_null();
  if (message.detached) {
    TAILOR_TRY(reader.take_null());
  } else {
    TAILOR_TRY_ASSIGN(message.payload, reader.take_bytes());
  }
  TAILOR_TRY_ASSIGN(message.signature, reader.take_bytes());
  TAILOR_TRY(reader.finish());
  return message;
}

Status verify_sign1(const Sign1& message, ByteView payload, const VerificationKey& key,
                    const VerificationPolicy& policy, ByteView external_data) noexcept {
  const bool supported =
      message.algorithm == algorithm::kEsp256 || (message.algorithm == algorithm::kEs256 && policy.legacy_algorithms);
  if (!supported || key.kind() != KeyKind::kP256) return Error::kAlgorithmUnsupported;
  crypto::P256Signature signature;
  if (message.signature.size() != signature.size()) return Error::kSignatureInvalid;
  std::memcpy(signature.data(), message.signature.data(), signature.size());
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest,
                    digest_to_sign(message.protected_header, external_data, payload));
  return crypto::verify_p256(key.p256(), digest, signature);
}

Result<ByteView> sign1(ByteView payload, const crypto::P256PrivateKey& key, const SignOptions& options,
                       MutableBytes out) noexcept {
  if (options.algorithm != algorithm::kEsp256 && options.algorithm != algorithm::kEs256)
    return Error::kAlgorithmUnsupported;
  std::array<uint8_t, 3> protected_header;
  cbor::Writer header(protected_header);
  header.put_map(1).put_int(kAlgorithm).put_int(options.algorithm);
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest,
                    digest_to_sign(protected_header, options.external_data, payload));
  TAILOR_TRY_ASSIGN(const crypto::P256Signature signature, crypto::sign_p256(key, digest));
  cbor::Writer writer(out);
  writer.put_tag(kSign1Tag).put_array(4).put_bytes(protected_header);
  if (options.key_id.empty()) {
    writer.put_map(0);
  } else {
    writer.put_map(1).put_int(kKeyId).put_bytes(options.key_id);
  }
  if (options.detached) {
    writer.put_null();
  } else {
    writer.put_bytes(payload);
  }
  return writer.put_bytes(signature).finish();
}

}  // namespace tailor::cose
