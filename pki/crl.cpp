// SPDX-License-Identifier: Apache-2.0
// Revocation lists over OpenSSL.
#include "pki/crl.hpp"

#include "hosted/encoding.hpp"
#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

constexpr std::pair<RevocationReason, std::string_view> kReasons[] = {
    {RevocationReason::kUnspecified, "unspecified"},
    {RevocationReason::kKeyCompromise, "key-compromise"},
    {RevocationReason::kAffiliationChanged, "affiliation-changed"},
    {RevocationReason::kSuperseded, "superseded"},
    {RevocationReason::kCessationOfOperation, "cessation-of-operation"},
    {RevocationReason::kPrivilegeWithdrawn, "privilege-withdrawn"},
};

struct EnumeratedFree {
  void operator()(ASN1_ENUMERATED* value) const { ASN1_ENUMERATED_free(value); }
};

Failure openssl_step(const char* step) {
  return openssl_failure(Error::kCryptoFailed, step);
}

Outcome<Asn1IntegerPtr> integer_from_hex(const std::string& hex) {
  auto bytes = from_hex(hex.size() % 2 == 0 ? hex : "0" + hex);
  if (!bytes.ok()) return fail(Error::kValueOutOfRange, "serial number is not hexadecimal");
  const BignumPtr number(BN_bin2bn(bytes->data(), static_cast<int>(bytes->size()), nullptr));
  Asn1IntegerPtr out(BN_to_ASN1_INTEGER(number.get(), nullptr));
  if (!out) return openssl_step("serial number");
  return out;
}

Outcome<void> add_entry(X509_CRL* crl, const RevokedCertificate& revoked) {
  TAILOR_TRY_ASSIGN(const Asn1IntegerPtr serial, integer_from_hex(revoked.serial));
  TAILOR_TRY_ASSIGN(const Asn1TimePtr when, to_asn1(revoked.revoked_at));
  std::unique_ptr<X509_REVOKED, OpensslDelete<X509_REVOKED_free>> entry(X509_REVOKED_new());
  if (!entry || X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), when.get()) != 1) {
    return openssl_step("revoked certificate");
  }
  if (revoked.reason != RevocationReason::kUnspecified) {  // RFC 5280 5.3.1: unspecified is left out
    const std::unique_ptr<ASN1_ENUMERATED, EnumeratedFree> reason(ASN1_ENUMERATED_new());
    if (!reason || ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revoked.reason)) != 1 ||
        X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, X509V3_ADD_DEFAULT) != 1) {
      return openssl_step("revocation reason");
    }
  }
  if (X509_CRL_add0_revoked(crl, entry.get()) != 1) return openssl_step("revoked certificate");
  entry.release();  // NOLINT(bugprone-unused-return-value): the list owns it now
  return kOk;
}

}  // namespace

std::string_view to_text(RevocationReason reason) noexcept {
  for (const auto& [value, text] : kReasons) {
    if (value == reason) return text;
  }
  return "unspecified";
}

std::optional<RevocationReason> reason_from_text(std::string_view text) noexcept {
  for (const auto& [value, name] : kReasons) {
    if (name == text) return value;
  }
  return std::nullopt;
}

Outcome<Crl> Crl::from_der(ByteView der, const Certificate& authority) {
  TAILOR_TRY_ASSIGN(const X509CrlPtr parsed, pki::from_der<X509CrlPtr>(der, d2i_X509_CRL, "revocation list"));
  if (X509_NAME_cmp(X509_CRL_get_issuer(parsed.get()), X509_get_subject_name(authority.handle())) != 0 ||
      X509_CRL_verify(parsed.get(), X509_get0_pubkey(authority.handle())) != 1) {
    ERR_clear_error();
    return fail(Error::kSignatureInvalid, "revocation list is not signed by this authority");
  }
  Crl out(authority);
  out.der_.assign(der.begin(), der.end());
  TAILOR_TRY_ASSIGN(out.this_update_, to_utc(X509_CRL_get0_lastUpdate(parsed.get())));
  TAILOR_TRY_ASSIGN(out.next_update_, to_utc(X509_CRL_get0_nextUpdate(parsed.get())));
  const Asn1IntegerPtr number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(parsed.get(), NID_crl_number, nullptr, nullptr)));
  if (!number || ASN1_INTEGER_get_uint64(&out.number_, number.get()) != 1) {
    return fail(Error::kDerMalformed, "revocation list without a number");
  }
  STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(parsed.get());
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(revoked, i);
    TAILOR_TRY_ASSIGN(std::string serial, serial_text(X509_REVOKED_get0_serialNumber(entry)));
    TAILOR_TRY_ASSIGN(const UtcTime when, to_utc(X509_REVOKED_get0_revocationDate(entry)));
    out.revoked_.emplace(std::move(serial), when);
  }
  return out;
}

std::string Crl::to_pem() const {
  return pem("X509 CRL", der_);
}

bool Crl::revokes(const Certificate& certificate) const {
  return revoked_.contains(certificate.serial()) &&
         X509_NAME_cmp(X509_get_issuer_name(certificate.handle()), X509_get_subject_name(authority_.handle())) == 0;
}

Outcome<Crl> make_crl(const Issuer& issuer, std::span<const RevokedCertificate> revoked, uint64_t number,
                      UtcTime this_update, UtcTime next_update) {
  const X509CrlPtr crl(X509_CRL_new());
  TAILOR_TRY_ASSIGN(const Asn1TimePtr last, to_asn1(this_update));
  TAILOR_TRY_ASSIGN(const Asn1TimePtr next, to_asn1(next_update));
  if (!crl || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.handle())) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), last.get()) != 1 || X509_CRL_set1_nextUpdate(crl.get(), next.get()) != 1) {
    return openssl_step("revocation list");
  }
  for (const RevokedCertificate& entry : revoked) TAILOR_TRY(add_entry(crl.get(), entry));
  const Asn1IntegerPtr asn1_number(ASN1_INTEGER_new());
  if (!asn1_number || ASN1_INTEGER_set_uint64(asn1_number.get(), number) != 1 ||
      X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, asn1_number.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return openssl_step("revocation list number");
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.handle(), nullptr, nullptr, crl.get(), 0);
  const X509ExtensionPtr key_id(X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  if (!key_id || X509_CRL_add_ext(crl.get(), key_id.get(), -1) != 1) return openssl_step("authority key identifier");
  X509_CRL_sort(crl.get());
  if (X509_CRL_sign(crl.get(), issuer.key.handle(), EVP_sha256()) <= 0) return openssl_step("signing a list");
  TAILOR_TRY_ASSIGN(const Bytes der, to_der(crl.get(), i2d_X509_CRL));
  return Crl::from_der(der, issuer.certificate);
}

}  // namespace tailor::pki
