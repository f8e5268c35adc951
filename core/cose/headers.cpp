// SPDX-License-Identifier: Apache-2.0
#include "core/cose/headers.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/cose/options.hpp"

namespace tailor::cose {
namespace {

Status take_once(cbor::Reader& reader, ByteView& value) noexcept {
  if (value.data() != nullptr) return Error::kDuplicateKey;
  TAILOR_TRY_ASSIGN(value, reader.take_bytes());
  return kOk;
}

/// What only encryption uses; any other parameter is passed over.
[[maybe_unused]] Status take_encryption_parameter(cbor::Reader& reader, int64_t label, Headers& headers) noexcept {
  if (label == header::kIv) return take_once(reader, headers.iv);
  if (label == header::kSalt) return take_once(reader, headers.salt);
  TAILOR_TRY_ASSIGN(const ByteView item, reader.take_item());
  if (label != header::kEphemeralKey) return kOk;
  if (headers.ephemeral_key.data() != nullptr) return Error::kDuplicateKey;
  headers.ephemeral_key = item;
  return kOk;
}

Status take_parameter(cbor::Reader& reader, int64_t label, bool is_protected, Headers& headers) noexcept {
  switch (label) {
    case header::kAlgorithm: {
      if (headers.algorithm != 0) return Error::kDuplicateKey;
      if (reader.next_is(cbor::Type::kText)) return Error::kAlgorithmUnsupported;
      TAILOR_TRY_ASSIGN(headers.algorithm, reader.take_int());
      headers.algorithm_is_protected = is_protected;
      return kOk;
    }
    case header::kCritical:
      return Error::kCoseUnsupported;
    case header::kKeyId:
      return take_once(reader, headers.key_id);
    default:
      break;
  }
  if constexpr (options::kEncrypt) return take_encryption_parameter(reader, label, headers);
  TAILOR_TRY(reader.take_item());
  return kOk;
}

Status take_map(cbor::Reader& reader, bool is_protected, Headers& headers) noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const ByteView key, map.next_key_item());
    const auto label = cbor::Reader(key).take_int();
    TAILOR_TRY(take_parameter(reader, label.ok() ? *label : 0, is_protected, headers));
  }
  return kOk;
}

}  // namespace

Status take_headers(cbor::Reader& reader, Headers& headers) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView content, reader.take_bytes());
  cbor::Reader inner(content);
  if (!inner.at_end()) {
    TAILOR_TRY(take_map(inner, true, headers));
    TAILOR_TRY(inner.finish());
    // A map without parameters is taken as the empty string (RFC 9052 4.4, 5.3, 6.3).
    if (content.size() > 1) headers.protected_content = content;
  }
  return take_map(reader, false, headers);
}

}  // namespace tailor::cose
