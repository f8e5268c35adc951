// SPDX-License-Identifier: Apache-2.0
#include "testing/certificates/authority.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>

namespace tailor::testing {
namespace {

using namespace literals;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Name = std::unique_ptr<X509_NAME, Deleter<&X509_NAME_free>>;

void demand(bool condition) {
  if (!condition) std::abort();
}

Key to_openssl(const crypto::P256PrivateKey& key) {
  constexpr auto kBefore = "30 31 02 01 01 04 20"_hex;
  constexpr auto kAfter = "a0 0a 06 08 2a 86 48 ce 3d 03 01 07"_hex;
  std::vector<uint8_t> der(kBefore.begin(), kBefore.end());
  der.insert(der.end(), key.secret_scalar().begin(), key.secret_scalar().end());
  der.insert(der.end(), kAfter.begin(), kAfter.end());
  const unsigned char* at = der.data();
  EVP_PKEY* parsed = d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, static_cast<long>(der.size()));
  demand(parsed != nullptr);
  return Key{parsed};
}

Name name_of(const std::string& common_name) {
  Name name{X509_NAME_new()};
  demand(X509_NAME_add_entry_by_txt(name.get(), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1);
  return name;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  if (value.empty()) return;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  demand(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// X509V3_EXT_conf splits at commas, which our URIs contain, so the names are put together by hand.
void add_uris(X509* certificate, const std::vector<std::string>& uris) {
  GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
  for (const std::string& uri : uris) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    demand(ASN1_STRING_set(text, uri.data(), static_cast<int>(uri.size())) == 1);
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_URI, text);
    sk_GENERAL_NAME_push(names, name);
  }
  demand(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1);
  sk_GENERAL_NAME_pop_free(names, &GENERAL_NAME_free);
}

std::vector<uint8_t> make(const CertificateSpec& spec, long serial, const std::string& issuer, EVP_PKEY* subject_key,
                          EVP_PKEY* issuer_key) {
  const Certificate certificate{X509_new()};
  X509* const x = certificate.get();
  demand(X509_set_version(x, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), serial) == 1);
  demand(X509_set_subject_name(x, name_of(spec.common_name).get()) == 1);
  demand(X509_set_issuer_name(x, name_of(issuer).get()) == 1);
  ASN1_TIME_set(X509_getm_notBefore(x), static_cast<time_t>(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x), static_cast<time_t>(spec.not_after));
  demand(X509_set_pubkey(x, subject_key) == 1);
  if (spec.authority) {
    add_extension(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(x, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x, NID_key_usage, spec.key_usage);
    add_extension(x, NID_ext_key_usage, spec.extended_key_usage);
  }
  std::vector<std::string> uris = spec.more_uris;
  if (!spec.uri.empty()) uris.insert(uris.begin(), spec.uri);
  if (!uris.empty()) add_uris(x, uris);
  demand(X509_sign(x, issuer_key, EVP_sha256()) > 0);
  std::vector<uint8_t> der(static_cast<size_t>(i2d_X509(x, nullptr)));
  unsigned char* at = der.data();
  i2d_X509(x, &at);
  return der;
}

}  // namespace

std::string peer_uri(std::string_view role, std::string_view uuid, std::string_view tenant) {
  return "tag:tailor,2026:" + std::string{tenant} + ":" + std::string{role} + ":" + std::string{uuid};
}

Authority::Authority(const std::string& name) : name_(name), own_{{}, crypto::generate_p256().value()} {
  CertificateSpec spec;
  spec.common_name = name;
  spec.authority = true;
  const Key key = to_openssl(own_.key);
  own_.certificate = make(spec, 1, name, key.get(), key.get());
}

Authority::~Authority() = default;

Credential Authority::issue(const CertificateSpec& spec) {
  return issue_for(crypto::generate_p256().value(), spec);
}

Credential Authority::issue_for(const crypto::P256PrivateKey& key, const CertificateSpec& spec) {
  const long serial = spec.serial != 0 ? spec.serial : next_serial_++;
  return {make(spec, serial, name_, to_openssl(key).get(), to_openssl(own_.key).get()), key};
}

std::vector<uint8_t> Authority::revocation_list(const std::vector<long>& serials) const {
  const std::unique_ptr<X509_CRL, Deleter<&X509_CRL_free>> list{X509_CRL_new()};
  ASN1_TIME* const time = ASN1_TIME_set(nullptr, 1'700'000'000);
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), name_of(name_).get());
  X509_CRL_set1_lastUpdate(list.get(), time);
  X509_CRL_set1_nextUpdate(list.get(), time);
  for (const long serial : serials) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(revoked, number);
    X509_REVOKED_set_revocationDate(revoked, time);
    X509_CRL_add0_revoked(list.get(), revoked);
    ASN1_INTEGER_free(number);
  }
  ASN1_TIME_free(time);
  demand(X509_CRL_sign(list.get(), to_openssl(own_.key).get(), EVP_sha256()) > 0);
  std::vector<uint8_t> der(static_cast<size_t>(i2d_X509_CRL(list.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_X509_CRL(list.get(), &at);
  return der;
}

}  // namespace tailor::testing
