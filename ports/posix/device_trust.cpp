// SPDX-License-Identifier: Apache-2.0
// See device_trust.hpp.
#include "ports/posix/device_trust.hpp"

#include "core/cose/key.hpp"
#include "core/suit/component_id.hpp"
#include "core/trust/factory_bundle.hpp"

namespace tailor::posix {
namespace {

/// The agent's record numbers of what is read here (docs/formats/flash.md).
constexpr storage::RecordId kBundleRecord = 1;
constexpr storage::RecordId kTrustStoreRecord = 2;

Result<std::vector<uint8_t>> read_record(const storage::RecordStore& store, storage::RecordId id) {
  TAILOR_TRY_ASSIGN(const size_t size, store.size_of(id));
  std::vector<uint8_t> bytes(size);
  TAILOR_TRY(store.get(id, bytes));
  return bytes;
}

}  // namespace

Status DeviceTrust::load(const storage::RecordStore& store) {
  TAILOR_TRY_ASSIGN(std::vector<uint8_t> bytes, read_record(store, kBundleRecord));
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle bundle, trust::decode_factory_bundle(bytes));
  identity_ = {bundle.vendor, bundle.device_class, bundle.device};
  const crypto::P256PublicKey anchor = bundle.anchor;
  wipe(bytes);  // it holds the factory secret
  TAILOR_TRY_ASSIGN(sealed_, read_record(store, kTrustStoreRecord));
  TAILOR_TRY_ASSIGN(trust_, trust::open_trust_store(sealed_, anchor, 0));
  return kOk;
}

Status DeviceTrust::provision(storage::RecordStore& store, ByteView bundle) {
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle read, trust::decode_factory_bundle(bundle));
  TAILOR_TRY(trust::open_trust_store(read.trust_store, read.anchor, 0));
  const storage::RecordChange changes[] = {storage::RecordChange::put(kBundleRecord, bundle),
                                           storage::RecordChange::put(kTrustStoreRecord, read.trust_store)};
  return store.put_batch(changes);
}

const crypto::P256PublicKey* DeviceTrust::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const trust::Signer& signer : trust_.signers) {
    if (!key_id.empty()) {
      const auto thumbprint = cose::thumbprint(signer.key);
      if (!thumbprint.ok() || !equal(*thumbprint, key_id)) continue;
    }
    if (nth-- == 0) return &signer.key;
  }
  return nullptr;
}

Status DeviceTrust::may_write(const crypto::P256PublicKey& signer, ByteView id) const noexcept {
  TAILOR_TRY_ASSIGN(const suit::ComponentId component, suit::decode_component_id(id));
  return trust::check_right(trust_, signer, component);
}

}  // namespace tailor::posix
