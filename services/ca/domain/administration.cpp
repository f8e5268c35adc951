// SPDX-License-Identifier: Apache-2.0
// What an operator does at the authority: codes, devices, revocation, retirement, the revocation list; and telling who
// a certificate belongs to.
#include <openssl/rand.h>

#include "core/trust/factory_bundle.hpp"
#include "core/trust/psk.hpp"
#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/verify.hpp"
#include "services/ca/domain/authority.hpp"
#include "services/ca/domain/code_hash.hpp"
#include "services/ca/domain/transaction.hpp"

namespace tailor::ca {
namespace {

constexpr size_t kCodeBytes = 16;  // 128 bits: not to be guessed, short enough to be typed
constexpr size_t kMaxHostNames = 16;

/// Makes the next reader of the revocation list make a new one.
Outcome<void> outdate_crl(Records& records) {
  TAILOR_TRY_ASSIGN(auto crl, records.find_crl());
  if (!crl || crl->outdated) return kOk;
  crl->outdated = true;
  return records.put_crl(*crl);
}

Outcome<SecretString> random_code() {
  SecretBytes bytes = SecretBytes::of_size(kCodeBytes);
  if (RAND_bytes(bytes.reveal_mutable().data(), static_cast<int>(kCodeBytes)) != 1) {
    return fail(Error::kEntropyFailed, "enrolment code");
  }
  std::string text = to_base64url(bytes.reveal());
  SecretString code(text);
  wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  return code;
}

}  // namespace

Authority::Authority(pki::Issuer issuer, Policy policy, Vault vault, std::vector<pki::Certificate> factory_anchors,
                     Ledger& ledger, const UtcClock& clock)
    : issuer_(std::move(issuer)),
      policy_(policy),
      vault_(std::move(vault)),
      anchors_{issuer_.certificate},
      factory_anchors_(std::move(factory_anchors)),
      ledger_(ledger),
      clock_(clock) {}

Outcome<IssuedCode> Authority::issue_code(const NewCode& wanted) {
  const std::chrono::seconds lifetime = wanted.lifetime.value_or(policy_.code_lifetime);
  const bool serves = wanted.role == pki::Role::kUpdateServer || wanted.role == pki::Role::kCa;
  if (wanted.role == pki::Role::kDevice) return fail(Error::kValueOutOfRange, "devices enrol with what the maker gave");
  if (!pki::is_tenant(wanted.tenant)) return fail(Error::kValueOutOfRange, "tenant");
  if (!serves && !wanted.host_names.empty()) return fail(Error::kValueOutOfRange, "an operator has no host names");
  if (wanted.host_names.size() > kMaxHostNames) return fail(Error::kValueOutOfRange, "too many host names");
  if (lifetime < std::chrono::seconds(1)) return fail(Error::kValueOutOfRange, "lifetime of the code");
  TAILOR_TRY_ASSIGN(const Uuid random_id, uuid4());
  TAILOR_TRY_ASSIGN(SecretString code, random_code());
  CodeRecord record;
  record.hash = code_hash(code.reveal());
  record.subject = {wanted.tenant, wanted.role, wanted.id.value_or(random_id)};
  record.host_names = wanted.host_names;
  record.created_at = clock_.now();
  record.expires_at = record.created_at + lifetime;
  TAILOR_TRY(ledger_.write([&](Records& records) { return records.add_code(record); }));
  log(LogLevel::kInfo, "ca", "enrolment code issued", {{"subject", record.subject.to_uri()}});
  return IssuedCode{std::move(code), record.subject, record.expires_at};
}

Outcome<void> Authority::register_device(const NewDevice& device) {
  if (!pki::is_tenant(device.tenant)) return fail(Error::kValueOutOfRange, "tenant");
  if (device.key_pairs != 1 && device.key_pairs != 2) return fail(Error::kValueOutOfRange, "key pairs: 1 or 2");
  if (!device.secret.empty() &&
      (device.secret.size() < trust::kMinFactorySecretBytes || device.secret.size() > trust::kMaxFactorySecretBytes)) {
    return fail(Error::kValueOutOfRange, "length of the factory secret");
  }
  DeviceRecord record;
  record.id = device.id;
  record.tenant = device.tenant;
  record.key_pairs = device.key_pairs;
  record.registered_at = clock_.now();
  if (!device.secret.empty()) {
    TAILOR_TRY_ASSIGN(record.sealed_secret, vault_.seal(device.id, device.secret.reveal()));
  }
  const Outcome<void> done = ledger_.write([&](Records& records) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(const std::optional<DeviceRecord> known, records.find_device(device.id));
    if (known && !known->retired_at) return fail(Error::kAlreadyExists, uuid_text(device.id));
    return records.put_device(record);
  });
  if (!done.ok()) return done;
  log(LogLevel::kInfo, "ca", "device registered", {{"device", uuid_text(device.id)}});
  return kOk;
}

Outcome<DeviceRecord> Authority::device(const Uuid& id) {
  return transact(ledger_, Access::kRead, [&](Records& records) -> Outcome<DeviceRecord> {
    TAILOR_TRY_ASSIGN(auto found, records.find_device(id));
    if (!found) return fail(Error::kNotFound, uuid_text(id));
    return std::move(*found);
  });
}

Outcome<void> Authority::retire_device(const Uuid& id) {
  const Outcome<void> done = ledger_.write([&](Records& records) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(auto found, records.find_device(id));
    if (!found) return fail(Error::kNotFound, uuid_text(id));
    if (found->retired_at) return kOk;
    found->retired_at = clock_.now();
    found->sealed_secret.clear();
    TAILOR_TRY(records.put_device(*found));
    TAILOR_TRY_ASSIGN(const auto all, records.certificates_of({found->tenant, pki::Role::kDevice, id}));
    for (const CertificateRecord& record : all) {
      if (record.revoked_at) continue;
      TAILOR_TRY(
          records.mark_certificate_revoked(record.serial, clock_.now(), pki::RevocationReason::kCessationOfOperation));
    }
    return outdate_crl(records);
  });
  if (!done.ok()) return done;
  log(LogLevel::kInfo, "ca", "device retired", {{"device", uuid_text(id)}});
  return kOk;
}

Outcome<CertificateRecord> Authority::certificate(const std::string& serial) {
  return transact(ledger_, Access::kRead, [&](Records& records) -> Outcome<CertificateRecord> {
    TAILOR_TRY_ASSIGN(auto found, records.find_certificate(serial));
    if (!found) return fail(Error::kNotFound, serial);
    return std::move(*found);
  });
}

Outcome<std::vector<CertificateRecord>> Authority::certificates(const CertificateFilter& filter,
                                                                const CertificateCursor& after, size_t limit) {
  return transact(ledger_, Access::kRead,
                  [&](Records& records) { return records.list_certificates(filter, after, limit); });
}

Outcome<void> Authority::revoke(const std::string& serial, pki::RevocationReason reason) {
  bool changed = false;
  const Outcome<void> done = ledger_.write([&](Records& records) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(const auto found, records.find_certificate(serial));
    if (!found) return fail(Error::kNotFound, serial);
    changed = !found->revoked_at;
    if (!changed) return kOk;
    TAILOR_TRY(records.mark_certificate_revoked(serial, clock_.now(), reason));
    return outdate_crl(records);
  });
  if (!done.ok()) return done;
  if (changed) log(LogLevel::kInfo, "ca", "certificate revoked", {{"serial", serial}, {"reason", to_text(reason)}});
  return kOk;
}

Outcome<void> Authority::note_use(const std::string& serial) {
  return ledger_.write([&](Records& records) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(const auto found, records.find_certificate(serial));
    if (!found) return fail(Error::kNotFound, serial);
    if (found->used_at) return kOk;
    return records.mark_certificate_used(serial, clock_.now());
  });
}

Outcome<pki::Identity> Authority::verify_own(const pki::Certificate& certificate) const {
  pki::VerifyPolicy policy;
  policy.anchors = anchors_;
  policy.now = clock_.now();
  return pki::verify(certificate, policy);
}

Outcome<void> Authority::check_not_withdrawn(Records& records, const pki::Certificate& certificate,
                                             const pki::Identity& subject) const {
  TAILOR_TRY_ASSIGN(const auto record, records.find_certificate(certificate.serial()));
  if (!record || record->der != certificate.der()) {
    // Signed by our key, yet not in the ledger: after a restore from an old backup, or a stolen key.
    return fail(Error::kCertificateInvalid, "certificate is not in the ledger: " + certificate.serial());
  }
  if (subject.role == pki::Role::kDevice) {
    TAILOR_TRY_ASSIGN(const auto device, records.find_device(subject.id));
    if (device && device->retired_at) return fail(Error::kDeviceRetired, uuid_text(subject.id));
  }
  if (record->revoked_at) return fail(Error::kCertificateRevoked, certificate.serial());
  return kOk;
}

Outcome<pki::Identity> Authority::check(const pki::Certificate& certificate) {
  TAILOR_TRY_ASSIGN(const pki::Identity subject, verify_own(certificate));
  const Outcome<void> good = ledger_.read(
      [&](Records& records) -> Outcome<void> { return check_not_withdrawn(records, certificate, subject); });
  if (!good.ok()) return good.error();
  return subject;
}

Outcome<pki::Identity> Authority::authenticate(const pki::Certificate& certificate) {
  TAILOR_TRY_ASSIGN(pki::Identity subject, check(certificate));
  TAILOR_TRY_ASSIGN(const CertificateRecord record, this->certificate(certificate.serial()));
  if (!record.used_at) TAILOR_TRY(note_use(record.serial));
  return subject;
}

Outcome<SecretBytes> Authority::pre_shared_key(const Uuid& id, uint32_t generation) {
  std::optional<DeviceRecord> found;
  const Outcome<void> done = ledger_.read([&](Records& records) -> Outcome<void> {
    TAILOR_TRY_ASSIGN(auto device, records.find_device(id));
    if (device) found.emplace(std::move(*device));
    return kOk;
  });
  if (!done.ok()) return done.error();
  if (!found || found->sealed_secret.empty()) return fail(Error::kPskUnknown, uuid_text(id));
  TAILOR_TRY_ASSIGN(const SecretBytes secret, vault_.open(id, found->sealed_secret));
  TAILOR_TRY_ASSIGN(const trust::Psk psk,
                    with_context(trust::derive_psk(secret.reveal(), id, generation), "deriving a pre-shared key"));
  return SecretBytes(psk.secret_bytes());
}

bool Authority::is_fresh(const std::optional<CrlRecord>& stored) const {
  const UtcTime now = clock_.now();
  return stored && !stored->outdated && now >= stored->this_update &&
         now < stored->this_update + policy_.crl_validity / 2;
}

Outcome<pki::Crl> Authority::crl() {
  const auto stored = transact(ledger_, Access::kRead, [](Records& records) { return records.find_crl(); });
  if (!stored.ok()) return stored.error();
  if (is_fresh(*stored)) return pki::Crl::from_der((*stored)->der, issuer_.certificate);
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Crl> {
    TAILOR_TRY_ASSIGN(const auto again, records.find_crl());
    if (is_fresh(again)) return pki::Crl::from_der(again->der, issuer_.certificate);  // another one was quicker
    const UtcTime now = clock_.now();
    TAILOR_TRY_ASSIGN(const auto revoked, records.revoked_certificates(now));
    const uint64_t number = again ? again->number + 1 : 1;
    TAILOR_TRY_ASSIGN(pki::Crl list, pki::make_crl(issuer_, revoked, number, now, now + policy_.crl_validity));
    TAILOR_TRY(records.put_crl({number, now, list.der(), false}));
    return list;
  });
}

}  // namespace tailor::ca
