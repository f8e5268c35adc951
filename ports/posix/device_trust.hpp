// SPDX-License-Identifier: Apache-2.0
// Whom the boot program believes: the device's identity from its factory bundle and the signers of the trust store in
// force, both read from the agent's records. The agent writes them; here nothing is written but at provisioning.
#pragma once

#include <vector>

#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"
#include "core/trust/trust_store.hpp"
#include "device/storage/record_store.hpp"

namespace tailor::posix {

class DeviceTrust final : public suit::TrustAnchors, public processor::Authorization {
 public:
  DeviceTrust() = default;
  DeviceTrust(const DeviceTrust&) = delete;
  DeviceTrust& operator=(const DeviceTrust&) = delete;

  /// Reads bundle and trust store from a mounted store, and checks the trust store's signature again.
  /// @returns kNotFound when the device was never provisioned; kSignatureInvalid; decoding errors
  [[nodiscard]] Status load(const storage::RecordStore& store);
  /// Factory: checks a bundle and writes it and its trust store into an empty store.
  [[nodiscard]] static Status provision(storage::RecordStore& store, ByteView bundle);

  [[nodiscard]] const processor::Identity& identity() const noexcept { return identity_; }

  [[nodiscard]] const crypto::P256PublicKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  [[nodiscard]] Status may_write(const crypto::P256PublicKey& signer, ByteView id) const noexcept override;

 private:
  std::vector<uint8_t> sealed_;  ///< trust_ points into it
  trust::TrustStore trust_;
  processor::Identity identity_;
};

}  // namespace tailor::posix
