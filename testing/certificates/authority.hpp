// SPDX-License-Identifier: Apache-2.0
// A certificate authority for tests: issues what the certificate profile asks for, and what it forbids, with OpenSSL.
// Keys come from the crypto backend that the test is linked against.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/crypto.hpp"

namespace tailor::testing {

struct Credential {
  std::vector<uint8_t> certificate;  ///< DER
  crypto::P256PrivateKey key;
};

struct CertificateSpec {
  std::string uri;  ///< SAN URI; empty: no SAN
  std::vector<std::string> more_uris{};
  std::string common_name = "test";
  int64_t not_before = 1'700'000'000;
  int64_t not_after = 2'000'000'000;
  std::string extended_key_usage = "serverAuth,clientAuth";  ///< empty: no such extension
  std::string key_usage = "critical,digitalSignature";
  bool authority = false;
  long serial = 0;  ///< 0: the next one
};

/// "tag:tailor,2026:<tenant>:<role>:<uuid>"
[[nodiscard]] std::string peer_uri(std::string_view role, std::string_view uuid, std::string_view tenant = "default");

class Authority {
 public:
  explicit Authority(const std::string& name = "Tailor test authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::vector<uint8_t>& certificate() const { return own_.certificate; }
  [[nodiscard]] const crypto::P256PrivateKey& key() const { return own_.key; }
  [[nodiscard]] Credential issue(const CertificateSpec& spec);
  /// Issues for a key that is elsewhere.
  [[nodiscard]] Credential issue_for(const crypto::P256PrivateKey& key, const CertificateSpec& spec);
  /// A CRL (DER) that names these serial numbers.
  [[nodiscard]] std::vector<uint8_t> revocation_list(const std::vector<long>& serials) const;

 private:
  std::string name_;
  long next_serial_ = 0x1001;
  Credential own_;
};

}  // namespace tailor::testing
