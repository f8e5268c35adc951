// SPDX-License-Identifier: Apache-2.0
// See certificate_gate.hpp.
#include "services/update/api/certificate_gate.hpp"

#include "hosted/uuid_make.hpp"
#include "pki/verify.hpp"

namespace tailor::update_server {

Outcome<void> PeerJudge::take_crl(ByteView der) {
  std::optional<Failure> failure;
  for (const pki::Certificate& anchor : anchors_) {
    const Outcome<pki::Crl> crl = pki::Crl::from_der(der, anchor);
    if (!crl.ok()) {
      failure = crl.error();
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (crl_ == nullptr || crl.value().number() >= crl_->number()) crl_ = std::make_shared<const pki::Crl>(crl.value());
    return kOk;
  }
  return failure.value_or(fail(Error::kSignatureInvalid, "no authority is known"));
}

Outcome<pki::Identity> PeerJudge::judge(ByteView certificate_der, pki::Role role) const {
  std::shared_ptr<const pki::Crl> crl;
  {
    const std::lock_guard lock(mutex_);
    crl = crl_;
  }
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, pki::Certificate::from_der(certificate_der));
  const pki::Role roles[] = {role};
  pki::VerifyPolicy policy;
  policy.anchors = anchors_;
  policy.now = clock_.now();
  policy.roles = roles;
  policy.usage = pki::Usage::kClient;
  policy.crl = crl.get();
  return pki::verify(certificate, policy);
}

Outcome<Actor> CertificateGate::admit(const http::Request& request) {
  if (request.peer_certificate.empty()) {
    return fail(Error::kNotAuthenticated, "an operator's client certificate is needed");
  }
  TAILOR_TRY_ASSIGN(const pki::Identity identity, judge_.judge(request.peer_certificate, pki::Role::kOperator));
  if (!operators_.empty() && !operators_.contains(identity.id)) {
    return fail(Error::kOperatorNotListed, uuid_text(identity.id));
  }
  return Actor{identity.tenant, "operator:" + uuid_text(identity.id)};
}

}  // namespace tailor::update_server
