// SPDX-License-Identifier: Apache-2.0
// Certs-only PKCS#7 over OpenSSL, and the constant CsrAttrs.
#include "pki/est_format.hpp"

#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

// SEQUENCE { SEQUENCE { OID id-ecPublicKey, SET { OID prime256v1 } }, OID ecdsa-with-SHA256 }
constexpr auto kCsrAttributes =
    "30 21 30 15 06 07 2a 86 48 ce 3d 02 01 31 0a 06 08 2a 86 48 ce 3d 03 01 07 06 08 2a 86 48 ce 3d 04 03 02"_hex;

}  // namespace

Outcome<Bytes> make_certs_only(std::span<const Certificate> certificates) {
  const Pkcs7Ptr pkcs7(PKCS7_new());
  if (!pkcs7 || PKCS7_set_type(pkcs7.get(), NID_pkcs7_signed) != 1 ||
      PKCS7_content_new(pkcs7.get(), NID_pkcs7_data) != 1 || PKCS7_set_detached(pkcs7.get(), 1) != 1) {
    return openssl_failure(Error::kCryptoFailed, "certs-only");
  }
  for (const Certificate& certificate : certificates) {
    if (PKCS7_add_certificate(pkcs7.get(), certificate.handle()) != 1) {
      return openssl_failure(Error::kCryptoFailed, "certs-only");
    }
  }
  return to_der(pkcs7.get(), i2d_PKCS7);
}

Outcome<std::vector<Certificate>> parse_certs_only(ByteView der) {
  TAILOR_TRY_ASSIGN(const Pkcs7Ptr pkcs7, from_der<Pkcs7Ptr>(der, d2i_PKCS7, "certs-only"));
  if (!PKCS7_type_is_signed(pkcs7.get()) || pkcs7->d.sign == nullptr) {
    return fail(Error::kDerMalformed, "not PKCS#7 signed data");
  }
  const PKCS7_SIGNED* content = pkcs7->d.sign;
  if (sk_PKCS7_SIGNER_INFO_num(content->signer_info) > 0 ||
      (content->contents != nullptr && PKCS7_type_is_data(content->contents) && content->contents->d.data != nullptr)) {
    return fail(Error::kDerMalformed, "PKCS#7 is not certs-only");
  }
  std::vector<Certificate> out;
  for (int i = 0; i < sk_X509_num(content->cert); ++i) {
    TAILOR_TRY_ASSIGN(const Bytes one, to_der(sk_X509_value(content->cert, i), i2d_X509));
    TAILOR_TRY_ASSIGN(Certificate certificate, Certificate::from_der(one));
    out.push_back(std::move(certificate));
  }
  if (out.empty()) return fail(Error::kDerMalformed, "PKCS#7 without certificates");
  return out;
}

ByteView csr_attributes() noexcept {
  return kCsrAttributes;
}

}  // namespace tailor::pki
