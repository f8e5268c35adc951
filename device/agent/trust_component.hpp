// SPDX-License-Identifier: Apache-2.0
// The trust store as the manifest processor writes it: received in RAM, believed or refused as a whole, then kept aside
// in flash until it is put in force. Knows no transport; what a trust store may be is Identity's and the guard's to
// say.
#pragma once

#include "core/processor/component.hpp"
#include "device/agent/identity.hpp"

namespace tailor::agent {

/// Says what a trust store would do to this device.
class TrustGuard {
 public:
  /// @returns kTrustStoreLocksOut: the running image would not start any more
  [[nodiscard]] virtual Status may_trust(const trust::TrustStore& offered) noexcept = 0;

 protected:
  ~TrustGuard() = default;
};

class TrustComponent final : public processor::Component {
 public:
  TrustComponent(Identity& identity, TrustGuard& guard) noexcept : identity_(identity), guard_(guard) {}

  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  /// Keeps the trust store aside in flash, if it may follow the one in force.
  /// @returns as Identity::stage_trust(); - kTrustStoreLocksOut
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  /// What arrived; before anything did, what is in force.
  [[nodiscard]] Result<uint32_t> size() noexcept override;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;

  /// Forgets what arrived. What was kept aside is the caller's to drop.
  void reset() noexcept;
  [[nodiscard]] uint32_t received_bytes() const noexcept { return received_; }
  [[nodiscard]] uint32_t expected_bytes() const noexcept { return expected_; }

 private:
  [[nodiscard]] ByteView content() noexcept;

  Identity& identity_;
  TrustGuard& guard_;
  uint32_t received_ = 0;
  uint32_t expected_ = 0;
  bool complete_ = false;
};

}  // namespace tailor::agent
