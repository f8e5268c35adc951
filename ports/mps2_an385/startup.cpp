// SPDX-License-Identifier: Apache-2.0
// From reset to firmware_main(): vector table, .data and .bss, and the painted stack from which stack_used_bytes()
// reads how deep it went. A fault resets the system: the boot program counts it as an attempt of a trial.
#include "ports/mps2_an385/startup.hpp"

#include <algorithm>

#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"

extern "C" {
extern uint32_t tailor_data_begin, tailor_data_end, tailor_data_image, tailor_bss_begin, tailor_bss_end;
extern uint32_t tailor_stack_low, tailor_stack_top;
void tailor_reset(uint32_t handed_over);
}

namespace tailor::mps2 {
namespace {

constexpr uint32_t kPaint = 0xa5a5a5a5;

uint32_t handed = 0;
volatile uint32_t milliseconds_low = 0;
volatile uint32_t milliseconds_high = 0;

void on_tick() {
  const uint32_t next = milliseconds_low + 1;
  milliseconds_low = next;
  if (next == 0) milliseconds_high = milliseconds_high + 1;
}

/// The watchdog's first expiry comes as NMI, the second resets. Nothing is left to be saved: do not wait for it.
void on_watchdog() {
  semihosting::print("error system.watchdog\n");
  reset_system();
}

void on_fault() {
  semihosting::print("error system.fault\n");
  reset_system();
}

using Handler = void (*)();
struct Vectors {
  uint32_t* stack;
  void (*reset)(uint32_t handed_over);
  Handler handlers[14];
};

[[gnu::section(".vectors"), gnu::used]] const Vectors vectors = {
    &tailor_stack_top,
    &tailor_reset,
    {&on_watchdog, &on_fault, &on_fault, &on_fault, &on_fault, nullptr, nullptr, nullptr, nullptr, &on_fault, &on_fault,
     nullptr, &on_fault, &on_tick}};

}  // namespace

[[gnu::weak]] void at_reset() noexcept {}

uint32_t handed_over() noexcept {
  return handed;
}

uint64_t uptime_ms() noexcept {
  for (;;) {
    const uint32_t high = milliseconds_high;
    const uint32_t low = milliseconds_low;
    if (high == milliseconds_high) return (uint64_t{high} << 32U) | low;
  }
}

uint32_t stack_used_bytes() noexcept {
  const uint32_t* lowest =
      std::find_if(&tailor_stack_low, &tailor_stack_top, [](uint32_t word) { return word != kPaint; });
  return static_cast<uint32_t>((&tailor_stack_top - lowest) * static_cast<std::ptrdiff_t>(sizeof(uint32_t)));
}

uint32_t stack_bytes() noexcept {
  return static_cast<uint32_t>((&tailor_stack_top - &tailor_stack_low) * static_cast<std::ptrdiff_t>(sizeof(uint32_t)));
}

}  // namespace tailor::mps2

void tailor_reset(uint32_t handed_over) {
  using namespace tailor::mps2;
  asm volatile("cpsid i" ::: "memory");
  at_reset();
  reg(kVectorTable) = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&vectors));
  uint32_t* frame = nullptr;
  asm volatile("mov %0, sp" : "=r"(frame));
  // A few words are left for what this function itself and the calls below keep on the stack.
  for (uint32_t* at = &tailor_stack_low; at < frame - 16; ++at) *at = kPaint;
  const uint32_t* from = &tailor_data_image;
  for (uint32_t* to = &tailor_data_begin; to < &tailor_data_end; ++to, ++from) *to = *from;
  for (uint32_t* to = &tailor_bss_begin; to < &tailor_bss_end; ++to) *to = 0;
  handed = handed_over;
  reg(kSysTickReload) = kClockHz / 1000 - 1;
  reg(kSysTickValue) = 0;
  reg(kSysTickControl) = 7;  // core clock, interrupt, on
  asm volatile("cpsie i" ::: "memory");
  firmware_main();
}
