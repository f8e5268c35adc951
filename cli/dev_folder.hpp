// SPDX-License-Identifier: Apache-2.0
// The folder of `tailor dev`: everything that a first look needs, made once. What is there already stays.
//
//   ca/          certificate authority          server/    update server, with its certificate
//   operator/    the operator's certificate     keys/      trust provisioning authority (authority), author
//   trust.toml, trust.cbor                      tailor.toml  client profile of the operator
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "services/ca/domain/authority.hpp"

namespace tailor::cli {

/// Where the services of `tailor dev` are reached.
struct DevAddresses {
  std::string ca_https, ca_coaps, server_https, server_coaps;  ///< "address:port"
};

/// Makes or renews keys and certificates, with the authority of ca/.
/// @param host_names  of the update server
[[nodiscard]] Outcome<void> prepare_dev_folder(const std::filesystem::path& folder, ca::Authority& authority,
                                               const std::vector<std::string>& host_names, const UtcClock& clock);

/// Writes client profile and trust store for the addresses in use.
[[nodiscard]] Outcome<void> write_dev_profile(const std::filesystem::path& folder, const DevAddresses& addresses);

}  // namespace tailor::cli
