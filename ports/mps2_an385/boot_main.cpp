// SPDX-License-Identifier: Apache-2.0
// The boot program of the board: reads trust store and journal, decides with device/boot, and jumps into the slot,
// where the image executes in place. It stands in a region of its own and is never written. It looks twice before it
// jumps, because a fault can make a processor skip instructions (docs/instruction-skips.md).
#include "device/boot/decision.hpp"
#include "device/boot/mapped/mapped_verifier.hpp"
#include "ports/mps2_an385/boot_log.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"

namespace tailor::mps2 {
namespace {

/// Of the agent's records (device/agent/records.hpp): the boot program knows these two.
constexpr uint16_t kBundleRecord = 1;
constexpr uint16_t kTrustStoreRecord = 2;

[[noreturn]] void stop(const char* event, Error error) {
  BootLog("error", event).number("error", static_cast<uint8_t>(error));
  semihosting::exit(1);
}

boot::mapped::MappedFlash mapped() noexcept {
  return {reinterpret_cast<const uint8_t*>(kFlashAddress)};
}

/// Reads what the boot program believes: at each boot, so that a trust store that came with an update counts.
Status load(boot::mapped::Trust& trust, const Flash& flash) noexcept {
  const ByteView records = mapped().view(records_region(flash.port()));
  TAILOR_TRY_ASSIGN(const ByteView bundle,
                    boot::mapped::find_record(records, kFlashGeometry.write_granule_bytes, kBundleRecord));
  TAILOR_TRY_ASSIGN(const ByteView sealed,
                    boot::mapped::find_record(records, kFlashGeometry.write_granule_bytes, kTrustStoreRecord));
  return trust.open(boot::mapped::TAILOR_BOOT_SCHEME, bundle, sealed);
}

/// One look at the device: all that is read, and all that is believed.
class Look {
 public:
  /// @returns what the boot program's records come to; then decision() may be asked
  Status begin(const Flash& flash) noexcept { return load(trust_, flash); }
  explicit Look(const Flash& flash) noexcept
      : verifier_({mapped(), trust_, kImageComponent, TAILOR_SLOT_B_AT}),
        decision_(boot_layout(flash.port()), verifier_) {}
  boot::BootDecision& decision() noexcept { return decision_; }

 private:
  boot::mapped::Trust trust_;
  boot::mapped::MappedVerifier verifier_;
  boot::BootDecision decision_;
};

[[gnu::noinline]] Result<boot::BootChoice> decide(const Flash& flash) noexcept {
  Look look(flash);
  TAILOR_TRY(look.begin(flash));
  return look.decision().decide();
}

/// The second look, which knows of the first one what it chose.
[[gnu::noinline]] boot::Verdict look_again(const Flash& flash, const boot::BootChoice& choice) noexcept {
  Look look(flash);
  if (!look.begin(flash).ok()) return {};
  return look.decision().look_again(choice);
}

/// Gives the processor to an image: its first two words are its stack and its entry (ARMv7-M B1.5.3). Whatever way led
/// here: without both verdicts the addresses are wrong.
[[noreturn]] void jump(boot::Slot slot, const boot::Verdict& first, const boot::Verdict& second) noexcept {
  const uint32_t astray = first.distance() | second.distance();
  const uintptr_t image = kFlashAddress + (slot == boot::Slot::kA ? TAILOR_SLOT_A_AT : TAILOR_SLOT_B_AT) + astray;
  const auto* vectors = reinterpret_cast<const uint32_t*>(image);
  reg(kSysTickControl) = 0;
  reg(kVectorTable) = static_cast<uint32_t>(image);
  asm volatile(
      "msr msp, %0\n"
      "bx %1\n" ::"r"(vectors[0]),
      "r"(vectors[1] ^ astray)
      : "memory");
  __builtin_unreachable();
}

Status power_up(Flash& flash) noexcept {
  const Jumpers jumpers;
  TAILOR_TRY(flash.open(jumpers.text("flash").data()));
  return flash.power_up();
}

}  // namespace

void firmware_main() noexcept {
  Flash flash;
  const Status status = power_up(flash);
  if (!status.ok()) stop("boot.flash", status.error());
  const Result<boot::BootChoice> choice = decide(flash);
  if (!choice.ok()) stop("boot.refused", choice.error());
  {
    BootLog log("info", choice->on_trial ? "boot.trial" : "boot.start");
    log.text("slot", choice->slot == boot::Slot::kA ? "A" : "B").number("sequence", choice->image.sequence);
    if (choice->on_trial) log.number("attempt", choice->attempt);
    log.digest("digest", choice->image.digest).number("stack", stack_used_bytes());
  }
  const boot::Verdict second = look_again(flash, *choice);
  flash.close();
  if (!choice->verdict.passes() || !second.passes()) stop("boot.refused", Error::kNoValidImage);
  jump(choice->slot, choice->verdict, second);
}

}  // namespace tailor::mps2
