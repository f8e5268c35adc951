// SPDX-License-Identifier: Apache-2.0
// Reads certificates and PKCS#10 requests into plain fields, once, so that nothing later fails on a missing extension.
#include "pki/certificate.hpp"

#include "hosted/file.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/key.hpp"
#include "pki/names.hpp"
#include "pki/openssl.hpp"

namespace tailor::pki {
namespace {

Failure invalid_request(const std::string& reason) {
  return fail(Error::kCsrInvalid, reason);
}

/// Reads one PEM block; `rest` moves behind it.
Outcome<Bytes> next_pem(std::string_view& rest, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const size_t start = rest.find(begin);
  if (start == std::string_view::npos) return fail(Error::kDerMalformed, "no PEM block " + std::string(label));
  const size_t stop = rest.find(end, start);
  if (stop == std::string_view::npos) return fail(Error::kDerMalformed, "PEM block does not end");
  const std::string_view body = rest.substr(start + begin.size(), stop - start - begin.size());
  rest.remove_prefix(stop + end.size());
  auto der = from_base64(body, Whitespace::kSkip);
  if (!der.ok()) return fail(Error::kDerMalformed, "PEM: " + der.error().context);
  return der;
}

Outcome<void> add_subject_names(X509_REQ* request, const Identity& identity,
                                const std::vector<std::string>& host_names) {
  const std::string id = uuid_text(identity.id);
  X509_NAME* subject = X509_REQ_get_subject_name(request);
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>(id.c_str()), -1, -1,
                                 0) != 1) {
    return openssl_failure(Error::kCryptoFailed, "request subject");
  }
  TAILOR_TRY_ASSIGN(const GeneralNamesPtr names, make_names(&identity, host_names));
  STACK_OF(X509_EXTENSION)* extensions = nullptr;
  const bool added = X509V3_add1_i2d(&extensions, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
                     X509_REQ_add_extensions(request, extensions) == 1;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  if (!added) return openssl_failure(Error::kCryptoFailed, "request extensions");
  return kOk;
}

Outcome<Bytes> make_signed_request(const PrivateKey& key, const Identity* identity,
                                   const std::vector<std::string>& host_names) {
  const X509RequestPtr request(X509_REQ_new());
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.handle()) != 1) {
    return openssl_failure(Error::kCryptoFailed, "request");
  }
  if (identity != nullptr) TAILOR_TRY(add_subject_names(request.get(), *identity, host_names));
  if (X509_REQ_sign(request.get(), key.handle(), EVP_sha256()) <= 0) {
    return openssl_failure(Error::kCryptoFailed, "signing a request");
  }
  return to_der(request.get(), i2d_X509_REQ);
}

}  // namespace

Outcome<Certificate> Certificate::from_der(ByteView der) {
  if (der.size() > kMaxDerBytes) return fail(Error::kBodyTooLarge, "certificate");
  TAILOR_TRY_ASSIGN(X509Ptr parsed, pki::from_der<X509Ptr>(der, d2i_X509, "certificate"));
  Certificate out;
  out.der_.assign(der.begin(), der.end());
  out.handle_ = std::shared_ptr<x509_st>(std::move(parsed));
  X509* x509 = out.handle_.get();
  TAILOR_TRY_ASSIGN(out.serial_, serial_text(X509_get0_serialNumber(x509)));
  out.common_name_ = common_name_of(X509_get_subject_name(x509));
  TAILOR_TRY_ASSIGN(out.not_before_, to_utc(X509_get0_notBefore(x509)));
  TAILOR_TRY_ASSIGN(out.not_after_, to_utc(X509_get0_notAfter(x509)));
  TAILOR_TRY_ASSIGN(out.public_key_, public_key_from(X509_get0_pubkey(x509)));
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  if (names) {
    AlternativeNames read = read_names(names.get());
    out.identity_ = std::move(read.identity);
    out.host_names_ = std::move(read.host_names);
  }
  out.is_authority_ = X509_check_ca(x509) == 1;
  ERR_clear_error();
  return out;
}

Outcome<Certificate> Certificate::from_pem(std::string_view text) {
  TAILOR_TRY_ASSIGN(const Bytes der, next_pem(text, "CERTIFICATE"));
  return from_der(der);
}

Outcome<Certificate> Certificate::read(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const std::string text, read_text_file(path, 1U << 20U));
  return with_context(from_pem(text), path.string());
}

std::string Certificate::to_pem() const {
  return pem("CERTIFICATE", der_);
}

Outcome<std::vector<Certificate>> certificates_from_pem(std::string_view text) {
  std::vector<Certificate> out;
  do {
    TAILOR_TRY_ASSIGN(const Bytes der, next_pem(text, "CERTIFICATE"));
    TAILOR_TRY_ASSIGN(Certificate certificate, Certificate::from_der(der));
    out.push_back(std::move(certificate));
  } while (text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos);
  return out;
}

Outcome<std::vector<Certificate>> read_certificates(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const std::string text, read_text_file(path, 1U << 20U));
  return with_context(certificates_from_pem(text), path.string());
}

Outcome<CertificateRequest> CertificateRequest::from_der(ByteView der) {
  if (der.size() > kMaxDerBytes) return invalid_request("request is too long");
  auto parsed = pki::from_der<X509RequestPtr>(der, d2i_X509_REQ, "request");
  if (!parsed.ok()) return invalid_request(parsed.error().context);
  X509_REQ* request = parsed->get();
  CertificateRequest out;
  auto key = public_key_from(X509_REQ_get0_pubkey(request));
  if (!key.ok()) return invalid_request(key.error().context);
  out.public_key = *key;
  if (X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1) {
    ERR_clear_error();
    return invalid_request("signature of the request fails");
  }
  out.common_name = common_name_of(X509_REQ_get_subject_name(request));
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request);
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)));
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  ERR_clear_error();
  if (names) {
    AlternativeNames read = read_names(names.get());
    if (read.foreign_uri) return invalid_request("requested subject URI is not one of ours");
    out.identity = std::move(read.identity);
    out.host_names = std::move(read.host_names);
  }
  return out;
}

Outcome<CertificateRequest> CertificateRequest::from_pem(std::string_view text) {
  std::string_view rest = text;
  auto der = next_pem(rest, "CERTIFICATE REQUEST");
  if (!der.ok()) return invalid_request(der.error().context);
  return from_der(*der);
}

Outcome<Bytes> make_request(const PrivateKey& key, const Identity& identity,
                            const std::vector<std::string>& host_names) {
  return make_signed_request(key, &identity, host_names);
}

Outcome<Bytes> make_request(const PrivateKey& key) {
  return make_signed_request(key, nullptr, {});
}

std::string request_to_pem(ByteView der) {
  return pem("CERTIFICATE REQUEST", der);
}

}  // namespace tailor::pki
