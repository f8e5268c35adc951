// SPDX-License-Identifier: Apache-2.0
// Certificate verification: OpenSSL's path validation, then our profile on top.
#include "pki/verify.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

Error code_of(int x509_error) {
  switch (x509_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error::kCertificateExpired;
    case X509_V_ERR_INVALID_PURPOSE:
      return Error::kCertificateProfile;
    default:
      return Error::kCertificateInvalid;
  }
}

Outcome<void> validate_path(const Certificate& certificate, const VerifyPolicy& policy) {
  const X509StorePtr store(X509_STORE_new());
  if (!store) return openssl_failure(Error::kCryptoFailed, "certificate store");
  for (const Certificate& anchor : policy.anchors) {
    if (X509_STORE_add_cert(store.get(), anchor.handle()) != 1) {
      return openssl_failure(Error::kCryptoFailed, "certificate store");
    }
  }
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store.get(), certificate.handle(), nullptr) != 1) {
    return openssl_failure(Error::kCryptoFailed, "certificate store");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(to_unix_seconds(policy.now)));
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(parameters,
                                policy.usage == Usage::kClient ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) == 1) return kOk;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return fail(code_of(error), X509_verify_cert_error_string(error));
}

}  // namespace

Outcome<Identity> verify(const Certificate& certificate, const VerifyPolicy& policy) {
  if (policy.anchors.empty()) return fail(Error::kCertificateInvalid, "no trusted authority is configured");
  TAILOR_TRY(validate_path(certificate, policy));
  if (certificate.is_authority()) return fail(Error::kCertificateProfile, "an authority's certificate is no peer's");
  if (X509_get_signature_nid(certificate.handle()) != NID_ecdsa_with_SHA256) {
    return fail(Error::kCertificateProfile, "signature is not ecdsa-with-SHA256");
  }
  if (!certificate.identity()) return fail(Error::kCertificateProfile, "no subject URI of ours");
  if (policy.crl != nullptr && policy.crl->revokes(certificate)) {
    return fail(Error::kCertificateRevoked, certificate.identity()->to_uri());
  }
  const Role role = certificate.identity()->role;
  if (!policy.roles.empty() && std::find(policy.roles.begin(), policy.roles.end(), role) == policy.roles.end()) {
    return fail(Error::kRoleNotPermitted, certificate.identity()->to_uri());
  }
  return *certificate.identity();
}

}  // namespace tailor::pki
