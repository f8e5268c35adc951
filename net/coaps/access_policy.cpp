// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/access_policy.hpp"

#include <algorithm>

namespace tailor::net {

Status AccessPolicy::review(const Admission& /*admission*/) noexcept {
  return kOk;
}

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
  if (const auto time = now(); time && (*time < peer.usable_from || *time > peer.usable_until)) {
    return Error::kCertificateExpired;
  }
  const ByteView serial = peer.identity.serial();
  TAILOR_TRY(check_revocations(peer.authority, serial));
  if (std::find(rules_.roles.begin(), rules_.roles.end(), peer.identity.role) == rules_.roles.end()) {
    return Error::kRoleNotPermitted;
  }
  if (rules_.last_word) TAILOR_TRY(rules_.last_word(peer.identity));
  Admission::Certificate shown{.serial_bytes = static_cast<uint8_t>(serial.size()),
                               .authority = static_cast<uint8_t>(peer.authority),
                               .usable_until = peer.usable_until};
  std::copy(serial.begin(), serial.end(), shown.serial.begin());
  return Admission{std::string{peer.identity.tenant()}, peer.identity.role, peer.identity.id, shown,
                   peer.identity.public_key};
}

Status CertificatePolicy::review(const Admission& admission) noexcept {
  if (!admission.certificate) return kOk;
  const Admission::Certificate& shown = *admission.certificate;
  if (const auto time = now(); time && *time > shown.usable_until) return Error::kCertificateExpired;
  return check_revocations(shown.authority, ByteView(shown.serial).first(shown.serial_bytes));
}

Status CertificatePolicy::check_revocations(size_t authority, ByteView serial) noexcept {
  const auto revocations = std::atomic_load(&revocations_);
  if (revocations == nullptr) return kOk;
  for (const Revocations& one : *revocations) {
    if (one.authority == authority && one.list.revokes(serial)) return Error::kCertificateRevoked;
  }
  return kOk;
}

std::optional<uint64_t> CertificatePolicy::now() const noexcept {
  if (rules_.clock == nullptr) return std::nullopt;
  const int64_t seconds = to_unix_seconds(rules_.clock->now());
  return seconds < 0 ? 0 : static_cast<uint64_t>(seconds);
}

}  // namespace tailor::net
