// SPDX-License-Identifier: Apache-2.0
#include "core/cose/key.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"

namespace tailor::cose {
namespace {

// Key parameters (RFC 9052 7.1, RFC 9053 7.1.1).
constexpr int64_t kKeyType = 1;
constexpr int64_t kKeyId = 2;
constexpr int64_t kAlgorithm = 3;
constexpr int64_t kCurve = -1;
constexpr int64_t kX = -2;
constexpr int64_t kY = -3;

constexpr uint64_t kTypeEc2 = 2;
constexpr uint64_t kCurveP256 = 1;
constexpr size_t kCoordinateBytes = 32;

Status take_one_of(cbor::Reader& reader, uint64_t expected) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t value, reader.take_unsigned());
  return value == expected ? Status(kOk) : Status(Error::kCoseUnsupported);
}

Status take_coordinate(cbor::Reader& reader, uint8_t* out) noexcept {
  if (reader.next_is(cbor::Type::kSimple)) return Error::kCoseUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  if (bytes.size() != kCoordinateBytes) return Error::kValueOutOfRange;
  std::memcpy(out, bytes.data(), bytes.size());
  return kOk;
}

void put_required(cbor::Writer& writer, const crypto::P256PublicKey& key) noexcept {
  const ByteView xy(key.xy);
  writer.put_int(kCurve).put_unsigned(kCurveP256);
  writer.put_int(kX).put_bytes(xy.first(kCoordinateBytes));
  writer.put_int(kY).put_bytes(xy.last(kCoordinateBytes));
}

}  // namespace

Result<Ec2Key> decode_key(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Ec2Key key;
  unsigned required_left = 4;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    switch (label) {
      case kKeyType:
        TAILOR_TRY(take_one_of(reader, kTypeEc2));
        --required_left;
        break;
      case kKeyId: {
        TAILOR_TRY_ASSIGN(key.key_id, reader.take_bytes());
        if (key.key_id.empty()) return Error::kValueOutOfRange;
        break;
      }
      case kAlgorithm: {
        TAILOR_TRY_ASSIGN(key.algorithm, reader.take_int());
        if (key.algorithm == 0) return Error::kValueOutOfRange;
        break;
      }
      case kCurve:
        TAILOR_TRY(take_one_of(reader, kCurveP256));
        --required_left;
        break;
      case kX:
        TAILOR_TRY(take_coordinate(reader, key.key.xy.data()));
        --required_left;
        break;
      case kY:
        TAILOR_TRY(take_coordinate(reader, key.key.xy.data() + kCoordinateBytes));
        --required_left;
        break;
      default:
        return Error::kUnknownKey;
    }
  }
  TAILOR_TRY(reader.finish());
  if (required_left != 0) return Error::kMissingKey;
  return key;
}

Result<ByteView> encode_key(const Ec2Key& key, MutableBytes out) noexcept {
  cbor::Writer writer(out);
  writer.put_map(4U + (key.key_id.empty() ? 0U : 1U) + (key.algorithm == 0 ? 0U : 1U));
  writer.put_int(kKeyType).put_unsigned(kTypeEc2);
  if (!key.key_id.empty()) writer.put_int(kKeyId).put_bytes(key.key_id);
  if (key.algorithm != 0) writer.put_int(kAlgorithm).put_int(key.algorithm);
  put_required(writer, key.key);
  return writer.finish();
}

Result<crypto::Sha256Digest> thumbprint(const crypto::P256PublicKey& key) noexcept {
  std::array<uint8_t, kMaxKeyBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView encoded, encode_key({key, {}, 0}, buffer));
  return crypto::sha256(encoded);
}

}  // namespace tailor::cose
