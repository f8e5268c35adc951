// SPDX-License-Identifier: Apache-2.0
// The description of an update as a file: TOML, or the same as JSON (docs/cli.md has every key). Reads the images that
// it names.
#pragma once

#include <filesystem>

#include "authoring/description.hpp"

namespace tailor::authoring {

/// @param path  a name that ends with ".json" is JSON, any other TOML
/// @returns kConfigMalformed with file, line and key; kFileFailed for a file that cannot be read
[[nodiscard]] Outcome<ManifestDescription> read_description(const std::filesystem::path& path);

/// Describes a dependency by its envelope.
/// @returns the decoder's failure
[[nodiscard]] Outcome<DependencyDescription> describe_dependency(ComponentParts id, Bytes envelope, std::string uri,
                                                                 bool integrated);

}  // namespace tailor::authoring
