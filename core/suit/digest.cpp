// SPDX-License-Identifier: Apache-2.0
#include "core/suit/digest.hpp"

#include "core/suit/labels.hpp"

namespace tailor::suit {

Result<Digest> take_digest(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 2) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(const int64_t algorithm, reader.take_int());
  if (algorithm != digest_algorithm::kSha256) return Error::kAlgorithmUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  if (bytes.size() != crypto::kSha256Bytes) return Error::kValueOutOfRange;
  return Digest{bytes};
}

Result<Digest> decode_digest(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  TAILOR_TRY_ASSIGN(const Digest digest, take_digest(reader));
  TAILOR_TRY(reader.finish());
  return digest;
}

cbor::Writer& put_digest(cbor::Writer& writer, const crypto::Sha256Digest& digest) noexcept {
  return writer.put_array(2).put_int(digest_algorithm::kSha256).put_bytes(digest);
}

Status check_digest(const Digest& digest, ByteView bytes, Error mismatch) noexcept {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest computed, crypto::sha256(bytes));
  return equal(computed, digest.bytes) ? Status(kOk) : Status(mismatch);
}

}  // namespace tailor::suit
