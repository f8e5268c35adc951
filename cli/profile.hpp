// SPDX-License-Identifier: Apache-2.0
// The client profile: which update server an operator talks to, and as whom. Read from TOML, strictly; `tailor enrol`
// and `tailor dev` write it.
#pragma once

#include <filesystem>
#include <string>

#include "cli/session.hpp"

namespace tailor::cli {

struct Profile {
  std::string server_url;             ///< of the operator API, "https://host[:port]"
  std::string ca_url;                 ///< of the CA's EST and administration, "https://host[:port]"; may be empty
  std::filesystem::path certificate;  ///< PEM, the operator's
  std::filesystem::path key;          ///< PEM
  std::filesystem::path authorities;  ///< PEM, whom to believe
};

/// "<home>/.config/tailor/tailor.toml".
[[nodiscard]] std::filesystem::path default_profile_path(const std::string& home);

/// Reads the profile that --config names, or the default one.
///
/// @returns kFileFailed with what to do when there is none; kConfigMalformed with file, line and key
[[nodiscard]] Outcome<Profile> read_profile(const Session& session);

/// Writes the TOML text that read_profile reads.
[[nodiscard]] std::string profile_to_toml(const Profile& profile);

}  // namespace tailor::cli
