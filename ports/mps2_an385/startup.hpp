// SPDX-License-Identifier: Apache-2.0
// What start-up gives to a program of this port: its entry, the millisecond clock, and the depth of the stack.
#pragma once

#include <cstdint>

namespace tailor::mps2 {

/// The program: called once with memory initialised and the clock running. Never returns.
[[noreturn]] void firmware_main() noexcept;

/// What the program that started this one left in r0; nothing in particular after a reset.
[[nodiscard]] uint32_t handed_over() noexcept;

/// Milliseconds since reset.
[[nodiscard]] uint64_t uptime_ms() noexcept;

/// Bytes of the stack that were ever used since reset, and its size.
[[nodiscard]] uint32_t stack_used_bytes() noexcept;
[[nodiscard]] uint32_t stack_bytes() noexcept;

/// What a program wants done before anything else, when neither .data nor .bss are there. Nothing, unless it defines
/// this.
void at_reset() noexcept;

}  // namespace tailor::mps2
