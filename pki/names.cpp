// SPDX-License-Identifier: Apache-2.0
// Reads and makes subject alternative names without going through OpenSSL's configuration syntax, which a name with a
// comma could escape from.
#include "pki/names.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace tailor::pki {
namespace {

constexpr size_t kHostNameCharacters = 253;  // RFC 1035 2.3.4, as text

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

std::optional<std::string> address_text(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int length = ASN1_STRING_length(address);
  const int family = length == 4 ? AF_INET : AF_INET6;
  if (length != 4 && length != 16) return std::nullopt;
  if (inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof(text)) == nullptr) return std::nullopt;
  return std::string(text);
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kHostNameCharacters && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool push(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (name == nullptr || value == nullptr) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

ASN1_STRING* make_string(int type, const void* data, size_t size) {
  ASN1_STRING* out = ASN1_STRING_type_new(type);
  if (out != nullptr) ASN1_STRING_set(out, data, static_cast<int>(size));
  return out;
}

bool push_host(GENERAL_NAMES* names, const std::string& host) {
  uint8_t address[16];
  if (inet_pton(AF_INET, host.c_str(), address) == 1) {
    return push(names, GEN_IPADD, make_string(V_ASN1_OCTET_STRING, address, 4));
  }
  if (inet_pton(AF_INET6, host.c_str(), address) == 1) {
    return push(names, GEN_IPADD, make_string(V_ASN1_OCTET_STRING, address, 16));
  }
  return push(names, GEN_DNS, make_string(V_ASN1_IA5STRING, host.data(), host.size()));
}

}  // namespace

AlternativeNames read_names(const GENERAL_NAMES* names) {
  AlternativeNames out;
  bool uri_seen = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
    if (type == GEN_URI) {
      auto identity = identity_from_uri(view_of(value));
      if (uri_seen || !identity.ok()) out.foreign_uri = true;
      uri_seen = true;
      if (identity.ok()) out.identity = *identity;
    } else if (type == GEN_DNS) {
      out.host_names.emplace_back(view_of(value));
    } else if (type == GEN_IPADD) {
      if (auto text = address_text(value)) out.host_names.push_back(std::move(*text));
    }
  }
  if (out.foreign_uri) out.identity.reset();
  return out;
}

Outcome<GeneralNamesPtr> make_names(const Identity* identity, const std::vector<std::string>& host_names) {
  GeneralNamesPtr names(GENERAL_NAMES_new());
  if (!names) return fail(Error::kCryptoFailed, "alternative names");
  if (identity != nullptr) {
    const std::string uri = identity->to_uri();
    if (!push(names.get(), GEN_URI, make_string(V_ASN1_IA5STRING, uri.data(), uri.size()))) {
      return fail(Error::kCryptoFailed, "alternative names");
    }
  }
  for (const std::string& host : host_names) {
    uint8_t address[16];
    const bool is_address =
        inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
    if (!is_address && !is_host_name(host)) return fail(Error::kValueOutOfRange, "host name");
    if (!push_host(names.get(), host)) return fail(Error::kCryptoFailed, "alternative names");
  }
  return names;
}

std::string common_name_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  uint8_t* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (length < 0) return {};
  std::string out(reinterpret_cast<const char*>(text), static_cast<size_t>(length));
  OPENSSL_free(text);
  return out;
}

}  // namespace tailor::pki
