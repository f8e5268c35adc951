// SPDX-License-Identifier: Apache-2.0
#include "core/cose/key.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/cose/algorithms.hpp"

namespace tailor::cose {
namespace {

// Key parameters (RFC 9052 7.1); -1 to -3 mean what the key type says.
constexpr int64_t kKeyType = 1;
constexpr int64_t kKeyId = 2;
constexpr int64_t kAlgorithm = 3;
constexpr int64_t kCurve = -1;  // EC2 and OKP (RFC 9053 7.1)
constexpr int64_t kX = -2;
constexpr int64_t kY = -3;
constexpr int64_t kOctets = -1;  // HSS-LMS (RFC 8778 4), Symmetric (RFC 9053 7.3)

/// A kind of key in COSE's terms.
struct KindRow {
  KeyKind kind;
  uint8_t key_type;
  uint8_t curve;  ///< 0: the type has none, and the key is one string
  int8_t algorithm, legacy_algorithm;
};
constexpr KindRow kKinds[] = {
    {KeyKind::kP256, 2, 1, algorithm::kEsp256, algorithm::kEs256},
    {KeyKind::kEd25519, 1, 6, algorithm::kEd25519, algorithm::kEdDsa},
    {KeyKind::kHssLms, 5, 0, algorithm::kHssLms, algorithm::kHssLms},
    {KeyKind::kHmac256, 4, 0, algorithm::kHmac256, algorithm::kHmac256},
    {KeyKind::kAesKw, 4, 0, 0, 0},  // told from an HMAC key by its algorithm, which therefore always stands in it
};

constexpr size_t kCoordinateBytes = 32;

const KindRow& row_of(KeyKind kind) noexcept {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row;
  }
  __builtin_trap();
}

const KindRow* row_of_type(uint64_t key_type) noexcept {
  for (const KindRow& row : kKinds) {
    if (row.key_type == key_type) return &row;
  }
  return nullptr;
}

/// The octets of a key while its parameters come.
struct Octets {
  uint8_t bytes[VerificationKey::kMaxBytes] = {};
  size_t size = 0;
  bool curve = false;

  Status append(cbor::Reader& reader) noexcept {
    if (reader.next_is(cbor::Type::kSimple)) return Error::kCoseUnsupported;
    TAILOR_TRY_ASSIGN(const ByteView part, reader.take_bytes());
    if (part.empty() || part.size() > sizeof bytes - size) return Error::kValueOutOfRange;
    std::memcpy(bytes + size, part.data(), part.size());
    size += part.size();
    return kOk;
  }

  Status append_coordinate(cbor::Reader& reader) noexcept {
    const size_t before = size;
    TAILOR_TRY(append(reader));
    return size - before == kCoordinateBytes ? Status(kOk) : Status(Error::kValueOutOfRange);
  }
};

/// Takes a parameter of the key type's own.
Status take_own(cbor::Reader& reader, int64_t label, const KindRow& row, Octets& octets) noexcept {
  if (row.curve == 0) return label == kOctets ? octets.append(reader) : Status(Error::kUnknownKey);
  if (label == kCurve) {
    TAILOR_TRY_ASSIGN(const uint64_t curve, reader.take_unsigned());
    octets.curve = true;
    return curve == row.curve ? Status(kOk) : Status(Error::kCoseUnsupported);
  }
  if (label == kX || (label == kY && row.kind == KeyKind::kP256)) return octets.append_coordinate(reader);
  return Error::kUnknownKey;
}

Result<ByteView> encode(const VerificationKey& key, ByteView key_id, int64_t algorithm, MutableBytes out) noexcept {
  const KindRow& row = row_of(key.kind());
  const ByteView octets = key.bytes();
  const size_t own = row.curve == 0 ? 1 : 1 + octets.size() / kCoordinateBytes;
  cbor::Writer writer(out);
  writer.put_map(1 + own + (key_id.empty() ? 0U : 1U) + (algorithm == 0 ? 0U : 1U));
  writer.put_int(kKeyType).put_unsigned(row.key_type);
  if (!key_id.empty()) writer.put_int(kKeyId).put_bytes(key_id);
  if (algorithm != 0) writer.put_int(kAlgorithm).put_int(algorithm);
  if (row.curve == 0) {
    writer.put_int(kOctets).put_bytes(octets);
  } else {
    writer.put_int(kCurve).put_unsigned(row.curve);
    writer.put_int(kX).put_bytes(octets.first(kCoordinateBytes));
    if (own == 3) writer.put_int(kY).put_bytes(octets.last(kCoordinateBytes));
  }
  return writer.finish();
}

}  // namespace

Result<Key> decode_key(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Key key;
  const KindRow* row = nullptr;
  Octets octets;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == kKeyType) {
      TAILOR_TRY_ASSIGN(const uint64_t type, reader.take_unsigned());
      row = row_of_type(type);
      if (row == nullptr) return Error::kCoseUnsupported;
    } else if (row == nullptr) {
      return Error::kMissingKey;  // the type is the first in order
    } else if (label == kKeyId) {
      TAILOR_TRY_ASSIGN(key.key_id, reader.take_bytes());
      if (key.key_id.empty()) return Error::kValueOutOfRange;
    } else if (label == kAlgorithm) {
      TAILOR_TRY_ASSIGN(key.algorithm, reader.take_int());
      if (key.algorithm == 0) return Error::kValueOutOfRange;
      if (row->kind == KeyKind::kHmac256 && algorithm::is_key_wrap(key.algorithm)) {
        row = &row_of(KeyKind::kAesKw);
      } else if (key.algorithm != row->algorithm && key.algorithm != row->legacy_algorithm) {
        return Error::kAlgorithmUnsupported;
      }
    } else {
      TAILOR_TRY(take_own(reader, label, *row, octets));
    }
  }
  TAILOR_TRY(reader.finish());
  if (row == nullptr || octets.size == 0 || octets.curve != (row->curve != 0)) return Error::kMissingKey;
  if (row->kind == KeyKind::kP256 && octets.size == kCoordinateBytes) return Error::kMissingKey;
  TAILOR_TRY_ASSIGN(key.key, VerificationKey::from_bytes(row->kind, ByteView(octets.bytes, octets.size)));
  if (row->kind == KeyKind::kAesKw) {
    if (key.algorithm != algorithm::key_wrap_for(octets.size)) return Error::kValueOutOfRange;
    key.algorithm = 0;
  }
  return key;
}

Result<crypto::Sha256Digest> thumbprint(const VerificationKey& key) noexcept {
  std::array<uint8_t, kMaxKeyBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView encoded, encode(key, {}, 0, buffer));
  return crypto::sha256(encoded);
}

Result<ByteView> encode_key(const Key& key, MutableBytes out) noexcept {
  const bool wraps = key.key.kind() == KeyKind::kAesKw;
  return encode(key.key, key.key_id, wraps ? algorithm::key_wrap_for(key.key.bytes().size()) : key.algorithm, out);
}

}  // namespace tailor::cose
