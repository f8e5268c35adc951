// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/x509/identity.hpp"

#include <algorithm>

#include "crypto_backends/psa/x509/certificate.hpp"

namespace tailor::x509 {
namespace {

using coap::PeerRole;

constexpr std::string_view kUriHead = "tag:tailor,2026:";

struct RoleName {
  PeerRole role;
  std::string_view name;
};
constexpr RoleName kRoles[] = {{PeerRole::kDevice, "device"},
                               {PeerRole::kUpdateServer, "update-server"},
                               {PeerRole::kCertificateAuthority, "ca"},
                               {PeerRole::kOperator, "operator"}};

// Lower-case letters, digits and '-' (docs/formats/certificates.md), as the authority issues them: two tenants whose
// names differ in case alone would be one in a path.
bool is_tenant(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kTenantBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Cuts the text before the next ':' off the front; all of it when there is none.
std::string_view take_part(std::string_view& text) noexcept {
  const size_t end = std::min(text.find(':'), text.size());
  const std::string_view part = slice(text, 0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

struct ParsedUri {
  std::string_view tenant;
  PeerRole role;
  Uuid id;
};

Result<ParsedUri> parse_uri(std::string_view uri) noexcept {
  if (!uri.starts_with(kUriHead)) return Error::kCertificateProfile;
  uri.remove_prefix(kUriHead.size());
  const std::string_view tenant = take_part(uri);
  const std::string_view role_name = take_part(uri);
  const auto role =
      std::find_if(std::begin(kRoles), std::end(kRoles), [&](const RoleName& row) { return row.name == role_name; });
  const auto id = Uuid::from_text(uri);
  if (!is_tenant(tenant) || role == std::end(kRoles) || !id.ok()) return Error::kCertificateProfile;
  return ParsedUri{tenant, role->role, *id};
}

}  // namespace

std::string_view name_of(PeerRole role) noexcept {
  for (const RoleName& row : kRoles) {
    if (row.role == role) return row.name;
  }
  return {};
}

Result<std::string_view> write_peer_uri(std::string_view tenant, PeerRole role, const Uuid& id,
                                        std::array<char, kPeerUriBytes>& out) noexcept {
  if (!is_tenant(tenant) || role == PeerRole::kNone) return Error::kValueOutOfRange;
  const auto id_text = id.to_text();
  auto at = out.begin();
  for (const std::string_view part : {kUriHead, tenant, std::string_view{":"}, name_of(role), std::string_view{":"},
                                      std::string_view{id_text.data(), id_text.size()}}) {
    at = std::copy(part.begin(), part.end(), at);
  }
  return std::string_view{out.data(), static_cast<size_t>(at - out.begin())};
}

Result<PeerIdentity> PeerIdentity::of(const Certificate& parsed) noexcept {
  if (!parsed.signed_with_profile_algorithm() || parsed.is_authority()) return Error::kCertificateProfile;
  TAILOR_TRY_ASSIGN(const std::string_view uri, parsed.only_uri());
  TAILOR_TRY_ASSIGN(const ParsedUri peer, parse_uri(uri));
  if (parsed.serial().size() > kSerialBytes) return Error::kCertificateProfile;
  PeerIdentity identity;
  TAILOR_TRY_ASSIGN(identity.public_key, parsed.public_key());
  identity.role = peer.role;
  identity.id = peer.id;
  identity.not_before = parsed.not_before();
  identity.not_after = parsed.not_after();
  std::copy(peer.tenant.begin(), peer.tenant.end(), identity.tenant_.begin());
  identity.tenant_length_ = static_cast<uint8_t>(peer.tenant.size());
  std::copy(parsed.serial().begin(), parsed.serial().end(), identity.serial_.begin());
  identity.serial_length_ = static_cast<uint8_t>(parsed.serial().size());
  return identity;
}

Result<PeerIdentity> parse_peer_identity(ByteView certificate) noexcept {
  Certificate parsed;
  TAILOR_TRY(parsed.parse(certificate));
  return PeerIdentity::of(parsed);
}

Result<VerifiedPeer> verify_peer(ByteView certificate, std::span<const ByteView> authorities) noexcept {
  Certificate leaf;
  TAILOR_TRY(leaf.parse(certificate));
  TAILOR_TRY_ASSIGN(const PeerIdentity identity, PeerIdentity::of(leaf));
  for (size_t i = 0; i < authorities.size(); ++i) {
    Certificate authority;
    if (!authority.parse(authorities[i]).ok() || !leaf.check_issued_by(authority).ok()) continue;
    return VerifiedPeer{identity, i, std::max(identity.not_before, authority.not_before()),
                        std::min(identity.not_after, authority.not_after())};
  }
  return Error::kCertificateInvalid;
}

}  // namespace tailor::x509
