// SPDX-License-Identifier: Apache-2.0
// Who sent an HTTPS request, as the authority knows it. Shared by the EST and the administration routes.
#pragma once

#include <span>

#include "net/http/message.hpp"
#include "services/ca/domain/authority.hpp"

namespace tailor::ca {

/// The certificate that the client presented. @returns kNotAuthenticated when there is none
[[nodiscard]] Outcome<pki::Certificate> client_certificate(const http::Request& request);

/// Tells who the client is. @returns kNotAuthenticated, what Authority::authenticate returns, kRoleNotPermitted
[[nodiscard]] Outcome<pki::Identity> require_role(Authority& authority, const http::Request& request,
                                                  std::span<const pki::Role> roles);

}  // namespace tailor::ca
