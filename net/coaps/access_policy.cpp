// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/access_policy.hpp"

#include <algorithm>

namespace tailor::net {

Result<ByteView> AccessPolicy::find_psk(ByteView /*identity*/, MutableBytes /*out*/) noexcept {
  return Error::kPskUnknown;
}

Result<Admission> AccessPolicy::admit_psk(ByteView /*identity*/) noexcept {
  return Error::kPskUnknown;
}

Status CertificatePolicy::set_revocations(ByteView list) noexcept {
  Error reason = Error::kCertificateInvalid;
  for (size_t i = 0; i < rules_.authorities.size(); ++i) {
    auto parsed = x509::RevocationList::parse(list, rules_.authorities[i]);
    if (!parsed.ok()) {
      reason = parsed.error();
      continue;
    }
    const auto in_force = std::atomic_load(&revocations_);
    auto next = in_force != nullptr ? std::make_shared<std::vector<Revocations>>(*in_force)
                                    : std::make_shared<std::vector<Revocations>>();
    std::erase_if(*next, [i](const Revocations& one) { return one.authority == i; });
    next->push_back({i, std::move(*parsed)});
    std::atomic_store(&revocations_, std::shared_ptr<const std::vector<Revocations>>{std::move(next)});
    return kOk;
  }
  return reason;
}

Result<Admission> CertificatePolicy::admit_certificate(std::span<const ByteView> chain) noexcept {
  if (chain.empty()) return Error::kCertificateInvalid;
  const std::vector<ByteView> authorities(rules_.authorities.begin(), rules_.authorities.end());
  TAILOR_TRY_ASSIGN(const x509::VerifiedPeer peer, x509::verify_peer(chain[0], authorities));
  if (rules_.clock != nullptr) {
    const int64_t seconds = to_unix_seconds(rules_.clock->now());
    const uint64_t now = seconds < 0 ? 0 : static_cast<uint64_t>(seconds);
    if (now < peer.usable_from || now > peer.usable_until) return Error::kCertificateExpired;
  }
  if (const auto revocations = std::atomic_load(&revocations_)) {
    for (const Revocations& one : *revocations) {
      if (one.authority == peer.authority && one.list.revokes(peer.identity.serial())) {
        return Error::kCertificateRevoked;
      }
    }
  }
  if (std::find(rules_.roles.begin(), rules_.roles.end(), peer.identity.role) == rules_.roles.end()) {
    return Error::kRoleNotPermitted;
  }
  if (rules_.last_word) TAILOR_TRY(rules_.last_word(peer.identity));
  return Admission{std::string{peer.identity.tenant()}, peer.identity.role, peer.identity.id};
}

}  // namespace tailor::net
