// SPDX-License-Identifier: Apache-2.0
// Makes certificates that follow the profile of docs/formats/certificates.md: a self-signed root, and what it issues.
// Decides nothing about who may have one; that is the certificate authority's domain.
#pragma once

#include <string>
#include <vector>

#include "pki/certificate.hpp"
#include "pki/key.hpp"

namespace tailor::pki {

struct Validity {
  UtcTime not_before;
  UtcTime not_after;
};

/// RFC 5280 4.1.2.5: the time that means "no well-defined expiration", for factory certificates.
inline constexpr UtcTime kNoExpiry = from_unix_seconds(253'402'300'799);

/// A root with its key: what can issue.
struct Issuer {
  Certificate certificate;
  PrivateKey key;
};

/// Makes a self-signed root: CA:TRUE, path length 0, keyCertSign and cRLSign, subject URI with role `ca`.
/// @param name  organisation text in front of the common name's UUID, for people; letters, digits, blanks
[[nodiscard]] Outcome<Issuer> make_root(const PrivateKey& key, const Identity& identity, const std::string& name,
                                        const Validity& validity);

/// Joins a stored root and its key. @returns kCertificateProfile when the key is not the root's or it is no authority
[[nodiscard]] Outcome<Issuer> load_issuer(Certificate certificate, PrivateKey key);

/// Issues an end-entity certificate for `subject`, whose role decides the extended key usage.
///
/// @param host_names  only for roles that serve (update-server, ca); kCertificateProfile otherwise
/// @param validity    cut to the issuer's own end, so that a chain never outlives its root; kNoExpiry is not cut
[[nodiscard]] Outcome<Certificate> issue(const Issuer& issuer, const Identity& subject,
                                         const crypto::P256PublicKey& key, const Validity& validity,
                                         const std::vector<std::string>& host_names = {});

}  // namespace tailor::pki
