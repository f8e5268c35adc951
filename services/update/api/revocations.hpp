// SPDX-License-Identifier: Apache-2.0
// Keeps the revocation list of both fronts fresh: from a file, or from the authority over HTTP.
#pragma once

#include <string>

#include "net/coaps/access_policy.hpp"
#include "services/update/api/certificate_gate.hpp"

namespace tailor::update_server {

class Revocations {
 public:
  /// @param source   a file, or an http:// or https:// URL; empty: there is no list
  /// @param anchors  PEM, for https
  Revocations(std::string source, std::string anchors, PeerJudge& judge, net::CertificatePolicy& policy)
      : source_(std::move(source)), anchors_(std::move(anchors)), judge_(judge), policy_(policy) {}

  /// Reads the list and puts it into force everywhere, or nowhere.
  /// @returns what reading gives; kDerMalformed, kSignatureInvalid
  [[nodiscard]] Outcome<void> refresh();

 private:
  [[nodiscard]] Outcome<Bytes> read() const;

  const std::string source_;
  const std::string anchors_;
  PeerJudge& judge_;
  net::CertificatePolicy& policy_;
};

}  // namespace tailor::update_server
