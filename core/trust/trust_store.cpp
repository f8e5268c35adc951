// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the trust store, from one list of keys; its signature; the questions a device asks it.
// docs/formats/trust-store.md.
#include "core/trust/trust_store.hpp"

#include "core/cose/key.hpp"
#include "core/cose/sign1.hpp"
#include "core/update/fields.hpp"

namespace tailor::trust {
namespace {

namespace fields = update::fields;

enum Key : int64_t {
  kFormat = 0,
  kVersion = 1,
  kSigners = 2,
  kServers = 3,
  kOperators = 4,
  kServerUris = 5,
  kAuthorities = 6,
  kRevokedSerials = 7,
};
enum SignerKey : int64_t { kCoseKey = 0, kRights = 1 };

constexpr std::string_view kScheme = "coaps://";

/// What a list says when it has too many entries: the document is larger than a device keeps.
constexpr Error kTooMany = Error::kValueOutOfRange;

bool contains(const auto& list, const Uuid& id) noexcept {
  for (const Uuid& listed : list) {
    if (listed == id) return true;
  }
  return false;
}

/// Reads an array and gives the reader to `take` once for each element.
template <typename Take>
Status take_list(cbor::Reader& reader, Take&& take) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  for (size_t i = 0; i < count; ++i) TAILOR_TRY(take());
  return kOk;
}

Status check_uri(std::string_view uri) noexcept {
  if (uri.size() <= kScheme.size() || uri.size() > limits::kUriBytes) return Error::kValueOutOfRange;
  if (slice(uri, 0, kScheme.size()) != kScheme) return Error::kValueOutOfRange;
  return kOk;
}

Status check_certificate(ByteView der) noexcept {
  if (der.empty() || der.size() > limits::kCertificateBytes) return Error::kValueOutOfRange;
  return kOk;
}

Status check_serial(ByteView serial) noexcept {
  if (serial.empty() || serial.size() > kSerialBytes) return Error::kValueOutOfRange;
  return kOk;
}

/// What both directions demand beyond the types.
Status check(const TrustStore& store) noexcept {
  if (store.version == 0) return Error::kValueOutOfRange;
  for (const Signer& signer : store.signers) {
    for (const update::ComponentId& prefix : signer.rights) TAILOR_TRY(fields::check(prefix, 0));
  }
  for (const std::string_view uri : store.server_uris) TAILOR_TRY(check_uri(uri));
  for (const ByteView der : store.authorities) TAILOR_TRY(check_certificate(der));
  for (const ByteView serial : store.revoked_serials) TAILOR_TRY(check_serial(serial));
  return kOk;
}

Status take_signer(cbor::Reader& reader, Signer& signer) noexcept {
  TAILOR_TRY_ASSIGN(const fields::Keys keys, fields::read_map(reader, [&](int64_t key) -> Status {
                      switch (key) {
                        case kCoseKey: {
                          TAILOR_TRY_ASSIGN(const ByteView encoded, reader.take_item());
                          TAILOR_TRY_ASSIGN(const cose::Key cose_key, cose::decode_key(encoded));
                          // Only the key itself counts: with more, one signer could be written in several ways.
                          if (cose_key.key.kind() != cose::KeyKind::kP256) return Error::kCoseUnsupported;
                          if (!cose_key.key_id.empty() || cose_key.algorithm != 0) return Error::kUnknownKey;
                          signer.key = cose_key.key;
                          return kOk;
                        }
                        case kRights:
                          return take_list(reader, [&]() -> Status {
                            TAILOR_TRY_ASSIGN(const update::ComponentId prefix, fields::take_component_id(reader, 0));
                            return signer.rights.push_back(prefix, kTooMany);
                          });
                        default:
                          return Error::kUnknownKey;
                      }
                    }));
  return keys.demand(kCoseKey, kRights);
}

template <size_t N>
Status take_uuids(cbor::Reader& reader, FixedList<Uuid, N>& list) noexcept {
  return take_list(reader, [&]() -> Status {
    TAILOR_TRY_ASSIGN(const Uuid id, fields::take_uuid(reader));
    return list.push_back(id, kTooMany);
  });
}

template <size_t N>
Status take_strings(cbor::Reader& reader, FixedList<ByteView, N>& list) noexcept {
  return take_list(reader, [&]() -> Status {
    TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
    return list.push_back(bytes, kTooMany);
  });
}

Status take_field(cbor::Reader& reader, int64_t key, TrustStore& store) noexcept {
  switch (key) {
    case kFormat:
      return fields::take_version(reader, kTrustStoreFormat);
    case kVersion: {
      TAILOR_TRY_ASSIGN(store.version, reader.take_unsigned());
      return kOk;
    }
    case kSigners:
      return take_list(reader, [&]() -> Status {
        Signer signer;
        TAILOR_TRY(take_signer(reader, signer));
        return store.signers.push_back(signer, kTooMany);
      });
    case kServers:
      return take_uuids(reader, store.servers);
    case kOperators:
      return take_uuids(reader, store.operators);
    case kServerUris:
      return take_list(reader, [&]() -> Status {
        TAILOR_TRY_ASSIGN(const std::string_view uri, reader.take_text());
        return store.server_uris.push_back(uri, kTooMany);
      });
    case kAuthorities:
      return take_strings(reader, store.authorities);
    case kRevokedSerials:
      return take_strings(reader, store.revoked_serials);
    default:
      return Error::kUnknownKey;
  }
}

Status put_signer(cbor::Writer& writer, const Signer& signer) noexcept {
  std::array<uint8_t, cose::kMaxKeyBytes> buffer{};
  cose::Key cose_key;
  cose_key.key = signer.key;
  TAILOR_TRY_ASSIGN(const ByteView encoded, cose::encode_key(cose_key, buffer));
  writer.put_map(2);
  writer.put_unsigned(kCoseKey).put_encoded(encoded);
  writer.put_unsigned(kRights).put_array(signer.rights.size());
  for (const update::ComponentId& prefix : signer.rights) fields::put(writer, prefix);
  return kOk;
}

}  // namespace

bool TrustStore::lists_server(const Uuid& id) const noexcept {
  return contains(servers, id);
}

bool TrustStore::lists_operator(const Uuid& id) const noexcept {
  return contains(operators, id);
}

bool TrustStore::revokes(ByteView serial) const noexcept {
  for (const ByteView revoked : revoked_serials) {
    if (equal(revoked, serial)) return true;
  }
  return false;
}

Status check_right(const TrustStore& store, const cose::VerificationKey& signer,
                   const update::ComponentId& component) noexcept {
  bool known = false;
  for (const Signer& candidate : store.signers) {
    if (candidate.key != signer) continue;
    known = true;
    for (const update::ComponentId& prefix : candidate.rights) {
      if (update::starts_with(component, prefix)) return kOk;
    }
  }
  return known ? Error::kSignerNotPermitted : Error::kSignerUnknown;
}

Result<ByteView> encode(const TrustStore& store, MutableBytes out) noexcept {
  TAILOR_TRY(check(store));
  cbor::Writer writer(out);
  writer.put_map(8);
  writer.put_unsigned(kFormat).put_unsigned(kTrustStoreFormat);
  writer.put_unsigned(kVersion).put_unsigned(store.version);
  writer.put_unsigned(kSigners).put_array(store.signers.size());
  for (const Signer& signer : store.signers) TAILOR_TRY(put_signer(writer, signer));
  writer.put_unsigned(kServers).put_array(store.servers.size());
  for (const Uuid& id : store.servers) writer.put_bytes(id.bytes);
  writer.put_unsigned(kOperators).put_array(store.operators.size());
  for (const Uuid& id : store.operators) writer.put_bytes(id.bytes);
  writer.put_unsigned(kServerUris).put_array(store.server_uris.size());
  for (const std::string_view uri : store.server_uris) writer.put_text(uri);
  writer.put_unsigned(kAuthorities).put_array(store.authorities.size());
  for (const ByteView der : store.authorities) writer.put_bytes(der);
  writer.put_unsigned(kRevokedSerials).put_array(store.revoked_serials.size());
  for (const ByteView serial : store.revoked_serials) writer.put_bytes(serial);
  return writer.finish();
}

Result<TrustStore> decode_trust_store(ByteView document) noexcept {
  if (document.size() > limits::kTrustStoreBytes) return Error::kBodyTooLarge;
  cbor::Reader reader(document);
  TrustStore store;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, store); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kFormat, kRevokedSerials));
  TAILOR_TRY(check(store));
  return store;
}

Result<ByteView> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority,
                                  MutableBytes out) noexcept {
  TAILOR_TRY(decode_trust_store(document));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey key, crypto::public_key_of(authority));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest key_id, cose::thumbprint(key));
  cose::SignOptions options;
  options.key_id = key_id;
  return cose::sign1(document, authority, options, out);
}

Result<TrustStore> open_trust_store(ByteView sealed, const crypto::P256PublicKey& anchor, uint64_t in_force) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, cose::decode_sign1(sealed));
  if (message.detached) return Error::kCoseUnsupported;
  TAILOR_TRY(cose::verify_sign1(message, message.payload, anchor, {}));
  TAILOR_TRY_ASSIGN(TrustStore store, decode_trust_store(message.payload));
  if (store.version < in_force) return Error::kTrustStoreTooOld;
  return store;
}

}  // namespace tailor::trust
