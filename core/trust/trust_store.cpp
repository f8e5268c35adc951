// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the trust store, from one list of keys; its signature; the lists a device asks.
// docs/formats/trust-store.md.
#include "core/trust/trust_store.hpp"

#include "core/cose/key.hpp"
#include "core/cose/sign1.hpp"
#include "core/update/fields.hpp"

namespace tailor::trust {
namespace {

namespace fields = update::fields;

enum Field : int64_t {
  kFormat = 0,
  kVersion = 1,
  kSigners = 2,
  kServers = 3,
  kOperators = 4,
  kServerUris = 5,
  kAuthorities = 6,
  kRevokedSerials = 7,
  kPolicies = 8,
};
enum SignerKey : int64_t { kCoseKey = 0, kRole = 1, kRights = 2 };
enum RightKey : int64_t { kPrefix = 0, kCommands = 1, kParameters = 2 };
enum PolicyKey : int64_t { kPolicyPrefix = 0, kClauses = 1 };

constexpr std::string_view kScheme = "coaps://";

constexpr Roles kSignerRoles =
    static_cast<Roles>(bit_of(Role::kAuthor) | bit_of(Role::kOperator) | bit_of(Role::kDistributor));

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

/// An encoded prefix of component identifiers: the limits of suit::take_component_id(), and it may be empty.
Status check_prefix(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  TAILOR_TRY_ASSIGN(size_t parts, reader.take_array());
  if (parts > limits::kComponentIdParts || encoded.size() > limits::kComponentIdBytes) return Error::kValueOutOfRange;
  for (; parts > 0; --parts) TAILOR_TRY(reader.take_bytes());
  return reader.finish();
}

/// An encoded list of labels, or its absence. Each stands once, in ascending order: one set, one encoding.
Status check_labels(ByteView encoded) noexcept {
  if (encoded.empty()) return kOk;
  cbor::Reader reader(encoded);
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count > limits::kTrustLabels) return kTooMany;
  int64_t previous = INT64_MIN;
  for (size_t i = 0; i < count; ++i) {
    TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
    if (i > 0 && label <= previous) return Error::kValueOutOfRange;
    previous = label;
  }
  return reader.finish();
}

Status check_rights(const Signer& signer) noexcept {
  TAILOR_TRY(signer_role_from_code(static_cast<uint64_t>(signer.role)));
  if (!signer.key.is_valid() || signer.key.kind() == cose::KeyKind::kAesKw) return Error::kValueOutOfRange;
  for (const Right& right : signer.rights) {
    TAILOR_TRY(check_prefix(right.prefix));
    TAILOR_TRY(check_labels(right.commands));
    TAILOR_TRY(check_labels(right.parameters));
  }
  return kOk;
}

Status check_policy(const Policy& policy) noexcept {
  TAILOR_TRY(check_prefix(policy.prefix));
  if (policy.clauses.empty()) return Error::kValueOutOfRange;
  for (const Clause& clause : policy.clauses) {
    // More signatures than an envelope carries can never come together.
    if (clause.threshold == 0 || clause.threshold > limits::kAuthenticationBlocks) return Error::kValueOutOfRange;
    if (clause.roles == 0 || (clause.roles & ~kSignerRoles) != 0) return Error::kValueOutOfRange;
  }
  return kOk;
}

/// What both directions demand beyond the types.
Status check(const TrustStore& store) noexcept {
  if (store.version == 0) return Error::kValueOutOfRange;
  for (size_t i = 0; i < store.signers.size(); ++i) {
    TAILOR_TRY(check_rights(store.signers[i]));
    for (size_t j = 0; j < i; ++j) {
      if (store.signers[i].key == store.signers[j].key) return Error::kDuplicateKey;
    }
  }
  for (size_t i = 0; i < store.policies.size(); ++i) {
    TAILOR_TRY(check_policy(store.policies[i]));
    for (size_t j = 0; j < i; ++j) {
      if (equal(store.policies[i].prefix, store.policies[j].prefix)) return Error::kDuplicateKey;
    }
  }
  for (const std::string_view uri : store.server_uris) TAILOR_TRY(check_uri(uri));
  for (const ByteView der : store.authorities) TAILOR_TRY(check_certificate(der));
  for (const ByteView serial : store.revoked_serials) TAILOR_TRY(check_serial(serial));
  return kOk;
}

Status take_key(cbor::Reader& reader, Key& key) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView encoded, reader.take_item());
  TAILOR_TRY_ASSIGN(const cose::Key cose_key, cose::decode_key(encoded));
  // Only the key itself counts: with more, one signer could be written in several ways.
  if (!cose_key.key_id.empty() || cose_key.algorithm != 0) return Error::kUnknownKey;
  key = cose_key.key;
  return kOk;
}

Result<Right> take_right(cbor::Reader& reader) noexcept {
  Right right;
  TAILOR_TRY_ASSIGN(
      const fields::Keys keys, fields::read_map(reader, [&](int64_t key) -> Status {
        if (key < kPrefix || key > kParameters) return Error::kUnknownKey;
        ByteView& item = key == kPrefix ? right.prefix : key == kCommands ? right.commands : right.parameters;
        TAILOR_TRY_ASSIGN(item, reader.take_item());
        return kOk;
      }));
  TAILOR_TRY(keys.demand(kPrefix, kPrefix));
  return right;
}

Result<Signer> take_signer(cbor::Reader& reader) noexcept {
  Signer signer;
  TAILOR_TRY_ASSIGN(const fields::Keys keys, fields::read_map(reader, [&](int64_t key) -> Status {
                      switch (key) {
                        case kCoseKey:
                          return take_key(reader, signer.key);
                        case kRole: {
                          TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
                          TAILOR_TRY_ASSIGN(signer.role, signer_role_from_code(code));
                          return kOk;
                        }
                        case kRights:
                          return take_list(reader, [&]() -> Status {
                            TAILOR_TRY_ASSIGN(const Right right, take_right(reader));
                            return signer.rights.push_back(right, kTooMany);
                          });
                        default:
                          return Error::kUnknownKey;
                      }
                    }));
  TAILOR_TRY(keys.demand(kCoseKey, kRights));
  return signer;
}

/// A clause: [threshold, [role, ...]], the roles ascending.
Result<Clause> take_clause(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t items, reader.take_array());
  if (items != 2) return Error::kValueOutOfRange;
  Clause clause;
  TAILOR_TRY_ASSIGN(const uint64_t threshold, fields::take_up_to(reader, UINT8_MAX));
  clause.threshold = static_cast<uint8_t>(threshold);
  TAILOR_TRY(take_list(reader, [&]() -> Status {
    TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
    TAILOR_TRY_ASSIGN(const Role role, signer_role_from_code(code));
    if (bit_of(role) <= clause.roles) return Error::kValueOutOfRange;
    clause.roles = static_cast<Roles>(clause.roles | bit_of(role));
    return kOk;
  }));
  return clause;
}

Result<Policy> take_policy(cbor::Reader& reader) noexcept {
  Policy policy;
  TAILOR_TRY_ASSIGN(const fields::Keys keys, fields::read_map(reader, [&](int64_t key) -> Status {
                      switch (key) {
                        case kPolicyPrefix: {
                          TAILOR_TRY_ASSIGN(policy.prefix, reader.take_item());
                          return kOk;
                        }
                        case kClauses:
                          return take_list(reader, [&]() -> Status {
                            TAILOR_TRY_ASSIGN(const Clause clause, take_clause(reader));
                            return policy.clauses.push_back(clause, kTooMany);
                          });
                        default:
                          return Error::kUnknownKey;
                      }
                    }));
  TAILOR_TRY(keys.demand(kPolicyPrefix, kClauses));
  return policy;
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
        TAILOR_TRY_ASSIGN(const Signer signer, take_signer(reader));
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
    case kPolicies:
      return take_list(reader, [&]() -> Status {
        TAILOR_TRY_ASSIGN(const Policy policy, take_policy(reader));
        return store.policies.push_back(policy, kTooMany);
      });
    default:
      return Error::kUnknownKey;
  }
}

Status put_signer(cbor::Writer& writer, const Signer& signer) noexcept {
  std::array<uint8_t, cose::kMaxKeyBytes> buffer{};
  cose::Key cose_key;
  cose_key.key = signer.key;
  TAILOR_TRY_ASSIGN(const ByteView encoded, cose::encode_key(cose_key, buffer));
  writer.put_map(3);
  writer.put_unsigned(kCoseKey).put_encoded(encoded);
  writer.put_unsigned(kRole).put_unsigned(static_cast<uint64_t>(signer.role));
  writer.put_unsigned(kRights).put_array(signer.rights.size());
  for (const Right& right : signer.rights) {
    writer.put_map(1U + (right.commands.empty() ? 0U : 1U) + (right.parameters.empty() ? 0U : 1U));
    writer.put_unsigned(kPrefix).put_encoded(right.prefix);
    if (!right.commands.empty()) writer.put_unsigned(kCommands).put_encoded(right.commands);
    if (!right.parameters.empty()) writer.put_unsigned(kParameters).put_encoded(right.parameters);
  }
  return kOk;
}

void put_policy(cbor::Writer& writer, const Policy& policy) noexcept {
  writer.put_map(2);
  writer.put_unsigned(kPolicyPrefix).put_encoded(policy.prefix);
  writer.put_unsigned(kClauses).put_array(policy.clauses.size());
  for (const Clause& clause : policy.clauses) {
    size_t roles = 0;
    for (unsigned bits = clause.roles; bits != 0; bits &= bits - 1) ++roles;
    writer.put_array(2).put_unsigned(clause.threshold).put_array(roles);
    for (unsigned code = 1; code < 8; ++code) {
      if ((clause.roles >> code & 1U) != 0) writer.put_unsigned(code);
    }
  }
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

Result<ByteView> encode(const TrustStore& store, MutableBytes out) noexcept {
  TAILOR_TRY(check(store));
  cbor::Writer writer(out);
  writer.put_map(9);
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
  writer.put_unsigned(kPolicies).put_array(store.policies.size());
  for (const Policy& policy : store.policies) put_policy(writer, policy);
  return writer.finish();
}

Result<TrustStore> decode_trust_store(ByteView document) noexcept {
  if (document.size() > limits::kTrustStoreBytes) return Error::kBodyTooLarge;
  cbor::Reader reader(document);
  TrustStore store;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, store); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kFormat, kPolicies));
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

Result<TrustStore> open_trust_store(ByteView sealed, const Key& anchor, uint64_t in_force) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, cose::decode_sign1(sealed));
  if (message.detached) return Error::kCoseUnsupported;
  TAILOR_TRY(cose::verify_sign1(message, message.payload, anchor, {}));
  TAILOR_TRY_ASSIGN(TrustStore store, decode_trust_store(message.payload));
  for (const Signer& signer : store.signers) {
    if (signer.key == anchor) return Error::kDuplicateKey;
  }
  if (store.version < in_force) return Error::kTrustStoreTooOld;
  return store;
}

}  // namespace tailor::trust
