// SPDX-License-Identifier: Apache-2.0
// Between the description that owns its parts and the core's document of views. The core decides what is valid.
#include "authoring/trust.hpp"

#include "core/base/limits.hpp"
#include "core/trust/trust_store.hpp"

namespace tailor::authoring {
namespace {

constexpr size_t kSealBytes = 256;  ///< COSE_Sign1 around the document: tag, headers with a key id, signature

Outcome<update::ComponentId> to_core(const ComponentParts& parts) {
  update::ComponentId id;
  for (const Bytes& part : parts) {
    TAILOR_TRY(with_context(id.push_back(part, Error::kValueOutOfRange), "too many parts in a component prefix"));
  }
  return id;
}

/// Appends to one of the core's bounded lists.
template <typename List, typename Item>
Outcome<void> put(List& list, const Item& item, const char* what) {
  const Status added = list.push_back(item, Error::kValueOutOfRange);
  if (!added.ok()) {
    return fail(added.error(), "more than " + std::to_string(List::kCapacity) + " " + what + "; devices keep no more");
  }
  return kOk;
}

Outcome<trust::TrustStore> to_core(const TrustDescription& description) {
  trust::TrustStore store;
  store.version = description.version;
  for (const TrustedSigner& signer : description.signers) {
    trust::Signer out;
    out.key = signer.key;
    for (const ComponentParts& prefix : signer.rights) {
      TAILOR_TRY_ASSIGN(const update::ComponentId id, to_core(prefix));
      TAILOR_TRY(put(out.rights, id, "components of one signer"));
    }
    TAILOR_TRY(put(store.signers, out, "signers"));
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

TrustDescription from_core(const trust::TrustStore& store) {
  TrustDescription out;
  out.version = store.version;
  for (const trust::Signer& signer : store.signers) {
    TrustedSigner trusted{.key = signer.key, .rights = {}};
    for (const update::ComponentId& prefix : signer.rights) {
      ComponentParts parts;
      for (const ByteView part : prefix) parts.push_back(owned(part));
      trusted.rights.push_back(std::move(parts));
    }
    out.signers.push_back(std::move(trusted));
  }
  out.servers.assign(store.servers.begin(), store.servers.end());
  out.operators.assign(store.operators.begin(), store.operators.end());
  for (const std::string_view uri : store.server_uris) out.server_uris.emplace_back(uri);
  for (const ByteView der : store.authorities) out.authorities.push_back(owned(der));
  for (const ByteView serial : store.revoked_serials) out.revoked_serials.push_back(owned(serial));
  return out;
}

}  // namespace

Outcome<Bytes> encode_trust_store(const TrustDescription& description) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store, to_core(description));
  Bytes buffer(limits::kTrustStoreBytes);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(trust::encode(store, buffer), "trust store"));
  return owned(written);
}

Outcome<TrustDescription> decode_trust_store(ByteView document) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store, with_context(trust::decode_trust_store(document), "trust store"));
  return from_core(store);
}

Outcome<Bytes> seal_trust_store(ByteView document, const crypto::P256PrivateKey& authority) {
  Bytes buffer(limits::kTrustStoreBytes + kSealBytes);
  TAILOR_TRY_ASSIGN(const ByteView written,
                    with_context(trust::seal_trust_store(document, authority, buffer), "sealing the trust store"));
  if (written.size() > limits::kTrustStoreBytes) {
    return fail(Error::kBodyTooLarge, "the signed trust store has " + std::to_string(written.size()) +
                                          " bytes; devices keep " + std::to_string(limits::kTrustStoreBytes));
  }
  return owned(written);
}

Outcome<TrustDescription> open_trust_store(ByteView sealed, const crypto::P256PublicKey& anchor) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store,
                    with_context(trust::open_trust_store(sealed, anchor, 0), "trust store"));
  return from_core(store);
}

}  // namespace tailor::authoring
