// SPDX-License-Identifier: Apache-2.0
// See device_trust.hpp.
#include "ports/posix/device_trust.hpp"

#include "core/trust/factory_bundle.hpp"
#include "device/agent/records.hpp"

namespace tailor::posix {
namespace {

Result<std::vector<uint8_t>> read_record(const storage::RecordStore& store, storage::RecordId id) {
  TAILOR_TRY_ASSIGN(const size_t size, store.size_of(id));
  std::vector<uint8_t> bytes(size);
  TAILOR_TRY(store.get(id, bytes));
  return bytes;
}

}  // namespace

Status DeviceTrust::load(const storage::RecordStore& store) {
  TAILOR_TRY_ASSIGN(std::vector<uint8_t> bytes, read_record(store, agent::record::kBundle));
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle bundle, trust::decode_factory_bundle(bytes));
  identity_ = {bundle.vendor, bundle.device_class, bundle.device};
  anchor_ = bundle.anchor;
  wipe(bytes);  // it holds the factory secret
  TAILOR_TRY_ASSIGN(sealed_, read_record(store, agent::record::kTrustStore));
  TAILOR_TRY_ASSIGN(trust_, trust::open_trust_store(sealed_, anchor_, 0));
  return kOk;
}

Status DeviceTrust::provision(storage::RecordStore& store, ByteView bundle) {
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle read, trust::decode_factory_bundle(bundle));
  TAILOR_TRY(trust::open_trust_store(read.trust_store, read.anchor, 0));
  const storage::RecordChange changes[] = {storage::RecordChange::put(agent::record::kBundle, bundle),
                                           storage::RecordChange::put(agent::record::kTrustStore, read.trust_store)};
  return store.put_batch(changes);
}

}  // namespace tailor::posix
