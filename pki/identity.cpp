// SPDX-License-Identifier: Apache-2.0
// The tag URI of an identity, written and read one way only.
#include "pki/identity.hpp"

#include <algorithm>

#include "hosted/uuid_make.hpp"

namespace tailor::pki {
namespace {

constexpr std::string_view kRoles[] = {"device", "update-server", "ca", "operator"};
constexpr std::string_view kPrefix = "tag:tailor,2026:";
constexpr size_t kTenantCharacters = 32;

}  // namespace

std::string_view to_text(Role role) noexcept {
  return kRoles[static_cast<size_t>(role)];
}

std::optional<Role> role_from_text(std::string_view text) noexcept {
  for (size_t i = 0; i < std::size(kRoles); ++i) {
    if (text == kRoles[i]) return static_cast<Role>(i);
  }
  return std::nullopt;
}

bool is_tenant(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kTenantCharacters && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string Identity::to_uri() const {
  std::string uri(kPrefix);
  uri.append(tenant).append(":").append(to_text(role)).append(":").append(uuid_text(id));
  return uri;
}

Outcome<Identity> identity_from_uri(std::string_view uri) {
  const Failure bad = fail(Error::kCertificateProfile, "subject URI is not tag:tailor,2026:<tenant>:<role>:<uuid>");
  if (!uri.starts_with(kPrefix)) return bad;
  std::string_view rest = uri.substr(kPrefix.size());
  const size_t first = rest.find(':');
  if (first == std::string_view::npos) return bad;
  const size_t second = rest.find(':', first + 1);
  if (second == std::string_view::npos) return bad;
  const std::optional<Role> role = role_from_text(rest.substr(first + 1, second - first - 1));
  const Result<Uuid> id = Uuid::from_text(rest.substr(second + 1));
  if (!is_tenant(rest.substr(0, first)) || !role || !id.ok()) return bad;
  Identity identity{std::string(rest.substr(0, first)), *role, *id};
  if (identity.to_uri() != uri) return bad;
  return identity;
}

}  // namespace tailor::pki
