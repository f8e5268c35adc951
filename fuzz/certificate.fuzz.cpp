// SPDX-License-Identifier: Apache-2.0
// Certificates, their signatures and revocation lists: what a peer presents before it is known.
#include "crypto_backends/psa/x509/certificate.hpp"

#include <cstdlib>

#include "crypto_backends/psa/x509/identity.hpp"
#include "crypto_backends/psa/x509/revocation_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tailor;
  const ByteView input{data, size};
  const auto identity = x509::parse_peer_identity(input);
  if (identity.ok() && (identity->tenant().empty() || identity->serial().empty())) std::abort();
  if (!identity.ok() && identity.error() != Error::kDerMalformed && identity.error() != Error::kCertificateProfile) {
    std::abort();
  }
  static_cast<void>(x509::read_ecdsa_signature(input));
  static_cast<void>(x509::RevocationList::parse(input, input));
  const ByteView authorities[] = {input};
  if (x509::verify_peer(input, authorities).ok()) std::abort();  // nobody issues himself: an authority is no peer
  return 0;
}
