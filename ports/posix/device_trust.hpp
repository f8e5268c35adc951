// SPDX-License-Identifier: Apache-2.0
// Whom the boot program believes: the device's identity from its factory bundle and the signers of the trust store in
// force, both read from the agent's records. The agent writes them; here nothing is written but at provisioning.
#pragma once

#include <vector>

#include "core/processor/seams.hpp"
#include "core/trust/trust_policy.hpp"
#include "device/storage/record_store.hpp"

namespace tailor::posix {

class DeviceTrust {
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
  /// Who may have signed, and what that lets them write; as the agent judges it.
  [[nodiscard]] const trust::TrustPolicy& policy() const noexcept { return policy_; }

 private:
  std::vector<uint8_t> sealed_;  ///< trust_ points into it
  trust::TrustStore trust_;
  trust::Key anchor_;
  trust::TrustPolicy policy_{trust_, anchor_};
  processor::Identity identity_;
};

}  // namespace tailor::posix
