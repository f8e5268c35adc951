// SPDX-License-Identifier: Apache-2.0
// Admits operators by their client certificate: issued by our authority, role operator, not revoked, and on the list
// when there is one. Also judges devices' certificates for the CoAP side, with the same revocation list.
#pragma once

#include <set>

#include "hosted/utc_clock.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"
#include "services/update/api/http_api.hpp"

namespace tailor::update_server {

/// Roots and the newest revocation list; shared by HTTP and CoAP. Thread-safe.
class PeerJudge {
 public:
  /// @param clock  outlives the object
  PeerJudge(std::vector<pki::Certificate> anchors, const UtcClock& clock)
      : anchors_(std::move(anchors)), clock_(clock) {}

  /// Takes a list over if it is not older than the present one.
  /// @returns kDerMalformed; kSignatureInvalid when no anchor signed it
  [[nodiscard]] Outcome<void> take_crl(ByteView der);

  /// @returns what pki::verify() gives
  [[nodiscard]] Outcome<pki::Identity> judge(ByteView certificate_der, pki::Role role) const;

 private:
  std::vector<pki::Certificate> anchors_;
  const UtcClock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const pki::Crl> crl_;
};

class CertificateGate final : public OperatorGate {
 public:
  /// @param operators  ids that may call; empty: every operator of the authority
  CertificateGate(const PeerJudge& judge, std::set<Uuid> operators) : judge_(judge), operators_(std::move(operators)) {}
  [[nodiscard]] Outcome<Actor> admit(const http::Request& request) override;

 private:
  const PeerJudge& judge_;
  std::set<Uuid> operators_;
};

}  // namespace tailor::update_server
