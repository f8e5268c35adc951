// SPDX-License-Identifier: Apache-2.0
// See memory_protection.hpp. Where regions overlap the higher number counts.
#include "ports/mps2_an385/memory_protection.hpp"

#include <array>
#include <bit>

#include "ports/mps2_an385/board.h"
#include "ports/mps2_an385/registers.hpp"

namespace tailor::mps2 {
namespace {

constexpr uint32_t kOn = 5;  // with the usual map for what no region covers: the registers

struct Region {
  uint32_t base;  // with its number, and the bit that takes it
  uint32_t attributes;
};

constexpr uint32_t kTakesNumber = 0x10;
constexpr uint32_t kReadWrite = 3U << 24U;
constexpr uint32_t kReadOnly = 6U << 24U;
constexpr uint32_t kNeverExecutes = 1U << 28U;

constexpr uint32_t size_of(uint32_t bytes) {
  return static_cast<uint32_t>(std::bit_width(bytes) - 2) << 1U | 1U;
}

// The boot program in two: a power of two, and eighths of another for the rest.
constexpr uint32_t kFirstBytes = std::bit_floor(uint32_t{TAILOR_BOOT_BYTES});
constexpr uint32_t kRestBytes = TAILOR_BOOT_BYTES - kFirstBytes;
constexpr uint32_t kRestSpan = std::bit_ceil(kRestBytes);
static_assert(kRestBytes == 0 || (kRestSpan >= 256 && kRestBytes % (kRestSpan / 8) == 0));
constexpr uint32_t kLeftOut = kRestBytes == 0 ? 0 : (0xffU << (kRestBytes / (kRestSpan / 8))) & 0xffU;

// Code and SRAM regions of the address space, 512 MiB each; then the boot program.
constexpr std::array<Region, 3> kRegions{{
    {kTakesNumber | 0, kNeverExecutes | kReadWrite | size_of(0x40000000)},
    {kTakesNumber | 1, kReadOnly | size_of(kFirstBytes)},
    {kFirstBytes | kTakesNumber | 2, kRestBytes == 0 ? 0 : kReadOnly | kLeftOut << 8U | size_of(kRestSpan)},
}};

// Boot and recovery program, in eighths of a power of two: what is beyond them there is no slot.
constexpr uint32_t kRecoverySpan = std::bit_ceil(uint32_t{TAILOR_DEVICE_AT});
constexpr uint32_t kRecoveryEighths = (TAILOR_DEVICE_AT + kRecoverySpan / 8 - 1) / (kRecoverySpan / 8);
static_assert(kRecoveryEighths * (kRecoverySpan / 8) <= TAILOR_DEVICE_AT + TAILOR_SLOT_A_AT);
constexpr Region kRecovery{kTakesNumber | 3,
                           kReadWrite | ((0xffU << kRecoveryEighths) & 0xffU) << 8U | size_of(kRecoverySpan)};

void barrier() noexcept {
  asm volatile("dsb\n isb" ::: "memory");
}

}  // namespace

void forbid_other_code() noexcept {
  for (const Region& region : kRegions) {
    reg(kProtectionBase) = region.base;
    reg(kProtectionAttributes) = region.attributes;
  }
  reg(kProtectionControl) = kOn;
  barrier();
}

void allow_recovery_code() noexcept {
  reg(kProtectionBase) = kRecovery.base;
  reg(kProtectionAttributes) = kRecovery.attributes;
  barrier();
}

void allow_all_code(uint32_t astray) noexcept {
  reg(kProtectionControl) = kOn * ((astray | (0U - astray)) >> 31U);  // no branch that could be skipped
  barrier();
}

}  // namespace tailor::mps2
