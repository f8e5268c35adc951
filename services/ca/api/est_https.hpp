// SPDX-License-Identifier: Apache-2.0
// EST over HTTPS (RFC 7030) for servers and operators: cacerts, csrattrs, simpleenroll, simplereenroll; and the
// revocation list. docs/protocols/est.md is the contract.
#pragma once

#include "net/http/router.hpp"
#include "services/ca/domain/authority.hpp"

namespace tailor::ca {

/// Adds the EST routes and GET /crl. The authority outlives the router.
void add_est_routes(http::Router& router, Authority& authority);

}  // namespace tailor::ca
