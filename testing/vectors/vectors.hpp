// SPDX-License-Identifier: Apache-2.0
// Finds and reads third-party test vectors, which are not part of the repository: TAILOR_VECTORS names their folder,
// by default ../shared/vectors beside the source tree. For tests only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailor::testing {

using Octets = std::vector<uint8_t>;

/// The folder of the vectors, if it is there; a test that needs it skips otherwise.
[[nodiscard]] std::optional<std::filesystem::path> vectors_folder();

/// The whole file; an empty result for a file that cannot be read.
[[nodiscard]] Octets read_octets(const std::filesystem::path& file);
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// Octets of a text of hexadecimal digits; blanks are skipped.
[[nodiscard]] Octets from_hex(std::string_view digits);
/// Octets of base64url without padding.
[[nodiscard]] Octets from_base64url(std::string_view text);

/// All texts behind `"key": "..."` of a JSON document, in order of appearance. Enough for flat vector files.
[[nodiscard]] std::vector<std::string> json_texts(std::string_view document, std::string_view key);

}  // namespace tailor::testing
