// SPDX-License-Identifier: Apache-2.0
// Owners for OpenSSL's objects, and its errors as Failures. Only .cpp files of pki/ and net/http include this.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>

#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/utc_clock.hpp"

namespace tailor::pki {

template <auto Free>
struct OpensslDelete {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslDelete<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslDelete<BN_clear_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslDelete<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslDelete<EVP_PKEY_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDelete<X509_free>>;
using X509RequestPtr = std::unique_ptr<X509_REQ, OpensslDelete<X509_REQ_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, OpensslDelete<X509_CRL_free>>;
using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDelete<X509_EXTENSION_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDelete<GENERAL_NAMES_free>>;
using Asn1IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslDelete<ASN1_INTEGER_free>>;
using Asn1TimePtr = std::unique_ptr<ASN1_TIME, OpensslDelete<ASN1_TIME_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslDelete<X509_STORE_free>>;
using X509StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslDelete<X509_STORE_CTX_free>>;
using Pkcs7Ptr = std::unique_ptr<PKCS7, OpensslDelete<PKCS7_free>>;

/// Makes a Failure of the newest error in OpenSSL's queue, and empties the queue.
[[nodiscard]] inline Failure openssl_failure(Error code, const std::string& step) {
  char text[256] = "no details";
  if (const unsigned long error = ERR_peek_last_error(); error != 0) ERR_error_string_n(error, text, sizeof(text));
  ERR_clear_error();
  return fail(code, step + ": " + text);
}

/// Encodes with one of OpenSSL's i2d functions.
template <typename T, typename Encoder>
[[nodiscard]] Outcome<Bytes> to_der(T* object, Encoder encoder) {
  uint8_t* raw = nullptr;
  const int length = encoder(object, &raw);
  if (length < 0) return openssl_failure(Error::kCryptoFailed, "encoding DER");
  Bytes der(raw, raw + length);
  OPENSSL_free(raw);
  return der;
}

/// Decodes with one of OpenSSL's d2i functions; the whole input must be used.
template <typename Ptr, typename Decoder>
[[nodiscard]] Outcome<Ptr> from_der(ByteView der, Decoder decoder, const std::string& what) {
  const uint8_t* position = der.data();
  Ptr object(decoder(nullptr, &position, static_cast<long>(der.size())));
  if (!object) return openssl_failure(Error::kDerMalformed, what);
  if (position != der.data() + der.size()) return fail(Error::kDerMalformed, what + ": trailing bytes");
  return object;
}

[[nodiscard]] inline BioPtr memory_bio(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Wraps DER as PEM under `label` ("CERTIFICATE").
[[nodiscard]] inline std::string pem(std::string_view label, ByteView der) {
  std::string text = "-----BEGIN " + std::string(label) + "-----\n" + to_base64(der, 64);
  return text + "-----END " + std::string(label) + "-----\n";
}

[[nodiscard]] inline Outcome<UtcTime> to_utc(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return fail(Error::kDerMalformed, "time");
  return from_unix_seconds(::timegm(&parts));
}

[[nodiscard]] inline Outcome<Asn1TimePtr> to_asn1(UtcTime time) {
  Asn1TimePtr out(ASN1_TIME_set(nullptr, static_cast<time_t>(to_unix_seconds(time))));
  if (!out) return openssl_failure(Error::kCryptoFailed, "time");
  return out;
}

/// Lower-case hexadecimal of a serial number, as lists and the store keep it.
[[nodiscard]] inline Outcome<std::string> serial_text(const ASN1_INTEGER* serial) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number || BN_is_negative(number.get()) != 0) return fail(Error::kDerMalformed, "serial number");
  Bytes bytes(static_cast<size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return to_hex(bytes);
}

}  // namespace tailor::pki
