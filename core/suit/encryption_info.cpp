// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encryption_info.hpp"

#include "core/cose/algorithms.hpp"
#include "core/cose/headers.hpp"
#include "core/cose/options.hpp"

namespace tailor::suit {
namespace {

/// AES-CTR cannot protect headers, and says so by having none; an AEAD has its algorithm among them.
Status check_headers(const cose::Headers& headers, size_t tag_bytes) noexcept {
  const bool is_aead = tag_bytes != 0;
  if (is_aead != headers.algorithm_is_protected) return Error::kCoseUnsupported;
  if (!is_aead && !headers.protected_content.empty()) return Error::kCoseUnsupported;
  return kOk;
}

Status take_algorithm(const cose::Headers& headers, EncryptionInfo& info) noexcept {
  if (headers.algorithm == 0) return Error::kCoseUnsupported;
  info.algorithm = static_cast<crypto::ContentAlgorithm>(headers.algorithm);
  const crypto::ContentSizes sizes = crypto::content_sizes(info.algorithm);
  if (sizes.key == 0) return Error::kAlgorithmUnsupported;
  info.key_bytes = sizes.key;
  info.tag_bytes = sizes.tag;
  TAILOR_TRY(check_headers(headers, sizes.tag));
  if (headers.iv.data() == nullptr) return Error::kMissingKey;
  return headers.iv.size() == sizes.iv ? Status(kOk) : Status(Error::kValueOutOfRange);
}

Status decode(ByteView bytes, EncryptionInfo& info) noexcept {
  cbor::Reader reader = cbor::Reader::in_any_order(bytes);  // as the published examples have it
  reader.require(reader.tag() == kEncryptTag, Error::kCoseUnsupported);
  reader.require(reader.array() == 4, Error::kCoseUnsupported);
  cose::Headers headers;
  cose::read_headers(reader, headers);
  TAILOR_TRY(reader.status());
  TAILOR_TRY(take_algorithm(headers, info));
  info.protected_content = headers.protected_content;
  info.iv = headers.iv;
  info.detached = reader.next_is_null();
  if (info.detached) {
    reader.null();
  } else {
    reader.bytes(info.ciphertext);
  }
  info.recipient_count = reader.array();
  reader.require(info.recipient_count != 0 && info.recipient_count <= kMaxRecipients, Error::kValueOutOfRange);
  info.recipients = reader.rest();
  for (size_t i = 0; i < info.recipient_count; ++i) reader.item();
  return reader.finished();
}

}  // namespace

Result<EncryptionInfo> decode_encryption_info(ByteView bytes) noexcept {
  if constexpr (!cose::options::kEncrypt) return Error::kParameterUnsupported;
  EncryptionInfo info;
  TAILOR_TRY(decode(bytes, info));
  return info;
}

}  // namespace tailor::suit
