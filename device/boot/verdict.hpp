// SPDX-License-Identifier: Apache-2.0
// The answer to "may this image run?", made so that a glitch, cleared memory or a skipped instruction says no.
#pragma once

#include <cstdint>

namespace tailor::boot {

/// Fails when zeroed, when default-made and when one of its two words is wrong. Check it twice, with code in between.
class Verdict {
 public:
  Verdict() = default;
  [[nodiscard]] static Verdict pass() noexcept {
    Verdict verdict;
    verdict.value_ = kPass;
    verdict.check_ = ~kPass;
    return verdict;
  }
  /// Reads both words from memory each time; the compiler may not remember an earlier answer.
  [[nodiscard]] bool passes() const noexcept {
    const uint32_t value = *static_cast<const volatile uint32_t*>(&value_);
    const uint32_t check = *static_cast<const volatile uint32_t*>(&check_);
    return value == kPass && check == ~kPass;
  }
  /// How far the words are from passing: 0 only then. Added to the address of a jump, it sends it astray.
  [[nodiscard]] uint32_t distance() const noexcept {
    const uint32_t value = *static_cast<const volatile uint32_t*>(&value_);
    const uint32_t check = *static_cast<const volatile uint32_t*>(&check_);
    return (value ^ kPass) | (check ^ ~kPass);
  }

 private:
  static constexpr uint32_t kPass = 0x96c35a69U;
  uint32_t value_ = 0;
  uint32_t check_ = 0;
};

}  // namespace tailor::boot
