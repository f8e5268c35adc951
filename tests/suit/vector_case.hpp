// SPDX-License-Identifier: Apache-2.0
// Our own vectors (tests/vectors/suit) by name, for tests that say what a case proves.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "testing/vectors/vectors.hpp"
#include "trial/device_state.hpp"

namespace tailor::conformance {

using testing::Octets;
using trial::Json;

struct VectorCase {
  std::string name;
  Octets envelope;
  Json device;
  Json expected;
  std::string procedure;

  [[nodiscard]] static std::filesystem::path folder();
  /// @throws when there is no such case
  [[nodiscard]] static VectorCase read(const std::string& name);
  [[nodiscard]] static std::vector<VectorCase> all();
};

/// The recipient of a state that has to be in order.
/// @throws when it is not, or when this build lacks what it needs
[[nodiscard]] std::unique_ptr<trial::Recipient> declare(const Json& state);

/// Octets of hexadecimal digits.
[[nodiscard]] Octets octets(const Json& text);

/// Runs cases and expects the verdict, the reason, the contents and what was invoked that each states.
void expect_as_stated(const std::vector<std::string>& names);

}  // namespace tailor::conformance
