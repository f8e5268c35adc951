// SPDX-License-Identifier: Apache-2.0
#include "device/agent/device_keys.hpp"

#include "core/cose/verification_key.hpp"
#include "core/processor/options.hpp"

namespace tailor::agent {

#if TAILOR_SUIT_ENCRYPTION

using suit::ContentDecryptionKey;
using suit::DecryptionKeyKind;

const ContentDecryptionKey* DeviceKeys::candidate(ByteView key_id, size_t nth) const noexcept {
  key_ = {};
  if (take_private_key(key_id) && nth-- == 0) return &key_;
  if (take_kek(key_id) && nth == 0) return &key_;
  key_ = {};
  return nullptr;
}

bool DeviceKeys::take_private_key(ByteView key_id) const noexcept {
  if (!identity_.enrolled()) return false;
  const crypto::P256PrivateKey& own = *identity_.credentials(Purpose::kUpdates).key;
  if (!key_id.empty()) {
    const auto point = crypto::public_key_of(own);
    if (!point.ok()) return false;
    const auto name = cose::thumbprint(cose::VerificationKey(*point));
    if (!name.ok() || !equal(key_id, *name)) return false;
  }
  const auto key = ContentDecryptionKey::from_bytes(DecryptionKeyKind::kP256, own.secret_scalar());
  if (key.ok()) key_ = *key;
  return key.ok();
}

bool DeviceKeys::take_kek(ByteView key_id) const noexcept {
  if (!key_id.empty() && !equal(key_id, as_bytes(trust::kKekId))) return false;
  const auto kek = identity_.kek();
  if (!kek.ok()) return false;
  const auto key = ContentDecryptionKey::from_bytes(DecryptionKeyKind::kAesKw, kek->secret_bytes());
  if (key.ok()) key_ = *key;
  return key.ok();
}

#else

// Nobody asks: encryption-info is refused by name. Nor is what would decrypt linked.
const suit::ContentDecryptionKey* DeviceKeys::candidate(ByteView /*key_id*/, size_t /*nth*/) const noexcept {
  return nullptr;
}

#endif

}  // namespace tailor::agent
