// SPDX-License-Identifier: Apache-2.0
// A whole recipient over a declared device: receives an envelope, authenticates it, runs the procedure that the device
// state asks for, and says what came of it in the form of README.md.
#pragma once

#include "tests/conformance/suit/declared_device.hpp"

namespace tailor::conformance {

enum class Verdict : uint8_t { kDone, kWaiting, kRefused };

struct Outcome {
  Verdict verdict = Verdict::kRefused;
  Error error = Error{};  ///< with kRefused
};

/// Runs one of the procedures `update`, `validate`, `invoke`, `uninstall`.
/// @param chunk  bytes of the envelope that are offered at a time in procedure `update`
[[nodiscard]] Outcome receive(ByteView envelope, const std::string& procedure, DeclaredDevice& device,
                              size_t chunk = 37);

/// The whole contract: state in, result out.
[[nodiscard]] Json run(ByteView envelope, const Json& state);

}  // namespace tailor::conformance
