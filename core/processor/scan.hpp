// SPDX-License-Identifier: Apache-2.0
// Looks through the command sequences of a manifest before any is run: what is not supported or not well-formed is
// found before anything is written, in branches too that this device would not take.
#pragma once

#include "core/processor/machine.hpp"

namespace tailor::processor {

/// Checks one sequence and those inside it: every command is in the table and allowed there, every argument and
/// parameter is what it has to be, every component index exists, and a whole sequence of a manifest with several
/// components begins with set-component-index (manifest 6.2).
///
/// @param shared  it is the shared sequence, in which not everything is allowed
/// @returns kCommandUnsupported, kParameterUnsupported, kCommandNotAllowed, kComponentIndexInvalid; - kCborTooDeep
///          beyond limits::kSequenceDepth; - kValueOutOfRange: an odd number of items, or reserved bits of a policy;
///          - what cbor::Reader gives
[[nodiscard]] Status scan_sequence(const Machine& machine, ByteView sequence, bool shared) noexcept;

/// Checks the shared sequence and the sections that the table runs, as far as they are here: severed members may come
/// later, and are checked when they are run.
[[nodiscard]] Status scan_manifest(Machine& machine, uint8_t layer) noexcept;

}  // namespace tailor::processor
