// SPDX-License-Identifier: Apache-2.0
#include "core/cose/headers.hpp"

#include "core/cose/options.hpp"

namespace tailor::cose {
namespace {

void read_once(cbor::Reader& reader, ByteView& value) noexcept {
  reader.require(value.data() == nullptr, Error::kDuplicateKey);
  reader.bytes(value);
}

void read_parameter(cbor::Reader& reader, int32_t label, bool is_protected, Headers& headers) noexcept {
  switch (label) {
    case header::kAlgorithm:
      reader.require(headers.algorithm == 0, Error::kDuplicateKey);
      reader.require(!reader.next_is(cbor::Type::kText), Error::kAlgorithmUnsupported);
      headers.algorithm = reader.label();
      headers.algorithm_is_protected = is_protected;
      return;
    case header::kCritical:
      return reader.fail(Error::kCoseUnsupported);
    case header::kKeyId:
      return read_once(reader, headers.key_id);
    case header::kIv:
      if (options::kEncrypt) return read_once(reader, headers.iv);
      break;
    case header::kSalt:
      if (options::kEncrypt) return read_once(reader, headers.salt);
      break;
    case header::kEphemeralKey:
      if (!options::kEncrypt) break;
      reader.require(headers.ephemeral_key.data() == nullptr, Error::kDuplicateKey);
      return reader.item(headers.ephemeral_key);
    default:
      break;
  }
  reader.item();  // any other parameter is passed over
}

void read_map(cbor::Reader& reader, bool is_protected, Headers& headers) noexcept {
  ByteView previous;
  for (size_t pairs = reader.map(); pairs > 0 && !reader.failed(); --pairs) {
    ByteView key;
    reader.item(key);
    reader.fail_with(reader.check_next_key(previous, key));
    previous = key;
    read_parameter(reader, cbor::Reader(key).label(), is_protected, headers);  // 0 for one that is a text
  }
}

}  // namespace

void read_headers(cbor::Reader& reader, Headers& headers) noexcept {
  const ByteView content = reader.bytes();
  cbor::Reader inner(content);
  if (!inner.at_end()) {
    read_map(inner, true, headers);
    reader.fail_with(inner.finished());
    // A map without parameters is taken as the empty string (RFC 9052 4.4, 5.3, 6.3).
    if (content.size() > 1) headers.protected_content = content;
  }
  read_map(reader, false, headers);
}

}  // namespace tailor::cose
