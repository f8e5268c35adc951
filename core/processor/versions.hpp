// SPDX-License-Identifier: Apache-2.0
// Versions as update management writes them (5.4): arrays of integers, compared number by number as far as the manifest
// goes.
#pragma once

#include <span>

#include "core/cbor/reader.hpp"

namespace tailor::processor {

/// Takes a SUIT_Parameter_Version_Match `[comparison, [+ int]]` and checks its form.
/// @returns kValueOutOfRange: an unknown comparison, no number, or more than limits::kVersionParts
[[nodiscard]] Status check_version_match(cbor::Reader& reader) noexcept;

/// Takes a match and says whether a version is one of those that it means.
///
/// Comparison ends with the manifest's numbers; a number that the version lacks counts as 0, so that 2.0-rc.1
/// ([2, 0, -1, 1]) stands before 2.0.
[[nodiscard]] Result<bool> version_matches(cbor::Reader& match, std::span<const int64_t> version) noexcept;

/// Checks parameter wait-info: a map of known events with arguments of the right form (wait.cpp).
/// @returns kParameterUnsupported: an event that is not known; - kMissingKey: none
[[nodiscard]] Status check_wait_info(ByteView content) noexcept;

}  // namespace tailor::processor
