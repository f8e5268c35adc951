// SPDX-License-Identifier: Apache-2.0
// Who gets a certificate: by code, pre-shared key, factory certificate, or the certificate in force. Each decision and
// its record are one transaction, so that a crash in between leaves either both or none.
#include <openssl/sha.h>

#include <algorithm>

#include "core/cose/verification_key.hpp"
#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/verify.hpp"
#include "services/ca/domain/authority.hpp"
#include "services/ca/domain/code_hash.hpp"
#include "services/ca/domain/transaction.hpp"

namespace tailor::ca {

struct Authority::Grant {
  pki::Identity subject;
  std::vector<std::string> host_names;
  Origin origin = Origin::kCode;
  std::string reference;
};

namespace {

/// The key's name in the records (RFC 9679), hexadecimal.
Outcome<std::string> thumbprint_of(const crypto::P256PublicKey& key) {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(cose::thumbprint(key), "thumbprint"));
  return to_hex(digest);
}

/// What a request asks for must be what its sender is entitled to; what it leaves open is filled in (RFC 7030 4.2.1).
Outcome<void> check_request(const pki::CertificateRequest& request, const pki::Identity& subject,
                            const std::vector<std::string>& host_names) {
  if (request.identity && *request.identity != subject) {
    return fail(Error::kCertificateProfile, "request names " + request.identity->to_uri());
  }
  const auto named = Uuid::from_text(request.common_name);
  if (named.ok() && *named != subject.id) {
    return fail(Error::kCertificateProfile, "request names " + request.common_name);
  }
  for (const std::string& host : request.host_names) {
    if (std::find(host_names.begin(), host_names.end(), host) == host_names.end()) {
      return fail(Error::kCertificateProfile, "request asks for host name " + host);
    }
  }
  return kOk;
}

Outcome<DeviceRecord> active_device(Records& records, const Uuid& id, Error unknown) {
  TAILOR_TRY_ASSIGN(const std::optional<DeviceRecord> device, records.find_device(id));
  if (!device) return fail(unknown, uuid_text(id));
  if (device->retired_at) return fail(Error::kDeviceRetired, uuid_text(id));
  return *device;
}

/// Finds a certificate that a retry gets again: same origin, same key, still good, not used yet.
std::optional<CertificateRecord> find_retry(const std::vector<CertificateRecord>& certificates, Origin origin,
                                            const std::string& reference, const std::string& thumbprint, UtcTime now) {
  for (const CertificateRecord& record : certificates) {
    if (record.origin == origin && record.origin_reference == reference && record.thumbprint == thumbprint &&
        !record.used_at && !record.revoked_at && record.not_after > now) {
      return record;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string code_hash(std::string_view code) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const uint8_t*>(code.data()), code.size(), digest.data());
  return to_hex(digest);
}

std::chrono::seconds Authority::validity_of(pki::Role role) const {
  switch (role) {
    case pki::Role::kDevice:
      return policy_.device_validity;
    case pki::Role::kOperator:
      return policy_.operator_validity;
    case pki::Role::kUpdateServer:
    case pki::Role::kCa:
      break;
  }
  return policy_.server_validity;
}

Outcome<pki::Certificate> Authority::issue(Records& records, const Grant& grant,
                                           const crypto::P256PublicKey& key) const {
  const UtcTime now = clock_.now();
  TAILOR_TRY_ASSIGN(pki::Certificate certificate,
                    pki::issue(issuer_, grant.subject, key,
                               {now - policy_.backdate, now + validity_of(grant.subject.role)}, grant.host_names));
  CertificateRecord record;
  record.serial = certificate.serial();
  record.subject = grant.subject;
  TAILOR_TRY_ASSIGN(record.thumbprint, thumbprint_of(key));
  record.der = certificate.der();
  record.not_before = certificate.not_before();
  record.not_after = certificate.not_after();
  record.issued_at = now;
  record.origin = grant.origin;
  record.origin_reference = grant.reference;
  TAILOR_TRY(records.add_certificate(record));
  log(LogLevel::kInfo, "ca", "certificate issued",
      {{"serial", record.serial}, {"subject", grant.subject.to_uri()}, {"by", to_text(grant.origin)}});
  return certificate;
}

Outcome<pki::Certificate> Authority::enrol_with_code(std::string_view user, const SecretString& code, ByteView der) {
  TAILOR_TRY_ASSIGN(const pki::CertificateRequest request, pki::CertificateRequest::from_der(der));
  const std::string hash = code_hash(code.reveal());
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Certificate> {
    TAILOR_TRY_ASSIGN(const std::optional<CodeRecord> record, records.find_code(hash));
    if (!record || record->used_at || record->expires_at <= clock_.now() ||
        pki::to_text(record->subject.role) != user) {
      return fail(Error::kEnrolmentCodeInvalid);  // which of these it was helps only who guesses
    }
    TAILOR_TRY(check_request(request, record->subject, record->host_names));
    TAILOR_TRY(records.mark_code_used(hash, clock_.now()));
    return issue(records, {record->subject, record->host_names, Origin::kCode, {}}, request.public_key);
  });
}

Outcome<pki::Certificate> Authority::enrol_with_psk(const Uuid& id, uint32_t generation, ByteView der) {
  TAILOR_TRY_ASSIGN(const pki::CertificateRequest request, pki::CertificateRequest::from_der(der));
  TAILOR_TRY_ASSIGN(const std::string thumbprint, thumbprint_of(request.public_key));
  const std::string reference = std::to_string(generation);
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Certificate> {
    TAILOR_TRY_ASSIGN(DeviceRecord device, active_device(records, id, Error::kPskUnknown));
    const pki::Identity subject{device.tenant, pki::Role::kDevice, id};
    TAILOR_TRY(check_request(request, subject, {}));
    if (device.generation && generation < *device.generation) {
      return fail(Error::kPskSpent, "a later generation is in use");
    }
    TAILOR_TRY_ASSIGN(const std::vector<CertificateRecord> all, records.certificates_of(subject));
    std::vector<CertificateRecord> mine;  // of this transaction
    for (const CertificateRecord& record : all) {
      if (record.origin == Origin::kPsk && record.origin_reference == reference &&
          record.issued_at >= device.registered_at) {
        mine.push_back(record);
      }
    }
    const bool used = std::any_of(mine.begin(), mine.end(), [](const auto& r) { return r.used_at || r.revoked_at; });
    if (used) return fail(Error::kPskSpent, "generation " + reference);
    if (auto again = find_retry(mine, Origin::kPsk, reference, thumbprint, clock_.now())) {
      return pki::Certificate::from_der(again->der);
    }
    if (mine.size() >= device.key_pairs) return fail(Error::kPskSpent, "generation " + reference);
    if (device.generation != generation) {
      device.generation = generation;
      TAILOR_TRY(records.put_device(device));
    }
    return issue(records, {subject, {}, Origin::kPsk, reference}, request.public_key);
  });
}

bool Authority::is_factory_certificate(const pki::Certificate& certificate) const {
  pki::VerifyPolicy policy;
  policy.anchors = factory_anchors_;
  policy.now = clock_.now();
  return pki::verify(certificate, policy).ok();
}

Outcome<pki::Certificate> Authority::enrol_with_factory_certificate(const pki::Certificate& factory, ByteView der) {
  const pki::Role devices[] = {pki::Role::kDevice};
  pki::VerifyPolicy policy;
  policy.anchors = factory_anchors_;
  policy.now = clock_.now();
  policy.roles = devices;
  TAILOR_TRY_ASSIGN(const pki::Identity claimed, pki::verify(factory, policy));
  TAILOR_TRY_ASSIGN(const pki::CertificateRequest request, pki::CertificateRequest::from_der(der));
  TAILOR_TRY_ASSIGN(const std::string thumbprint, thumbprint_of(request.public_key));
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Certificate> {
    TAILOR_TRY_ASSIGN(const DeviceRecord device, active_device(records, claimed.id, Error::kNotFound));
    const pki::Identity subject{device.tenant, pki::Role::kDevice, claimed.id};
    TAILOR_TRY(check_request(request, subject, {}));
    TAILOR_TRY_ASSIGN(const std::vector<CertificateRecord> all, records.certificates_of(subject));
    if (auto again = find_retry(all, Origin::kIdevid, "", thumbprint, clock_.now())) {
      return pki::Certificate::from_der(again->der);
    }
    return issue(records, {subject, {}, Origin::kIdevid, {}}, request.public_key);
  });
}

Outcome<pki::Certificate> Authority::renew(const pki::Certificate& current, ByteView der) {
  TAILOR_TRY_ASSIGN(const pki::Identity subject, authenticate(current));
  TAILOR_TRY_ASSIGN(const pki::CertificateRequest request, pki::CertificateRequest::from_der(der));
  TAILOR_TRY(check_request(request, subject, current.host_names()));
  TAILOR_TRY_ASSIGN(const std::string thumbprint, thumbprint_of(request.public_key));
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Certificate> {
    TAILOR_TRY_ASSIGN(const std::vector<CertificateRecord> all, records.certificates_of(subject));
    if (auto again = find_retry(all, Origin::kRenewal, current.serial(), thumbprint, clock_.now())) {
      return pki::Certificate::from_der(again->der);
    }
    TAILOR_TRY_ASSIGN(
        pki::Certificate issued,
        issue(records, {subject, current.host_names(), Origin::kRenewal, current.serial()}, request.public_key));
    return issued;
  });
}

Outcome<pki::Certificate> Authority::issue_for_service(const pki::Identity& subject, const crypto::P256PublicKey& key,
                                                       const std::vector<std::string>& host_names) {
  return transact(ledger_, Access::kWrite, [&](Records& records) -> Outcome<pki::Certificate> {
    return issue(records, {subject, host_names, Origin::kService, {}}, key);
  });
}

}  // namespace tailor::ca
