// SPDX-License-Identifier: Apache-2.0
// EST over HTTPS as a client (RFC 7030): first certificate with a one-time code, and renewal.
#pragma once

#include <string>

#include "hosted/secret.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

namespace tailor::cli {

struct EstServer {
  std::string url;          ///< "https://host[:port]"
  std::string anchors_pem;  ///< whom to believe
};

/// Asks for a first certificate (RFC 7030 4.2.1).
///
/// @param role  user name of the HTTP Basic credentials; the code is for this role only
/// @returns kEnrolmentCodeInvalid and what else the server says; kCertificateInvalid when what came is not a
/// certificate
///          of this CA for this key
[[nodiscard]] Outcome<pki::Certificate> est_enrol(const EstServer& server, const std::string& role,
                                                  const SecretString& code, const pki::PrivateKey& key);

/// Renews a certificate (RFC 7030 4.2.2), which authenticates the request; the key stays.
[[nodiscard]] Outcome<pki::Certificate> est_renew(const EstServer& server, const pki::Certificate& current,
                                                  const pki::PrivateKey& key);

}  // namespace tailor::cli
