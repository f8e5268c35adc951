// SPDX-License-Identifier: Apache-2.0
// Device states as authors write them: the document of trial/device_state.hpp, in which files, names and dates may
// stand for octets, identifiers and numbers (docs/formats/device-state.md).
#pragma once

#include <filesystem>
#include <memory>

#include "trial/recipient.hpp"

namespace tailor::authoring {

/// Reads a state file; paths in it are relative to it. A case of the conformance kit is taken as well.
///
/// @returns kFileFailed; kJsonMalformed with file and byte, or with file and the place in the document; what a key or
///          an image that it names gives
[[nodiscard]] Outcome<std::unique_ptr<trial::Recipient>> read_device_state(const std::filesystem::path& file);

}  // namespace tailor::authoring
