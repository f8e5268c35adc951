// SPDX-License-Identifier: Apache-2.0
// HSS/LMS keys in files, as signing keys: made here, opened here. Each signature takes its number first, and is
// verified before it leaves.
#pragma once

#include <filesystem>

#include "authoring/hss/reservations.hpp"
#include "authoring/signing/signing_key.hpp"

namespace tailor::authoring {

/// Makes a key: `path` (readable by its owner alone), its state and its cache beside it. Takes as long as making the
/// top tree: a second for H10/W8.
///
/// @returns the public key; kAlreadyExists for a key or a state that is there; kValueOutOfRange as check_levels()
[[nodiscard]] Outcome<cose::VerificationKey> create_hss_key(const std::filesystem::path& path,
                                                            const std::vector<hss::Parameters>& levels);

/// Opens the key whose file has this content.
/// @param reservations  where numbers come from; by default FileReservations at `path`
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> open_hss_key(const std::filesystem::path& path, ByteView content,
                                                                std::unique_ptr<Reservations> reservations = nullptr);

/// What a person wants to know of a key.
struct HssKeyStatus {
  cose::VerificationKey public_key;
  std::string parameters;
  uint64_t capacity = 0;
  uint64_t left = 0;
};
[[nodiscard]] Outcome<HssKeyStatus> hss_key_status(const std::filesystem::path& path, ByteView content);

}  // namespace tailor::authoring
