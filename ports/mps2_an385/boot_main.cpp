// SPDX-License-Identifier: Apache-2.0
// The boot program of the board: reads trust store and journal, decides with device/boot, and jumps into the slot,
// where the image executes in place. It stands in a region of its own and is never written. It looks twice before it
// jumps, because a fault can make a processor skip instructions (docs/instruction-skips.md).
#include <memory>
#include <optional>

#include "core/trust/factory_bundle.hpp"
#include "core/trust/trust_policy.hpp"
#include "device/agent/log.hpp"
#include "device/agent/records.hpp"
#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"
#include "device/storage/record_store.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"

namespace tailor::mps2 {
namespace {

using agent::LogLine;

/// Errors are logged as their numbers (docs/errors.md): the names would be a tenth of the program.
[[noreturn]] void stop(const char* event, Error error) {
  LogLine(&log_port, TAILOR_LOG_ERROR, event).number("error", static_cast<uint8_t>(error));
  semihosting::exit(1);
}

/// What the boot program believes; read at each boot, so that a trust store that came with an update counts.
class Trust {
 public:
  Status load(const storage::RecordStore& store) noexcept {
    {
      TAILOR_TRY_ASSIGN(const ByteView bytes, store.get(agent::record::kBundle, bytes_));
      TAILOR_TRY_ASSIGN(const trust::FactoryBundle bundle, trust::decode_factory_bundle(bytes));
      identity_ = {bundle.vendor, bundle.device_class, bundle.device};
      anchor_ = bundle.anchor;
    }
    wipe(bytes_);  // it held the factory secret
    TAILOR_TRY_ASSIGN(const ByteView sealed, store.get(agent::record::kTrustStore, bytes_));
    TAILOR_TRY_ASSIGN(trust_, trust::open_trust_store(sealed, anchor_.p256(), 0));
    return kOk;
  }
  [[nodiscard]] const processor::Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] const trust::TrustPolicy& policy() const noexcept { return policy_; }

 private:
  std::array<uint8_t, limits::kTrustStoreBytes + limits::kCertificateBytes + 1024> bytes_{};
  processor::Identity identity_{};
  trust::Key anchor_;
  trust::TrustStore trust_;
  trust::TrustPolicy policy_{trust_, anchor_};
};

/// One look at the device: all that is read, and all that is believed.
class Look {
 public:
  explicit Look(const Flash& flash) noexcept
      : store_(records_region(flash.port())), layout_(boot_layout(flash.port())) {}
  /// @returns what the boot program's records come to; then decision() may be asked
  Status begin() noexcept {
    TAILOR_TRY(store_.mount());
    TAILOR_TRY(trust_.load(store_));
    verifier_.emplace(boot::SuitVerifier::Settings{trust_.identity(), trust_.policy(), trust_.policy(), kImageComponent,
                                                   suit::kStrict, &layout_});
    decision_.emplace(layout_, *verifier_);
    return kOk;
  }
  boot::BootDecision& decision() noexcept { return *decision_; }

 private:
  storage::RecordStore store_;
  Trust trust_;
  boot::Layout layout_;
  std::optional<boot::SuitVerifier> verifier_;
  std::optional<boot::BootDecision> decision_;
};

/// Where a look is made: there is one at a time, and it is too large for the stack.
Look& new_look(const Flash& flash) noexcept {
  alignas(Look) static std::array<std::byte, sizeof(Look)> place;
  return *std::construct_at(reinterpret_cast<Look*>(place.data()), flash);
}

Result<boot::BootChoice> decide(const Flash& flash) noexcept {
  Look& look = new_look(flash);
  TAILOR_TRY(look.begin());
  return look.decision().decide();
}

/// The second look, which knows of the first one what it chose.
boot::Verdict look_again(const Flash& flash, const boot::BootChoice& choice) noexcept {
  Look& look = new_look(flash);
  if (!look.begin().ok()) return {};
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

}  // namespace

void firmware_main() noexcept {
  static const Jumpers jumpers;
  static Flash flash;
  Status status = flash.open(jumpers.text("flash").data());
  if (status.ok()) status = flash.power_up();
  if (!status.ok()) stop("boot.flash", status.error());
  const Result<boot::BootChoice> choice = decide(flash);
  if (!choice.ok()) stop("boot.refused", choice.error());
  {
    LogLine line(&log_port, TAILOR_LOG_INFO, choice->on_trial ? "boot.trial" : "boot.start");
    line.text("slot", choice->slot == boot::Slot::kA ? "A" : "B").number("sequence", choice->image.sequence);
    if (choice->on_trial) line.number("attempt", choice->attempt);
    line.digest("digest", choice->image.digest).number("stack", stack_used_bytes());
  }
  const boot::Verdict second = look_again(flash, *choice);
  flash.close();
  if (!choice->verdict.passes() || !second.passes()) stop("boot.refused", Error::kNoValidImage);
  jump(choice->slot, choice->verdict, second);
}

}  // namespace tailor::mps2
