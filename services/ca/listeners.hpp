// SPDX-License-Identifier: Apache-2.0
// What the authority serves on the network: HTTPS and EST-coaps under its own certificate, which it renews while it
// runs. Internal to services/ca.
#pragma once

#include <memory>

#include "services/ca/service.hpp"

namespace tailor::ca {

class Listeners {
 public:
  /// Binds and serves. Authority and clock outlive it.
  [[nodiscard]] static Outcome<std::unique_ptr<Listeners>> start(const CaConfig& config, Authority& authority,
                                                                 const UtcClock& clock);
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners();  ///< stops

  [[nodiscard]] uint16_t https_port() const;
  [[nodiscard]] uint16_t coaps_port() const;
  /// Serves under a new certificate when the present one is due. HTTPS connections go on; DTLS sessions end, and
  /// devices make new ones.
  /// @returns whether it was due
  [[nodiscard]] Outcome<bool> renew_if_due();
  void stop();

 private:
  class Impl;
  explicit Listeners(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailor::ca
