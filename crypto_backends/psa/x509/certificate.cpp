// SPDX-License-Identifier: Apache-2.0
#define MBEDTLS_ALLOW_PRIVATE_ACCESS  // signature, key usage and CA flag have no accessor
#include "crypto_backends/psa/x509/certificate.hpp"

#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>

#include <algorithm>

namespace tailor::x509 {
namespace {

using namespace literals;

ByteView view(const mbedtls_x509_buf& buffer) noexcept {
  return {buffer.p, buffer.len};
}

// A positive DER INTEGER of at most 32 bytes, right-aligned into `out`.
Status read_number(Cursor& cursor, MutableBytes out) noexcept {
  const auto head = cursor.take(2);
  if (!head.ok() || (*head)[0] != 0x02 || (*head)[1] == 0 || (*head)[1] > 33) return Error::kDerMalformed;
  const auto taken = cursor.take((*head)[1]);
  if (!taken.ok()) return Error::kDerMalformed;
  ByteView number = *taken;
  if ((number[0] & 0x80U) != 0) return Error::kDerMalformed;  // negative
  if (number.size() > 1 && number[0] == 0) {
    if ((number[1] & 0x80U) == 0) return Error::kDerMalformed;  // not the shortest form
    number = number.subspan(1);
  }
  if (number.size() > out.size()) return Error::kDerMalformed;
  std::fill(out.begin(), out.end(), uint8_t{0});
  std::copy(number.begin(), number.end(), out.end() - static_cast<ptrdiff_t>(number.size()));
  return kOk;
}

}  // namespace

uint64_t to_unix_seconds(const mbedtls_x509_time& time) noexcept {
  // Days since 0000-03-01, so that the leap day is the last of a year.
  const int64_t year = time.mon <= 2 ? time.year - 1 : time.year;
  const int64_t month = time.mon <= 2 ? time.mon + 9 : time.mon - 3;
  const int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + time.day - 1 - 719468;
  const int64_t seconds = ((days * 24 + time.hour) * 60 + time.min) * 60 + time.sec;
  return seconds < 0 ? 0 : static_cast<uint64_t>(seconds);
}

Result<crypto::P256Signature> read_ecdsa_signature(ByteView der) noexcept {
  Cursor cursor{der};
  const auto head = cursor.take(2);
  if (!head.ok() || (*head)[0] != 0x30 || (*head)[1] != cursor.left()) return Error::kDerMalformed;
  crypto::P256Signature signature{};
  const MutableBytes both{signature};
  TAILOR_TRY(read_number(cursor, both.first(32)));
  TAILOR_TRY(read_number(cursor, both.last(32)));
  if (!cursor.empty()) return Error::kDerMalformed;
  return signature;
}

Status Certificate::parse(ByteView der) noexcept {
  const int status = mbedtls_x509_crt_parse_der_nocopy(&crt_, der.data(), der.size());
  if (status == MBEDTLS_ERR_X509_ALLOC_FAILED) return Error::kAllocationFailed;
  if (status != 0 || crt_.raw.len != der.size()) return Error::kDerMalformed;
  return kOk;
}

Result<crypto::P256PublicKey> Certificate::public_key() const noexcept {
  // SubjectPublicKeyInfo of a P-256 key with an uncompressed point (RFC 5480) has one form.
  constexpr auto kHead = "30 59 30 13 06 07 2a 86 48 ce 3d 02 01 06 08 2a 86 48 ce 3d 03 01 07 03 42 00 04"_hex;
  const ByteView info = view(crt_.pk_raw);
  crypto::P256PublicKey key;
  if (info.size() != kHead.size() + key.xy.size() || !equal(info.first(kHead.size()), kHead)) {
    return Error::kCertificateProfile;
  }
  std::copy(info.begin() + kHead.size(), info.end(), key.xy.begin());
  return key;
}

bool Certificate::signed_with_profile_algorithm() const noexcept {
  return crt_.sig_md == MBEDTLS_MD_SHA256 && crt_.sig_pk == MBEDTLS_PK_ECDSA;
}

bool Certificate::is_authority() const noexcept {
  return crt_.ca_istrue != 0;
}

Status Certificate::check_issued_by(const Certificate& authority) const noexcept {
  if (!equal(view(crt_.issuer_raw), authority.subject()) || !authority.is_authority() ||
      !signed_with_profile_algorithm()) {
    return Error::kCertificateInvalid;
  }
  if (mbedtls_x509_crt_has_ext_type(&authority.crt_, MBEDTLS_X509_EXT_KEY_USAGE) != 0 &&
      (authority.crt_.key_usage & MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0) {
    return Error::kCertificateInvalid;
  }
  const auto key = authority.public_key();
  const auto signature = read_ecdsa_signature(view(crt_.sig));
  if (!key.ok() || !signature.ok()) return Error::kCertificateInvalid;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, crypto::sha256(view(crt_.tbs)));
  if (!crypto::verify_p256(*key, digest, *signature).ok()) return Error::kCertificateInvalid;
  return kOk;
}

uint64_t Certificate::not_before() const noexcept {
  return to_unix_seconds(crt_.valid_from);
}

uint64_t Certificate::not_after() const noexcept {
  return to_unix_seconds(crt_.valid_to);
}

Result<std::string_view> Certificate::only_uri() const noexcept {
  constexpr int kUriTag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 6;  // GeneralName, RFC 5280 4.2.1.6
  std::string_view uri;
  if (mbedtls_x509_crt_has_ext_type(&crt_, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) == 0) return Error::kCertificateProfile;
  for (const mbedtls_x509_sequence* name = &crt_.subject_alt_names; name != nullptr; name = name->next) {
    if (name->buf.tag != kUriTag) continue;
    if (!uri.empty() || name->buf.len == 0) return Error::kCertificateProfile;
    uri = as_text(view(name->buf));
  }
  if (uri.empty()) return Error::kCertificateProfile;
  return uri;
}

}  // namespace tailor::x509
