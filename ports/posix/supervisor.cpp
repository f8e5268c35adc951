// SPDX-License-Identifier: Apache-2.0
// See supervisor.hpp.
#include "ports/posix/supervisor.hpp"

#include <optional>
#include <string_view>

#include "device/boot/suit_verifier.hpp"
#include "ports/posix/device_trust.hpp"
#include "ports/posix/flash_layout.hpp"
#include "ports/posix/system_ports.hpp"

namespace tailor::posix {
namespace {

std::string hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

const char* name_of(boot::Slot slot) {
  return slot == boot::Slot::kA ? "A" : "B";
}

/// Why the last update ended as it did, in the words of errors.def; empty when it went well.
std::string text_of(const boot::Outcome& outcome) {
  switch (outcome.kind) {
    case boot::OutcomeKind::kNone:
    case boot::OutcomeKind::kConfirmed:
      return {};
    case boot::OutcomeKind::kReverted:
      return " reverted=" + std::string(tailor::name_of(outcome.error));
    case boot::OutcomeKind::kFellBack:
      return " fell_back=" + std::string(tailor::name_of(outcome.error));
  }
  return {};
}

class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, const tailor_log_t& log) : options_(options), log_(log) {}

  int run() {
    Status opened = flash_.open(options_.flash_path, kFlashGeometry, options_.durability);
    if (opened.ok()) opened = flash_.lock();
    if (!opened.ok()) return fail("boot.flash", opened.error());
    for (uint32_t boots = 1;; ++boots) {
      const std::optional<int> ended = boot_once();
      if (ended.has_value()) return *ended;
      if (boots == options_.boots) return last_code_;
    }
  }

 private:
  void say(tailor_log_level_t level, const char* event, const std::string& text) const {
    log_.write(log_.context, level, event, text.data(), text.size());
  }
  int fail(const char* event, Error error) const {
    say(TAILOR_LOG_ERROR, event, "error=" + std::string(tailor::name_of(error)));
    return 1;
  }

  /// What the boot program believes is read at each boot: a trust store that came with an update counts at the next.
  Result<boot::BootChoice> decide() {
    storage::RecordStore store(records_region(flash_.port()));
    TAILOR_TRY(store.mount());
    DeviceTrust trust;
    TAILOR_TRY(trust.load(store));
    const boot::Layout layout = boot_layout(flash_.port());
    boot::SuitVerifier verifier(verifier_settings(trust, layout));
    boot::BootDecision decision(layout, verifier, {options_.trial_attempts});
    return decision.decide();
  }

  Status end_trial(Error reason) {
    NoVerifier verifier;
    boot::BootDecision decision(boot_layout(flash_.port()), verifier, {options_.trial_attempts});
    return decision.end_trial(reason);
  }

  /// For the side of the decision that looks at no image.
  class NoVerifier final : public boot::ImageVerifier {
   public:
    boot::Verification verify(const FlashRegion&, const FlashRegion&) noexcept override {
      return boot::Verification::failed(Error::kNoValidImage);
    }
  };

  /// One boot. @returns the exit code when the device is done
  std::optional<int> boot_once() {
    const auto choice = decide();
    if (!choice.ok()) return fail("boot.refused", choice.error());
    SealedImage image;
    Status loaded = image.load(boot_layout(flash_.port()).slot(choice->slot), choice->image);
    if (loaded.ok() && !choice->verdict.passes()) loaded = Error::kNoValidImage;
    if (loaded.ok()) loaded = start(image, *choice);
    if (!loaded.ok()) {
      if (!choice->on_trial) return fail("boot.start", loaded.error());
      return revert(loaded.error());
    }
    const ImageLimits limits{options_.watchdog_ms, choice->on_trial ? options_.trial_ms : 0};
    const ImageEnd end = process_.watch(
        limits, [](void* self) { return static_cast<Supervisor*>(self)->is_confirmed(); }, this);
    return judge(end, choice->on_trial);
  }

  Status start(const SealedImage& image, const boot::BootChoice& choice) {
    const std::string slot = name_of(choice.slot);
    const Status started = process_.start(
        image, options_.arguments,
        {std::string(kFlashVariable) + "=" + options_.flash_path, std::string(kSlotVariable) + "=" + slot,
         std::string(kTrialVariable) + "=" + std::to_string(choice.attempt)});
    if (started.ok()) {
      say(TAILOR_LOG_INFO, choice.on_trial ? "boot.trial" : "boot.start",
          "slot=" + slot + " sequence=" + std::to_string(choice.image.sequence) +
              " digest=" + hex(choice.image.digest) + " pid=" + std::to_string(process_.pid()) +
              (choice.on_trial ? " attempt=" + std::to_string(choice.attempt) : "") + text_of(choice.outcome));
    }
    return started;
  }

  bool is_confirmed() {
    const auto state = boot::Journal(boot_layout(flash_.port()).journal).load();
    return state.ok() && state->phase != boot::Phase::kTrial;
  }

  std::optional<int> revert(Error reason) {
    say(TAILOR_LOG_WARNING, "boot.revert", "error=" + std::string(tailor::name_of(reason)));
    const Status ended = end_trial(reason);
    if (!ended.ok()) return fail("boot.journal", ended.error());
    return std::nullopt;
  }

  std::optional<int> judge(const ImageEnd& end, bool on_trial) {
    last_code_ = end.kind == ImageEnd::Kind::kExit ? end.code : 128 + end.code;
    switch (end.kind) {
      case ImageEnd::Kind::kStopped:
        say(TAILOR_LOG_INFO, "boot.stop", "");
        return 0;
      case ImageEnd::Kind::kDeadline:
      case ImageEnd::Kind::kHang:
        if (on_trial && !is_confirmed()) return revert(Error::kTrialNotConfirmed);
        return again("watchdog");
      case ImageEnd::Kind::kSignal:
        if (on_trial && !is_confirmed()) return revert(Error::kTrialCrashed);
        return again("signal=" + std::to_string(end.code));
      case ImageEnd::Kind::kExit:
        break;
    }
    if (end.code == kExitInstall || end.code == kExitRestart || end.code == kExitRevert) {
      say(TAILOR_LOG_INFO, "boot.reboot", "code=" + std::to_string(end.code));
      return std::nullopt;
    }
    if (on_trial && !is_confirmed()) return revert(Error::kTrialCrashed);
    if (end.code == 0) return 0;
    return again("code=" + std::to_string(end.code));
  }

  /// A confirmed image that ended badly is started again: there is nothing better.
  std::optional<int> again(const std::string& why) {
    say(TAILOR_LOG_WARNING, "boot.ended", why);
    if (process_.pause(options_.restart_delay_ms)) return 0;
    return std::nullopt;
  }

  const SupervisorOptions& options_;
  const tailor_log_t& log_;
  FlashFile flash_;
  ImageProcess process_;
  int last_code_ = 0;
};

}  // namespace

int supervise(const SupervisorOptions& options, const tailor_log_t& log) {
  return Supervisor(options, log).run();
}

}  // namespace tailor::posix
