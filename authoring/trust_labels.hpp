// SPDX-License-Identifier: Apache-2.0
// Commands and parameters as rights name them: the drafts' words without "condition-" and "directive-", or the number.
#pragma once

#include <string>
#include <string_view>

#include "core/trust/rights.hpp"
#include "hosted/failure.hpp"

namespace tailor::authoring {

/// Reads "fetch", "image-match", or a number.
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Outcome<int64_t> label_from_text(trust::Action::Kind kind, std::string_view text);
/// Writes the word, or the number where there is none.
[[nodiscard]] std::string label_to_text(trust::Action::Kind kind, int64_t label);

}  // namespace tailor::authoring
