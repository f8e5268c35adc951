// SPDX-License-Identifier: Apache-2.0
#include "core/cose/encoder/private_key.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/cose/algorithms.hpp"

namespace tailor::cose {
namespace {

constexpr size_t kCoordinateBytes = 32;
constexpr size_t kMinSymmetricBytes = 16;

struct KindRow {
  PrivateKeyKind kind;
  uint8_t key_type;
  uint8_t curve;  ///< 0: none
};
constexpr KindRow kKinds[] = {{PrivateKeyKind::kP256, 2, 1},
                              {PrivateKeyKind::kEd25519, 1, 6},
                              {PrivateKeyKind::kX25519, 1, 4},
                              {PrivateKeyKind::kSymmetric, 4, 0}};

/// All parameters of a COSE_Key that any kind here has. Absent strings have no place.
struct Parameters {
  uint64_t key_type = 0, curve = 0;
  int64_t algorithm = 0;
  ByteView key_id, x, y, secret;
};

Status take_string(cbor::Reader& reader, ByteView& value) noexcept {
  if (reader.next_is(cbor::Type::kSimple)) return Error::kCoseUnsupported;  // a compressed point
  TAILOR_TRY_ASSIGN(value, reader.take_bytes());
  return value.empty() ? Status(Error::kValueOutOfRange) : Status(kOk);
}

Status take_parameter(cbor::Reader& reader, int64_t label, Parameters& parameters) noexcept {
  constexpr uint64_t kSymmetricType = 4;
  switch (label) {
    case 1: {
      TAILOR_TRY_ASSIGN(parameters.key_type, reader.take_unsigned());
      return kOk;
    }
    case 2:
      return take_string(reader, parameters.key_id);
    case 3: {
      TAILOR_TRY_ASSIGN(parameters.algorithm, reader.take_int());
      return parameters.algorithm == 0 ? Status(Error::kValueOutOfRange) : Status(kOk);
    }
    case -1: {
      if (parameters.key_type == kSymmetricType) return take_string(reader, parameters.secret);
      TAILOR_TRY_ASSIGN(parameters.curve, reader.take_unsigned());
      return kOk;
    }
    case -2:
      return take_string(reader, parameters.x);
    case -3:
      return take_string(reader, parameters.y);
    case -4:
      return take_string(reader, parameters.secret);
    default:
      return Error::kUnknownKey;
  }
}

Result<const KindRow*> take_all(ByteView bytes, Parameters& parameters) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    TAILOR_TRY(take_parameter(reader, label, parameters));
  }
  TAILOR_TRY(reader.finish());
  if (parameters.key_type == 0) return Error::kMissingKey;
  for (const KindRow& row : kKinds) {
    if (row.key_type != parameters.key_type || row.curve != parameters.curve) continue;
    // Parameters of another type are none of this one.
    if (row.curve == 0 && !(parameters.x.empty() && parameters.y.empty())) return Error::kUnknownKey;
    if (row.key_type == 1 && !parameters.y.empty()) return Error::kUnknownKey;
    return &row;
  }
  return parameters.curve == 0 ? Error::kMissingKey : Error::kCoseUnsupported;
}

/// Computes the public coordinates: 64 bytes of P-256, 32 of the others.
Result<ByteView> public_part(const PrivateKey& key, std::array<uint8_t, 64>& out) noexcept {
  std::array<uint8_t, 32> secret{};
  std::memcpy(secret.data(), key.secret_bytes().data(), secret.size());
  Status status = kOk;
  size_t size = kCoordinateBytes;
  const auto keep = [&](const auto& result, const auto& octets_of) {
    if (!result.ok()) {
      status = result.error();
      return;
    }
    const auto& octets = octets_of(*result);
    std::memcpy(out.data(), octets.data(), octets.size());
    size = octets.size();
  };
  if (key.kind() == PrivateKeyKind::kP256) {
    keep(crypto::public_key_of(crypto::P256PrivateKey(secret)), [](const auto& open) { return open.xy; });
  } else if (key.kind() == PrivateKeyKind::kEd25519) {
    keep(crypto::public_key_of(crypto::Ed25519PrivateKey(secret)), [](const auto& open) { return open.bytes; });
  } else {
    keep(crypto::public_key_of(crypto::X25519PrivateKey(secret)), [](const auto& open) { return open.bytes; });
  }
  wipe(secret);
  TAILOR_TRY(status);
  return ByteView(out).first(size);
}

Status check_coordinate(ByteView given, ByteView own) noexcept {
  return given.empty() || equal(given, own) ? Status(kOk) : Status(Error::kValueOutOfRange);
}

}  // namespace

Result<PrivateKey> PrivateKey::from_bytes(PrivateKeyKind kind, ByteView secret) noexcept {
  const size_t size = secret.size();
  bool fits = false;
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) {
      fits = row.curve != 0 ? size == kCoordinateBytes : size >= kMinSymmetricBytes && size <= kMaxBytes;
    }
  }
  if (!fits) return Error::kValueOutOfRange;
  PrivateKey key;
  key.kind_ = kind;
  key.size_ = static_cast<uint8_t>(size);
  std::memcpy(key.secret_.data(), secret.data(), size);
  return key;
}

Result<PrivateKey> decode_private_key(ByteView bytes) noexcept {
  Parameters parameters;
  TAILOR_TRY_ASSIGN(const KindRow* const row, take_all(bytes, parameters));
  if (parameters.secret.empty()) return Error::kMissingKey;
  TAILOR_TRY_ASSIGN(PrivateKey key, PrivateKey::from_bytes(row->kind, parameters.secret));
  key.key_id = parameters.key_id;
  key.algorithm = parameters.algorithm;
  if (parameters.x.empty() && parameters.y.empty()) return key;
  std::array<uint8_t, 64> buffer;
  TAILOR_TRY_ASSIGN(const ByteView own, public_part(key, buffer));
  TAILOR_TRY(check_coordinate(parameters.x, own.first(kCoordinateBytes)));
  TAILOR_TRY(check_coordinate(parameters.y, own.last(kCoordinateBytes)));
  return key;
}

Result<ByteView> encode_private_key(const PrivateKey& key, MutableBytes out) noexcept {
  const KindRow* row = kKinds;
  while (row->kind != key.kind()) ++row;
  std::array<uint8_t, 64> buffer;
  ByteView point;
  if (row->curve != 0) {
    TAILOR_TRY_ASSIGN(point, public_part(key, buffer));
  }
  cbor::Writer writer(out);
  const size_t own = row->curve == 0 ? 1 : 2 + point.size() / kCoordinateBytes;
  writer.put_map(1 + own + (key.key_id.empty() ? 0U : 1U) + (key.algorithm == 0 ? 0U : 1U));
  writer.put_int(1).put_unsigned(row->key_type);
  if (!key.key_id.empty()) writer.put_int(2).put_bytes(key.key_id);
  if (key.algorithm != 0) writer.put_int(3).put_int(key.algorithm);
  if (row->curve == 0) return writer.put_int(-1).put_bytes(key.secret_bytes()).finish();
  writer.put_int(-1).put_unsigned(row->curve).put_int(-2).put_bytes(point.first(kCoordinateBytes));
  if (point.size() > kCoordinateBytes) writer.put_int(-3).put_bytes(point.last(kCoordinateBytes));
  return writer.put_int(-4).put_bytes(key.secret_bytes()).finish();
}

Result<RecipientKey> decode_recipient_key(ByteView bytes) noexcept {
  Parameters parameters;
  TAILOR_TRY_ASSIGN(const KindRow* const row, take_all(bytes, parameters));
  if (row->kind != PrivateKeyKind::kP256 && row->kind != PrivateKeyKind::kX25519) return Error::kCoseUnsupported;
  if (!parameters.secret.empty()) return Error::kUnknownKey;
  if (parameters.algorithm != 0 && parameters.algorithm != algorithm::kEcdhEsA128Kw) {
    return Error::kAlgorithmUnsupported;
  }
  RecipientKey key;
  key.kind = row->kind;
  key.key_id = parameters.key_id;
  const bool has_y = row->kind == PrivateKeyKind::kP256;
  if (parameters.x.empty() || parameters.y.empty() == has_y) return Error::kMissingKey;
  if (parameters.x.size() != kCoordinateBytes || (has_y && parameters.y.size() != kCoordinateBytes)) {
    return Error::kValueOutOfRange;
  }
  std::memcpy(key.point.data(), parameters.x.data(), kCoordinateBytes);
  if (has_y) std::memcpy(key.point.data() + kCoordinateBytes, parameters.y.data(), kCoordinateBytes);
  return key;
}

}  // namespace tailor::cose
