// SPDX-License-Identifier: Apache-2.0
// What `tailor dev` borrows from `tailor ca`.
#pragma once

#include <filesystem>
#include <string>

#include "hosted/utc_clock.hpp"
#include "pki/certificate.hpp"

namespace tailor::cli {

/// Makes a certificate authority in a folder, and a manufacturer's root beside it (factory.pem, factory.key).
/// @returns the root; kAlreadyExists when the folder holds one
[[nodiscard]] Outcome<pki::Certificate> init_ca_folder(const std::filesystem::path& folder, const std::string& name,
                                                       const std::string& tenant, const UtcClock& clock);

}  // namespace tailor::cli
