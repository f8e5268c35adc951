// SPDX-License-Identifier: Apache-2.0
// Arm semihosting: calls to the host through a breakpoint that QEMU (or a debugger) answers. The one place with that
// instruction. Numbers are those of "Semihosting for AArch32 and AArch64", chapter 5.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::mps2::semihosting {

enum class OpenMode : uint32_t { kRead = 1 /* "rb" */, kUpdate = 3 /* "r+b" */ };

/// @returns a handle; negative: the host did not open it
[[nodiscard]] int32_t open(const char* path, OpenMode mode) noexcept;
void close(int32_t handle) noexcept;
/// @returns whether all bytes were read or written
[[nodiscard]] bool read(int32_t handle, void* bytes, uint32_t length) noexcept;
[[nodiscard]] bool write(int32_t handle, const void* bytes, uint32_t length) noexcept;
[[nodiscard]] bool seek(int32_t handle, uint32_t offset) noexcept;
/// Prints a NUL-terminated text on the host's console.
void print(const char* text) noexcept;
/// Copies the command line (-semihosting-config arg=...), NUL-terminated.
[[nodiscard]] bool command_line(char* text, size_t capacity) noexcept;
/// Seconds since 1970 by the host's clock; 0 when the host has none.
[[nodiscard]] uint32_t seconds() noexcept;
/// Ends the emulator with this exit code.
[[noreturn]] void exit(uint32_t code) noexcept;

}  // namespace tailor::mps2::semihosting
