// SPDX-License-Identifier: Apache-2.0
// See device.hpp.
#include "tests/powerfail/device.hpp"

#include <algorithm>

#include "device/boot/stored_envelope.hpp"

namespace tailor::powerfail {

using boot::BootControl;
using boot::BootDecision;
using boot::OutcomeKind;
using boot::Phase;

boot::Verification RememberingVerifier::verify(const FlashRegion& manifest, const FlashRegion& image) noexcept {
  std::array<uint8_t, boot::kStoredEnvelopeBytes> buffer;
  const auto envelope = boot::ManifestArea(manifest).load(buffer);
  if (!envelope.ok()) return real_.verify(manifest, image);
  uint64_t key = image.size();
  const auto add = [&key](ByteView bytes) {
    for (const uint8_t byte : bytes) key = (key ^ byte) * 0x100000001b3U;
    key = testing::mixed(key, bytes.size());
  };
  add(*envelope);
  std::array<uint8_t, 256> piece;
  for (uint32_t at = 0; at < image.size(); at += 256) {
    const MutableBytes part = MutableBytes{piece}.first(std::min<uint32_t>(256, image.size() - at));
    if (!image.read(at, part).ok()) return real_.verify(manifest, image);
    add(part);
  }
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  const boot::Verification verification = real_.verify(manifest, image);
  // What reads differently each time is not remembered.
  uint64_t again = key;
  key = image.size();
  const auto same = boot::ManifestArea(manifest).load(buffer);
  if (!same.ok()) return verification;
  add(*same);
  for (uint32_t at = 0; at < image.size(); at += 256) {
    const MutableBytes part = MutableBytes{piece}.first(std::min<uint32_t>(256, image.size() - at));
    if (!image.read(at, part).ok()) return verification;
    add(part);
  }
  if (key == again && known_.size() < 100'000) known_.emplace(key, verification);
  return verification;
}

Device::Device(const Maker& maker, const Plan& plan)
    : plan_(plan),
      flash_(plan.geometry),
      layout_(plan.layout(flash_.port())),
      verifier_(maker),
      component_(*boot::component_key(maker.component)),
      block_(std::max(64U, plan.geometry.sector_bytes / 4)) {}

testing::Cells Device::made_with(const Image& before, const Image& first) {
  flash_.load(testing::Cells(plan_.geometry), 1);
  {
    BootControl control(layout_);
    const bool made =
        control.format().ok() && transfer(control, before).ok() && control.stage().ok() && control.adopt().ok();
    if (!made) return testing::Cells(plan_.geometry);
  }
  const testing::Cells cells = flash_.cells();
  run(cells, before, first, {}, 1);
  return flash_.cells();
}

Status Device::transfer(BootControl& control, const Image& image) {
  const auto resumed = control.resume();
  if (!resumed.ok()) {
    if (resumed.error() != Error::kNotFound) return resumed.error();
    const ByteView pieces[] = {ByteView(image.envelope).first(5), ByteView(image.envelope).subspan(5)};
    TAILOR_TRY(control.begin({component_, image.sequence, static_cast<uint32_t>(image.bytes.size())}, pieces, block_));
  }
  while (control.position() < image.bytes.size()) {
    const uint32_t at = control.position();
    TAILOR_TRY(
        control.write(at, ByteView(image.bytes).subspan(at).first(std::min<size_t>(block_, image.bytes.size() - at))));
  }
  // The agent digests what it received; what a fault has damaged it fetches again.
  Octets received(image.bytes.size());
  TAILOR_TRY(control.read(0, received));
  if (received != image.bytes) {
    TAILOR_TRY(control.abandon());
    return Error::kImageDigestMismatch;
  }
  return kOk;
}

Device::Run Device::run(const testing::Cells& cells, const Image& old, const Image& offer, World world, uint64_t seed) {
  constexpr int kMostBoots = 14;
  flash_.load(cells, seed);
  flash_.fail_operation(fail_operation, fail_with);
  flash_.fail_read(fail_read);
  Run run;
  run.world = world;
  while (run.boots < kMostBoots && run.fault.empty()) {
    ++run.boots;
    if (boots(run, old, offer)) break;
    if (run.boots == kMostBoots) run.fault = "never comes to rest: " + run.running;
    flash_.restart();
  }
  if (run.fault.empty() && !flash_.violation().empty()) run.fault = "contract: " + flash_.violation();
  return run;
}

uint64_t Device::counter() {
  flash_.fail_operation(0, testing::Loss::kNothing);
  flash_.fail_read(0);
  BootControl control(layout_);
  return control.open().ok() ? control.counter(component_) : 0;
}

/// One boot and one run of what was started. @returns true when nothing is left to do
bool Device::boots(Run& run, const Image& old, const Image& offer) {
  const Image* image = nullptr;
  {
    BootDecision decision(layout_, verifier_, policy);
    const auto choice = decision.decide();
    if (!choice.ok()) {
      run.running = "nothing: " + std::string(name_of(choice.error()));
      // In the middle of a move a fault of the flash may end a boot; the next one goes on.
      if (!may_refuse_good_images || run.boots > 3) run.fault = "starts " + run.running;
      return false;
    }
    if (!choice->verdict.passes()) run.fault = "chose what does not pass";
    if (layout_.moves() && choice->slot != boot::Slot::kA) run.fault = "runs an image where it cannot run";
    const uint32_t base = (plan_.journal + 2 * plan_.manifest) * plan_.geometry.sector_bytes +
                          (choice->slot == boot::Slot::kA ? 0 : plan_.slot * plan_.geometry.sector_bytes);
    Octets bytes(choice->image.image_bytes);
    for (uint32_t at = 0; at < bytes.size(); ++at) bytes[at] = flash_.cells().peek(base + at);
    for (const Image* known : {&old, &offer}) {
      if (known->bytes == bytes && known->behaviour != Behaviour::kLies) image = known;
    }
    if (image == nullptr) {
      run.fault = "started something that is no image";
      return false;
    }
    if (!flash_.cells().sound(base, choice->image.image_bytes)) run.fault = "runs from cells that are in doubt";
    if (image == &old && run.world.confirmed) run.fault = "the old image runs after the new one was confirmed";
    if (image == &offer && run.world.refused) run.fault = "the refused image runs again";
    run.running = image->name;
    if (choice->on_trial && choice->attempt > policy.trial_attempts) run.fault = "too many attempts";
  }
  if (!run.fault.empty()) return false;
  BootControl control(layout_);
  if (!control.open().ok()) return false;
  bool settled = false;
  const Status status = lives(run, control, *image, offer, settled);
  return status.ok() && settled;
}

Status Device::lives(Run& run, BootControl& control, const Image& image, const Image& offer, bool& settled) {
  const bool is_offer = image.name == offer.name;
  const auto confirmed = [&] {
    if (is_offer && !run.world.confirmed) {
      run.world.confirmed = true;
      run.confirmed_at = flash_.operation_count();
    }
  };
  if (control.boot_data().on_trial) {
    switch (image.behaviour) {
      case Behaviour::kGood:
        TAILOR_TRY(control.confirm());
        break;
      case Behaviour::kGivesUp:
        return control.give_up(Error::kNotEnrolled);
      case Behaviour::kCrashes: {
        BootDecision boot_program(layout_, verifier_, policy);
        return boot_program.end_trial(Error::kTrialCrashed);
      }
      case Behaviour::kHangs:
      case Behaviour::kLies:
        return kOk;
    }
  }
  // A state that cannot be read for a moment may look as if the trial had not begun: the next boot will tell.
  if (is_offer && control.boot_data().phase == Phase::kInstall) return kOk;
  if (is_offer) confirmed();
  const boot::Outcome outcome = control.boot_data().outcome;
  if (!outcome.reported) {
    // The report is made before it is noted that it was.
    if (outcome.kind == OutcomeKind::kReverted && outcome.sequence == offer.sequence && !run.world.refused) {
      if (offer.behaviour == Behaviour::kGood && !may_refuse_good_images) run.fault = "a good image was refused";
      run.world.refused = true;
      run.refused_at = flash_.operation_count();
    }
    TAILOR_TRY(control.acknowledge_outcome());
  }
  if (is_offer || run.world.refused) {
    if (control.boot_data().phase == Phase::kReceiving || control.boot_data().phase == Phase::kStaged) {
      TAILOR_TRY(control.abandon());
    }
    settled = true;
    return kOk;
  }
  if (control.boot_data().phase == Phase::kInstall) {
    settled = stop_after_install;
    return kOk;
  }
  if (control.boot_data().phase != Phase::kStaged) {
    TAILOR_TRY(transfer(control, offer));
    TAILOR_TRY(control.stage());
  }
  TAILOR_TRY(control.install());
  settled = stop_after_install;
  return kOk;
}

}  // namespace tailor::powerfail
