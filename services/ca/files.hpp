// SPDX-License-Identifier: Apache-2.0
// The key files of an authority on disk: loading them, and the service's own certificate. Internal to services/ca.
#pragma once

#include "services/ca/service.hpp"

namespace tailor::ca {

/// What an authority reads from its folder.
struct LoadedFiles {
  pki::Issuer issuer;
  Vault vault;
  std::vector<pki::Certificate> factory_anchors;
};
[[nodiscard]] Outcome<LoadedFiles> load_files(const CaConfig& config);

/// The service's own certificate and key, for TLS and DTLS.
struct ServiceIdentity {
  pki::Certificate certificate;
  pki::PrivateKey key;
};
/// Loads it, or issues a new one when there is none, a third of its time is left, or the host names have changed.
[[nodiscard]] Outcome<ServiceIdentity> service_identity(const CaConfig& config, Authority& authority,
                                                        const UtcClock& clock);

}  // namespace tailor::ca
