// SPDX-License-Identifier: Apache-2.0
// The boot program of the board: reads trust store and journal, decides with device/boot, and jumps into the slot,
// where the image executes in place. It stands in a region of its own and is never written.
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

Result<boot::BootChoice> decide(const Flash& flash) noexcept {
  static storage::RecordStore store(records_region(flash.port()));
  static Trust trust;
  TAILOR_TRY(store.mount());
  TAILOR_TRY(trust.load(store));
  static const boot::Layout layout = boot_layout(flash.port());
  static boot::SuitVerifier verifier(
      {trust.identity(), trust.policy(), trust.policy(), kImageComponent, suit::kStrict, &layout});
  static boot::BootDecision decision(layout, verifier);
  return decision.decide();
}

/// Gives the processor to an image: its first two words are its stack and its entry (ARMv7-M B1.5.3).
[[noreturn]] void jump(boot::Slot slot) noexcept {
  const uintptr_t image = kFlashAddress + (slot == boot::Slot::kA ? TAILOR_SLOT_A_AT : TAILOR_SLOT_B_AT);
  const auto* vectors = reinterpret_cast<const uint32_t*>(image);
  reg(kSysTickControl) = 0;
  reg(kVectorTable) = static_cast<uint32_t>(image);
  asm volatile(
      "msr msp, %0\n"
      "bx %1\n" ::"r"(vectors[0]),
      "r"(vectors[1])
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
  flash.close();
  {
    LogLine line(&log_port, TAILOR_LOG_INFO, choice->on_trial ? "boot.trial" : "boot.start");
    line.text("slot", choice->slot == boot::Slot::kA ? "A" : "B").number("sequence", choice->image.sequence);
    if (choice->on_trial) line.number("attempt", choice->attempt);
    line.digest("digest", choice->image.digest).number("stack", stack_used_bytes());
  }
  if (!choice->verdict.passes()) stop("boot.refused", Error::kNoValidImage);
  jump(choice->slot);
}

}  // namespace tailor::mps2
