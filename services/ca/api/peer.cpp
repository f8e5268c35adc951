// SPDX-License-Identifier: Apache-2.0
// TLS has checked the chain; the ledger has the last word.
#include "services/ca/api/peer.hpp"

#include <algorithm>

namespace tailor::ca {

Outcome<pki::Certificate> client_certificate(const http::Request& request) {
  if (request.peer_certificate.empty()) return fail(Error::kNotAuthenticated, "a client certificate is needed");
  return pki::Certificate::from_der(request.peer_certificate);
}

Outcome<pki::Identity> require_role(Authority& authority, const http::Request& request,
                                    std::span<const pki::Role> roles) {
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, client_certificate(request));
  TAILOR_TRY_ASSIGN(pki::Identity identity, authority.authenticate(certificate));
  if (std::find(roles.begin(), roles.end(), identity.role) == roles.end()) {
    return fail(Error::kRoleNotPermitted, identity.to_uri());
  }
  return identity;
}

}  // namespace tailor::ca
