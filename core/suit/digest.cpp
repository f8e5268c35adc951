// SPDX-License-Identifier: Apache-2.0
#include "core/suit/digest.hpp"

#include "core/suit/labels.hpp"

namespace tailor::suit {

Result<Digest> take_digest(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 2) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(const int64_t number, reader.take_int());
  const auto algorithm = static_cast<crypto::HashAlgorithm>(number);
  const size_t length = static_cast<int32_t>(number) == number ? crypto::hash_bytes(algorithm) : 0;
  if (length == 0) return Error::kAlgorithmUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  if (bytes.size() != length) return Error::kValueOutOfRange;
  return Digest{bytes, algorithm};
}

Result<Digest> decode_digest(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  auto digest = take_digest(reader);
  if (digest.ok() && !reader.at_end()) return Error::kTrailingBytes;
  return digest;
}

cbor::Writer& put_digest(cbor::Writer& writer, const crypto::Sha256Digest& digest) noexcept {
  return writer.put_array(2).put_int(digest_algorithm::kSha256).put_bytes(digest);
}

Status finish_digest(crypto::Hash& hash, const Digest& digest, Error mismatch) noexcept {
  std::array<uint8_t, crypto::kMaxHashBytes> buffer;
  const auto computed = hash.finish(buffer);
  if (!computed.ok()) return computed.error();
  return equal(*computed, digest.bytes) ? Status(kOk) : Status(mismatch);
}

Status check_digest(const Digest& digest, ByteView bytes, Error mismatch) noexcept {
  crypto::Hash hash(digest.algorithm);
  TAILOR_TRY(hash.update(bytes));
  return finish_digest(hash, digest, mismatch);
}

}  // namespace tailor::suit
