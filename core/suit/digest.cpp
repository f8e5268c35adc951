// SPDX-License-Identifier: Apache-2.0
#include "core/suit/digest.hpp"

#include "core/suit/labels.hpp"

namespace tailor::suit {

void read_digest(cbor::Reader& reader, Digest& digest) noexcept {
  reader.require(reader.array() == 2, Error::kValueOutOfRange);
  digest.algorithm = static_cast<crypto::HashAlgorithm>(reader.label());
  const size_t length = crypto::hash_bytes(digest.algorithm);
  reader.require(length != 0, Error::kAlgorithmUnsupported);
  reader.bytes(digest.bytes);
  reader.require(digest.bytes.size() == length, Error::kValueOutOfRange);
}

Result<Digest> take_digest(cbor::Reader& reader) noexcept {
  Digest digest;
  read_digest(reader, digest);
  TAILOR_TRY(reader.status());
  return digest;
}

Status decode_digest(ByteView encoded, Digest& digest) noexcept {
  cbor::Reader reader(encoded);
  read_digest(reader, digest);
  return reader.finished();
}

Result<Digest> decode_digest(ByteView encoded) noexcept {
  Digest digest;
  TAILOR_TRY(decode_digest(encoded, digest));
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
