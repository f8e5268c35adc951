// SPDX-License-Identifier: Apache-2.0
// The administration routes of the certificate authority, under /v1, for operators; docs/protocols/ca-admin.md is the
// contract.
#pragma once

#include "net/http/router.hpp"
#include "services/ca/domain/authority.hpp"

namespace tailor::ca {

/// Adds the routes under /v1 and GET /health. The authority outlives the router.
void add_admin_routes(http::Router& router, Authority& authority);

}  // namespace tailor::ca
