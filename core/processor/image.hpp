// SPDX-License-Identifier: Apache-2.0
// Whether the present component is the image that its parameters describe: what image-match, image-not-match and
// dependency-integrity stand on.
#pragma once

#include "core/processor/machine.hpp"

namespace tailor::processor {

/// Compares image size, if it is set, and image digest with the component's whole content, so that nothing stands
/// behind the image (RFC 9124 4.3.15). Of a dependency only its manifest is digested, with the head of its byte string
/// (trust-domains 5.2.2).
///
/// @param matches  false also when no digest is set
[[nodiscard]] Status match_image(Machine& machine, bool& matches) noexcept;

}  // namespace tailor::processor
