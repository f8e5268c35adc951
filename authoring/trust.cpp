// SPDX-License-Identifier: Apache-2.0
// Between the description that owns its parts and the core's document of views. The core decides what is valid.
#include "authoring/trust.hpp"

#include <list>

#include "authoring/model/cbor_item.hpp"
#include "core/base/limits.hpp"
#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/cose/sign1.hpp"
#include "core/suit/labels.hpp"
#include "core/trust/trust_store.hpp"

namespace tailor::authoring {
namespace {

constexpr size_t kSealBytes = 256;  ///< COSE_Sign1 around the document: tag, headers with a key id, signature

/// Encoded items that the core's views point to.
class Items {
 public:
  Outcome<ByteView> component(const ComponentParts& parts) {
    return add([&](cbor::Writer& writer) {
      writer.put_array(parts.size());
      for (const Bytes& part : parts) writer.put_bytes(part);
    });
  }
  Outcome<ByteView> labels(const std::optional<std::vector<int64_t>>& list) {
    if (!list.has_value()) return ByteView{};
    return add([&](cbor::Writer& writer) {
      writer.put_array(list->size());
      for (const int64_t label : *list) writer.put_int(label);
    });
  }

 private:
  template <typename Put>
  Outcome<ByteView> add(Put&& put) {
    Bytes buffer(limits::kTrustStoreBytes);
    cbor::Writer writer(buffer);
    put(writer);
    TAILOR_TRY_ASSIGN(const ByteView written, with_context(writer.finish(), "a signer's rights"));
    return ByteView(items_.emplace_back(written.begin(), written.end()));
  }
  std::list<Bytes> items_;
};

/// Appends to one of the core's bounded lists.
template <typename List, typename Item>
Outcome<void> put(List& list, const Item& item, const char* what) {
  const Status added = list.push_back(item, Error::kValueOutOfRange);
  if (!added.ok()) {
    return fail(added.error(), "more than " + std::to_string(List::kCapacity) + " " + what + "; devices keep no more");
  }
  return kOk;
}

Outcome<trust::Signer> to_core(const TrustedSigner& signer, Items& items) {
  trust::Signer out;
  out.key = signer.key;
  out.role = signer.role;
  for (const TrustedRight& right : signer.rights) {
    trust::Right encoded;
    TAILOR_TRY_ASSIGN(encoded.prefix, items.component(right.prefix));
    TAILOR_TRY_ASSIGN(encoded.commands, items.labels(right.commands));
    TAILOR_TRY_ASSIGN(encoded.parameters, items.labels(right.parameters));
    TAILOR_TRY(put(out.rights, encoded, "rights of one signer"));
  }
  return out;
}

Outcome<trust::Policy> to_core(const TrustPolicy& policy, Items& items) {
  trust::Policy out;
  TAILOR_TRY_ASSIGN(out.prefix, items.component(policy.prefix));
  for (const TrustClause& clause : policy.clauses) {
    if (clause.threshold > UINT8_MAX) return fail(Error::kValueOutOfRange, "a policy demands too many signatures");
    trust::Clause demanded{static_cast<uint8_t>(clause.threshold), 0};
    for (const trust::Role role : clause.roles) {
      demanded.roles = static_cast<trust::Roles>(demanded.roles | trust::bit_of(role));
    }
    TAILOR_TRY(put(out.clauses, demanded, "clauses of one policy"));
  }
  return out;
}

Outcome<trust::TrustStore> to_core(const TrustDescription& description, Items& items) {
  trust::TrustStore store;
  store.version = description.version;
  for (const TrustedSigner& signer : description.signers) {
    TAILOR_TRY_ASSIGN(const trust::Signer encoded, to_core(signer, items));
    TAILOR_TRY(put(store.signers, encoded, "signers"));
  }
  for (const TrustPolicy& policy : description.policies) {
    TAILOR_TRY_ASSIGN(const trust::Policy encoded, to_core(policy, items));
    TAILOR_TRY(put(store.policies, encoded, "policies"));
  }
  for (const Uuid& id : description.servers) TAILOR_TRY(put(store.servers, id, "servers"));
  for (const Uuid& id : description.operators) TAILOR_TRY(put(store.operators, id, "operators"));
  for (const std::string& uri : description.server_uris) {
    TAILOR_TRY(put(store.server_uris, std::string_view(uri), "server URIs"));
  }
  for (const Bytes& der : description.authorities) TAILOR_TRY(put(store.authorities, ByteView(der), "authorities"));
  for (const Bytes& serial : description.revoked_serials) {
    TAILOR_TRY(put(store.revoked_serials, ByteView(serial), "revoked serial numbers"));
  }
  return store;
}

Bytes owned(ByteView view) {
  return Bytes(view.begin(), view.end());
}

ComponentParts parts_of(ByteView encoded) {
  ComponentParts parts;
  cbor::Reader reader(encoded);
  if (!reader.take_array().ok()) return parts;
  while (!reader.at_end()) {
    const Result<ByteView> part = reader.take_bytes();
    if (!part.ok()) break;
    parts.push_back(owned(*part));
  }
  return parts;
}

std::optional<std::vector<int64_t>> labels_of(ByteView encoded) {
  if (encoded.empty()) return std::nullopt;
  std::vector<int64_t> labels;
  cbor::Reader reader(encoded);
  if (!reader.take_array().ok()) return labels;
  while (!reader.at_end()) {
    const Result<int64_t> label = reader.take_int();
    if (!label.ok()) break;
    labels.push_back(*label);
  }
  return labels;
}

/// @pre the core has decoded the store: everything encoded in it is well-formed
TrustDescription from_core(const trust::TrustStore& store) {
  TrustDescription out;
  out.version = store.version;
  for (const trust::Signer& signer : store.signers) {
    TrustedSigner trusted{.key = signer.key, .role = signer.role, .rights = {}};
    for (const trust::Right& right : signer.rights) {
      trusted.rights.push_back({parts_of(right.prefix), labels_of(right.commands), labels_of(right.parameters)});
    }
    out.signers.push_back(std::move(trusted));
  }
  for (const trust::Policy& policy : store.policies) {
    TrustPolicy read{.prefix = parts_of(policy.prefix), .clauses = {}};
    for (const trust::Clause& clause : policy.clauses) {
      TrustClause demanded{.threshold = clause.threshold, .roles = {}};
      for (const trust::Role role : {trust::Role::kAuthor, trust::Role::kOperator, trust::Role::kDistributor}) {
        if ((clause.roles & trust::bit_of(role)) != 0) demanded.roles.push_back(role);
      }
      read.clauses.push_back(std::move(demanded));
    }
    out.policies.push_back(std::move(read));
  }
  out.servers.assign(store.servers.begin(), store.servers.end());
  out.operators.assign(store.operators.begin(), store.operators.end());
  for (const std::string_view uri : store.server_uris) out.server_uris.emplace_back(uri);
  for (const ByteView der : store.authorities) out.authorities.push_back(owned(der));
  for (const ByteView serial : store.revoked_serials) out.revoked_serials.push_back(owned(serial));
  return out;
}

}  // namespace

std::vector<int64_t> commands_of_installed_images() {
  namespace command = suit::command;
  return {command::kVendorIdentifier,
          command::kClassIdentifier,
          command::kImageMatch,
          command::kUseBefore,
          command::kComponentSlot,
          command::kCheckContent,
          command::kDependencyIntegrity,
          command::kIsDependency,
          command::kProcessDependency,
          command::kSetComponentIndex,
          command::kAbort,
          command::kTryEach,
          command::kSetParameters,
          command::kOverrideParameters,
          command::kInvoke,
          command::kDeviceIdentifier,
          command::kImageNotMatch,
          command::kMinimumBattery,
          command::kUpdateAuthorized,
          command::kVersion,
          command::kWait,
          command::kRunSequence,
          command::kOverrideMultiple,
          command::kCopyParameters};
}

Outcome<Bytes> encode_trust_store(const TrustDescription& description) {
  Items items;
  TAILOR_TRY_ASSIGN(const trust::TrustStore store, to_core(description, items));
  Bytes buffer(limits::kTrustStoreBytes);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(trust::encode(store, buffer), "trust store"));
  return owned(written);
}

Outcome<TrustDescription> decode_trust_store(ByteView document) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store, with_context(trust::decode_trust_store(document), "trust store"));
  return from_core(store);
}

namespace {

/// A sealed trust store, unless it is longer than what devices keep.
Outcome<Bytes> kept_by_devices(Bytes sealed) {
  if (sealed.size() > limits::kTrustStoreBytes) {
    return fail(Error::kBodyTooLarge, "the signed trust store has " + std::to_string(sealed.size()) +
                                          " bytes; devices keep " + std::to_string(limits::kTrustStoreBytes));
  }
  return sealed;
}

}  // namespace

Outcome<Bytes> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority) {
  Bytes buffer(limits::kTrustStoreBytes + kSealBytes);
  TAILOR_TRY_ASSIGN(const ByteView written,
                    with_context(trust::seal_trust_store(document, authority, buffer), "sealing the trust store"));
  return kept_by_devices(owned(written));
}

Outcome<Bytes> seal_trust_store(ByteView document, SigningKey& authority) {
  const cose::KeyKind kind = authority.verification_key().kind();
  if (kind != cose::KeyKind::kP256 && kind != cose::KeyKind::kHssLms) {
    return fail(Error::kAlgorithmUnsupported, "a trust provisioning authority signs with P-256 or HSS/LMS");
  }
  // What would keep devices from taking it is found before a signature is made: one of HSS/LMS is used up for good.
  TAILOR_TRY(with_context(trust::decode_trust_store(document), "trust store"));
  TAILOR_TRY_ASSIGN(const Bytes key_id, authority.key_id());
  const Bytes protected_header = cbor_map({{cbor_int(1), cbor_int(authority.cose_algorithm())}});
  const Bytes message =
      cbor_array({cbor_text("Signature1"), cbor_bytes(protected_header), cbor_bytes({}), cbor_bytes(document)});
  TAILOR_TRY_ASSIGN(const Bytes signature, authority.sign(message));
  return kept_by_devices(cbor_tagged(
      cose::kSign1Tag, cbor_array({cbor_bytes(protected_header), cbor_map({{cbor_int(4), cbor_bytes(key_id)}}),
                                   cbor_bytes(document), cbor_bytes(signature)})));
}

Outcome<TrustDescription> open_trust_store(ByteView sealed, const trust::Key& anchor) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store,
                    with_context(trust::open_trust_store(sealed, anchor, 0), "trust store"));
  return from_core(store);
}

}  // namespace tailor::authoring
