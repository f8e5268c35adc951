// SPDX-License-Identifier: Apache-2.0
// Reads the JSON from which the examples of the manifest draft were generated (the .json files beside them), so that
// existing manifests can be rebuilt. What that generator leaves out is left out here too, and said.
#pragma once

#include <filesystem>
#include <string_view>

#include "authoring/description.hpp"

namespace tailor::authoring {

struct ImportedDescription {
  ManifestDescription description;
  std::vector<std::string> notes;  ///< keys of the document that the manifest does not carry
};

/// Whether texts that the generator drops (component-version, model-info and the like) are carried.
enum class ImportTexts : uint8_t { kAsGenerated, kAll };

/// @param folder  where "file" of a component is looked for
/// @returns kJsonMalformed with the path in the document; kFileFailed for an image that is not there
[[nodiscard]] Outcome<ImportedDescription> import_generator_json(std::string_view text,
                                                                 const std::filesystem::path& folder,
                                                                 ImportTexts texts);

}  // namespace tailor::authoring
