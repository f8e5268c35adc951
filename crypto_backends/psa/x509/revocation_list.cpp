// SPDX-License-Identifier: Apache-2.0
#define MBEDTLS_ALLOW_PRIVATE_ACCESS  // the signature has no accessor
#include "crypto_backends/psa/x509/revocation_list.hpp"

#include <mbedtls/x509_crl.h>

#include "crypto_backends/psa/x509/certificate.hpp"

namespace tailor::x509 {
namespace {

ByteView view(const mbedtls_x509_buf& buffer) noexcept {
  return {buffer.p, buffer.len};
}

struct Parsed {
  Parsed() noexcept { mbedtls_x509_crl_init(&crl); }
  ~Parsed() { mbedtls_x509_crl_free(&crl); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  mbedtls_x509_crl crl;
};

}  // namespace

Result<RevocationList> RevocationList::parse(ByteView list, ByteView authority) noexcept {
  Parsed parsed;
  const int status = mbedtls_x509_crl_parse_der(&parsed.crl, list.data(), list.size());
  if (status == MBEDTLS_ERR_X509_ALLOC_FAILED) return Error::kAllocationFailed;
  if (status != 0 || parsed.crl.raw.len != list.size()) return Error::kDerMalformed;
  Certificate issuer;
  TAILOR_TRY(issuer.parse(authority));
  if (!equal(view(parsed.crl.issuer_raw), issuer.subject()) || !issuer.is_authority() ||
      parsed.crl.sig_md != MBEDTLS_MD_SHA256 || parsed.crl.sig_pk != MBEDTLS_PK_ECDSA) {
    return Error::kCertificateInvalid;
  }
  const auto key = issuer.public_key();
  const auto signature = read_ecdsa_signature(view(parsed.crl.sig));
  if (!key.ok() || !signature.ok()) return Error::kCertificateInvalid;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, crypto::sha256(view(parsed.crl.tbs)));
  if (!crypto::verify_p256(*key, digest, *signature).ok()) return Error::kCertificateInvalid;

  RevocationList result;
  for (const mbedtls_x509_crl_entry* entry = &parsed.crl.entry; entry != nullptr && entry->serial.len != 0;
       entry = entry->next) {
    const ByteView serial = view(entry->serial);
    result.serials_.emplace(serial.begin(), serial.end());
  }
  if (parsed.crl.next_update.year != 0) result.next_update_ = to_unix_seconds(parsed.crl.next_update);
  return result;
}

bool RevocationList::revokes(ByteView serial) const noexcept {
  return serials_.contains(std::vector<uint8_t>(serial.begin(), serial.end()));
}

}  // namespace tailor::x509
