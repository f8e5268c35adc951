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
#include "ports/mps2_an385/memory_protection.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/watchdog.hpp"

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

/// What one look says of the image that is to run: whether, and where it is.
struct Seen {
  boot::Verdict verdict;
  uint32_t at = 0;  ///< offset in the device of the flash driver
  /// Reads it from memory each time.
  [[nodiscard]] uint32_t place() const noexcept { return *static_cast<const volatile uint32_t*>(&at); }
};

[[gnu::noinline]] uint32_t place_of(boot::Slot slot) noexcept {
  return slot == boot::Slot::kA ? TAILOR_SLOT_A_AT : TAILOR_SLOT_B_AT;
}

/// The second look, which knows of the first one what it chose.
[[gnu::noinline]] Seen look_again(const Flash& flash, const boot::BootChoice& choice) noexcept {
  Look look(flash);
  if (!look.begin(flash).ok()) return {};
  const boot::Verdict verdict = look.decision().look_again(choice);
  return {verdict, place_of(choice.slot)};
}

/// Gives the processor to an image: its first two words are its stack and its entry (ARMv7-M B1.5.3). Whatever way led
/// here: unless both looks pass and mean one place, the addresses are wrong, and no image may execute.
[[noreturn]] void jump(const Seen& first, const Seen& second) noexcept {
  const uint32_t astray = first.verdict.distance() | second.verdict.distance() | (first.place() ^ second.place());
  const uintptr_t image = kFlashAddress + second.place() + astray;
  const auto* vectors = reinterpret_cast<const uint32_t*>(image);
  reg(kSysTickControl) = 0;
  reg(kVectorTable) = static_cast<uint32_t>(image);
  allow_all_code(astray);
  asm volatile(
      "msr msp, %0\n"
      "bx %1\n" ::"r"(vectors[0]),
      "r"(vectors[1] ^ astray)
      : "memory");
  __builtin_unreachable();
}

/// The journal before this boot writes into it. A counter against rollback that a fault makes decide() miss may be gone
/// from the journal afterwards.
[[gnu::noinline]] Status read_journal(const Flash& flash, boot::State& state) noexcept {
  TAILOR_TRY_ASSIGN(state, boot::Journal(boot_layout(flash.port()).journal).load());
  return kOk;
}

/// Starts the recovery program, which finds in r0 why: the number of an error, or 0 for a request.
/// @note returns on a board that has none
void recover(uint32_t reason) noexcept {
  const auto* vectors = reinterpret_cast<const uint32_t*>(uintptr_t{TAILOR_RECOVERY_AT});
  const bool is_there = vectors[0] - TAILOR_RAM_AT <= TAILOR_RECOVERY_RAM_BYTES &&
                        vectors[1] - TAILOR_RECOVERY_AT < TAILOR_RECOVERY_BYTES;
  if (!is_there) return;
  BootLog("warning", "boot.recovery").number("reason", reason);
  reg(kSysTickControl) = 0;
  reg(kVectorTable) = TAILOR_RECOVERY_AT;
  allow_recovery_code();
  asm volatile(
      "mov r0, %0\n"
      "msr msp, %1\n"
      "bx %2\n" ::"r"(reason),
      "r"(vectors[0]), "r"(vectors[1])
      : "memory", "r0");
  __builtin_unreachable();
}

/// By itself: the command line is on the stack here alone.
/// @returns whether somebody asks for recovery
[[gnu::noinline]] Result<bool> power_up(Flash& flash, uint32_t& watchdog_ms) noexcept {
  const Jumpers jumpers;
  watchdog_ms = jumpers.number("watchdog-ms", watchdog_ms);
  TAILOR_TRY(flash.open(jumpers.text("flash").data()));
  TAILOR_TRY(flash.power_up());
  return jumpers.number("recover", 0) != 0;
}

}  // namespace

void at_reset() noexcept {
  forbid_other_code();
}

void firmware_main() noexcept {
  Flash flash;
  uint32_t watchdog_ms = kWatchdogMs;
  const Result<bool> asked = power_up(flash, watchdog_ms);
  if (!asked.ok()) stop("boot.flash", asked.error());
  boot::State before;
  const Status read = read_journal(flash, before);
  if (!read.ok()) stop("boot.refused", read.error());
  const Result<boot::BootChoice> choice = decide(flash);
  if (!choice.ok()) {
    flash.close();
    if (choice.error() == Error::kNoValidImage) recover(static_cast<uint8_t>(choice.error()));
    stop("boot.refused", choice.error());
  }
  // Who asks for recovery keeps no image from its trial: what has just been recovered is one.
  if (*asked && !choice->on_trial) {
    flash.close();
    recover(0);
    stop("boot.refused", Error::kNotFound);
  }
  const Seen first{choice->verdict, place_of(choice->slot)};
  {
    BootLog log("info", choice->on_trial ? "boot.trial" : "boot.start");
    log.text("slot", choice->slot == boot::Slot::kA ? "A" : "B").number("sequence", choice->image.sequence);
    if (choice->on_trial) log.number("attempt", choice->attempt);
    log.digest("digest", choice->image.digest).number("stack", stack_used_bytes());
  }
  const Seen second = look_again(flash, *choice);
  flash.close();
  const bool old = choice->image.sequence < before.counter(choice->image.component);
  if (!first.verdict.passes() || !second.verdict.passes() || old) stop("boot.refused", Error::kNoValidImage);
  if (choice->on_trial) start_watchdog(watchdog_ms);
  jump(first, second);
}

}  // namespace tailor::mps2
