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

boot::SuitVerifier::Settings RememberingVerifier::settings(const Maker& maker,
                                                           const processor::Authorization& authorization) {
  boot::SuitVerifier::Settings settings{maker.identity, maker.author.anchors(), authorization, maker.component};
  settings.dependency_component = maker.dependency_place;
  return settings;
}

RememberingVerifier::RememberingVerifier(const Maker& maker, const testing::NorFlash& flash)
    : flash_(flash), real_(settings(maker, authorization_)) {}

/// A hash of all that the verifier may read; 0 when some of it cannot be read.
uint64_t RememberingVerifier::content(const FlashRegion& manifest, const FlashRegion& image) {
  uint64_t key = testing::mixed(image.size(), 5);
  std::array<uint8_t, 512> piece;
  for (const FlashRegion& region : {manifest, image}) {
    for (uint32_t at = 0; at < region.size(); at += 512) {
      piece.fill(0);
      if (!region.read(at, MutableBytes{piece}.first(std::min<uint32_t>(512, region.size() - at))).ok()) return 0;
      for (size_t i = 0; i < piece.size(); i += 8) key = testing::mixed(key, get_le<uint64_t>(&piece[i]));
    }
  }
  return key;
}

boot::Verification RememberingVerifier::verify(const FlashRegion& manifest, const FlashRegion& image) noexcept {
  if (flash_.read_will_fail()) return real_.verify(manifest, image);
  const testing::Cells& cells = flash_.cells();
  const bool steady = cells.steady();
  uint64_t of_cells = 0;
  if (steady) {
    of_cells = testing::mixed(
        testing::mixed(cells.hash(manifest.base(), manifest.size()), cells.hash(image.base(), image.size())),
        testing::mixed(image.size(), image.base()));
    if (const auto found = known_.find(of_cells); found != known_.end()) return found->second;
  }
  const uint64_t key = content(manifest, image);
  const auto found = known_.find(key);
  const boot::Verification verification = found != known_.end() ? found->second : real_.verify(manifest, image);
  // What reads differently each time is not remembered.
  if (key == 0 || (!steady && content(manifest, image) != key) || known_.size() > 100'000) return verification;
  known_.emplace(key, verification);
  if (steady) known_.emplace(of_cells, verification);
  return verification;
}

Device::Device(const Maker& maker, const Plan& plan)
    : plan_(plan),
      flash_(plan.geometry),
      layout_(plan.layout(flash_.port())),
      verifier_(maker, flash_),
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
    // As the agent does it: what comes with a dependency says how long it is only as it comes.
    const auto known = image.dependency.empty() ? static_cast<uint32_t>(image.bytes.size()) : 0U;
    TAILOR_TRY(control.begin({component_, image.sequence, known}, pieces, block_));
    // Before the image: what is marked as received of the image says that the dependency is there.
    const ByteView dependency[] = {image.dependency};
    if (!image.dependency.empty()) {
      TAILOR_TRY(boot::ManifestArea(boot::dependency_region(control.candidate_manifest())).store(0, dependency));
    }
  }
  while (control.position() < image.bytes.size()) {
    const uint32_t at = control.position();
    TAILOR_TRY(
        control.write(at, ByteView(image.bytes).subspan(at).first(std::min<size_t>(block_, image.bytes.size() - at))));
  }
  // The agent digests what it received; what a fault has damaged it fetches again.
  // Without a known length the last granule is held back until stage().
  Octets received(image.dependency.empty() ? image.bytes.size() : image.bytes.size() / 32 * 32);
  TAILOR_TRY(control.read(0, received));
  if (!equal(received, ByteView(image.bytes).first(received.size()))) {
    TAILOR_TRY(control.abandon());
    return Error::kImageDigestMismatch;
  }
  return kOk;
}

Device::Run Device::run(const testing::Cells& cells, const Image& old, const Image& offer, World world, uint64_t seed,
                        const Memo* memo) {
  constexpr int kMostBoots = 14;
  flash_.load(cells, seed);
  flash_.fail_operation(fail_operation, fail_with);
  flash_.fail_read(fail_read);
  if (dead_sector != UINT32_MAX) flash_.kill_sector(dead_sector, dead_from, fail_with);
  Run run;
  run.world = world;
  while (run.boots < kMostBoots && run.fault.empty()) {
    if (is_known(run, memo, 1)) break;
    ++run.boots;
    if (boots(run, old, offer, memo) || run.rest != nullptr) break;
    if (run.boots == kMostBoots) run.fault = "never comes to rest: " + run.running;
    flash_.restart();
  }
  if (run.rest != nullptr && run.boots + run.rest->boots > kMostBoots) run.fault = "never comes to rest";
  if (run.fault.empty() && !flash_.violation().empty()) run.fault = "contract: " + flash_.violation();
  return run;
}

bool Device::is_known(Run& run, const Memo* memo, uint64_t what) {
  if (memo == nullptr || !flash_.cells().steady() || !flash_.is_faultless()) return false;
  Place place;
  place.key = testing::mixed(flash_.cells().hash(), run.world.bits() * 8 + what);
  run.rest = memo->find(place.key);
  if (run.rest != nullptr) return true;
  place.boots = run.boots;
  place.operations = flash_.operation_count();
  place.erases.reserve(plan_.all_sectors());
  for (uint32_t i = 0; i < plan_.all_sectors(); ++i) place.erases.push_back(static_cast<uint8_t>(flash_.erases(i)));
  run.places.push_back(std::move(place));
  return false;
}

std::vector<std::pair<uint64_t, Rest>> Device::rests_of(const Run& run) const {
  std::vector<std::pair<uint64_t, Rest>> rests;
  for (const Place& place : run.places) {
    Rest rest{run.boots - place.boots + (run.rest != nullptr ? run.rest->boots : 0), place.erases, 0};
    for (uint32_t i = 0; i < rest.erases.size(); ++i) {
      const uint32_t all = flash_.erases(i) + (run.rest != nullptr ? run.rest->erases[i] : 0U);
      rest.erases[i] = static_cast<uint8_t>(all - rest.erases[i]);
    }
    rests.emplace_back(place.key, std::move(rest));
  }
  return rests;
}

uint64_t Device::counter() {
  flash_.fail_operation(0, testing::Loss::kNothing);
  flash_.fail_read(0);
  BootControl control(layout_);
  return control.open().ok() ? control.counter(component_) : 0;
}

/// One boot and one run of what was started. @returns true when nothing is left to do
bool Device::boots(Run& run, const Image& old, const Image& offer, const Memo* memo) {
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
    uint64_t unused = 1;
    if (!flash_.cells().read(base, bytes, 0, unused)) bytes.clear();
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
  if (!run.fault.empty() || is_known(run, memo, 2)) return false;
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
