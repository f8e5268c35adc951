// SPDX-License-Identifier: Apache-2.0
// Builds and signs X.509 v3 certificates over OpenSSL.
#include "pki/issue.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "hosted/uuid_make.hpp"
#include "pki/names.hpp"
#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

constexpr size_t kSerialBytes = 16;

Failure openssl_step(const char* step) {
  return openssl_failure(Error::kCryptoFailed, step);
}

/// RFC 5280 4.1.2.2: positive, unique; 16 random bytes with a fixed top so that the length is always the same.
Outcome<void> set_random_serial(X509* certificate) {
  uint8_t bytes[kSerialBytes];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return fail(Error::kEntropyFailed, "serial number");
  bytes[0] = static_cast<uint8_t>((bytes[0] & 0x3FU) | 0x40U);
  const BignumPtr number(BN_bin2bn(bytes, sizeof(bytes), nullptr));
  const Asn1IntegerPtr serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
  if (!serial || X509_set_serialNumber(certificate, serial.get()) != 1) return openssl_step("serial number");
  return kOk;
}

Outcome<void> add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return openssl_step("extension");
  return kOk;
}

Outcome<void> add_name_entry(X509* certificate, const char* field, const std::string& text) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  if (X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const uint8_t*>(text.data()),
                                 static_cast<int>(text.size()), -1, 0) != 1) {
    return openssl_step("subject");
  }
  return kOk;
}

/// Everything that roots and end entities share.
Outcome<X509Ptr> make_base(const Identity& subject, const crypto::P256PublicKey& key, const Validity& validity,
                           const std::vector<std::string>& host_names) {
  if (validity.not_after <= validity.not_before) return fail(Error::kValueOutOfRange, "certificate validity is empty");
  if (!is_tenant(subject.tenant)) return fail(Error::kValueOutOfRange, "tenant name");
  X509Ptr certificate(X509_new());
  TAILOR_TRY_ASSIGN(const auto handle, public_key_handle(key));
  TAILOR_TRY_ASSIGN(const Asn1TimePtr not_before, to_asn1(validity.not_before));
  TAILOR_TRY_ASSIGN(const Asn1TimePtr not_after, to_asn1(validity.not_after));
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), handle.get()) != 1 ||
      X509_set1_notBefore(certificate.get(), not_before.get()) != 1 ||
      X509_set1_notAfter(certificate.get(), not_after.get()) != 1) {
    return openssl_step("certificate");
  }
  TAILOR_TRY(set_random_serial(certificate.get()));
  TAILOR_TRY_ASSIGN(const GeneralNamesPtr names, make_names(&subject, host_names));
  if (X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return openssl_step("alternative names");
  }
  return certificate;
}

Outcome<Certificate> sign(X509* certificate, const PrivateKey& key) {
  if (X509_sign(certificate, key.handle(), EVP_sha256()) <= 0) return openssl_step("signing a certificate");
  TAILOR_TRY_ASSIGN(const Bytes der, to_der(certificate, i2d_X509));
  return Certificate::from_der(der);
}

const char* extended_usage(Role role) {
  switch (role) {
    case Role::kDevice:  // the device is the DTLS server when an operator or a server comes to it
    case Role::kUpdateServer:
    case Role::kCa:
      return "serverAuth,clientAuth";
    case Role::kOperator:
      break;
  }
  return "clientAuth";
}

}  // namespace

Outcome<Issuer> make_root(const PrivateKey& key, const Identity& identity, const std::string& name,
                          const Validity& validity) {
  if (identity.role != Role::kCa) return fail(Error::kCertificateProfile, "a root has the role ca");
  TAILOR_TRY_ASSIGN(const X509Ptr certificate, make_base(identity, key.public_key(), validity, {}));
  if (!name.empty()) TAILOR_TRY(add_name_entry(certificate.get(), "O", name));
  TAILOR_TRY(add_name_entry(certificate.get(), "CN", uuid_text(identity.id)));
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1) {
    return openssl_step("issuer");
  }
  X509* self = certificate.get();
  TAILOR_TRY(add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  TAILOR_TRY(add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign"));
  TAILOR_TRY(add_extension(self, self, NID_subject_key_identifier, "hash"));
  TAILOR_TRY_ASSIGN(Certificate root, sign(self, key));
  return Issuer{std::move(root), key};
}

Outcome<Issuer> load_issuer(Certificate certificate, PrivateKey key) {
  if (!certificate.is_authority()) return fail(Error::kCertificateProfile, "certificate is not an authority's");
  if (certificate.public_key() != key.public_key()) {
    return fail(Error::kCertificateProfile, "private key does not belong to the authority's certificate");
  }
  return Issuer{std::move(certificate), std::move(key)};
}

Outcome<Certificate> issue(const Issuer& issuer, const Identity& subject, const crypto::P256PublicKey& key,
                           const Validity& validity, const std::vector<std::string>& host_names) {
  const bool serves = subject.role == Role::kUpdateServer || subject.role == Role::kCa;
  if (!serves && !host_names.empty()) return fail(Error::kCertificateProfile, "this role carries no host names");
  Validity cut = validity;
  if (cut.not_after != kNoExpiry) cut.not_after = std::min(cut.not_after, issuer.certificate.not_after());
  TAILOR_TRY_ASSIGN(const X509Ptr certificate, make_base(subject, key, cut, host_names));
  TAILOR_TRY(add_name_entry(certificate.get(), "CN", uuid_text(subject.id)));
  X509* root = issuer.certificate.handle();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(root)) != 1) return openssl_step("issuer");
  TAILOR_TRY(add_extension(certificate.get(), root, NID_basic_constraints, "critical,CA:FALSE"));
  TAILOR_TRY(add_extension(certificate.get(), root, NID_key_usage, "critical,digitalSignature"));
  TAILOR_TRY(add_extension(certificate.get(), root, NID_ext_key_usage, extended_usage(subject.role)));
  TAILOR_TRY(add_extension(certificate.get(), root, NID_subject_key_identifier, "hash"));
  TAILOR_TRY(add_extension(certificate.get(), root, NID_authority_key_identifier, "keyid:always"));
  return sign(certificate.get(), issuer.key);
}

}  // namespace tailor::pki
