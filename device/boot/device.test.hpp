// SPDX-License-Identifier: Apache-2.0
// A whole device for tests of the boot module, as a small language:
//   device.provisioned_with(v1).receives(v2).loses_power_at(17, Cut::kTorn).runs_until("v2")
// Flash is the fake; the boot program is the real decision over a small verifier; the application is the least agent
// that takes an update: it resumes, stages, installs, and confirms when it is a good image.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "device/boot/control.hpp"
#include "device/boot/decision.hpp"
#include "testing/fake_flash.hpp"

namespace tailor::boot {

using testing::Cut;
using testing::FakeFlash;
using testing::kAllCuts;

/// What an image does once it runs.
enum class Behaviour : uint8_t { kGood, kCrashes, kHangs, kGivesUp };

struct TestImage {
  std::string name;
  uint64_t sequence;
  Behaviour behaviour = Behaviour::kGood;
  uint32_t size = 700;

  [[nodiscard]] std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> out(size);
    for (size_t i = 0; i < out.size(); ++i) {
      // Runs of the erased value too: the end of data must not be guessed from them.
      out[i] = i % 256 < 160 ? static_cast<uint8_t>(name[i % name.size()] + i / 7) : uint8_t{0xff};
    }
    std::copy(name.begin(), name.end(), out.begin());
    return out;
  }
  /// Stands for an envelope: sequence, length, CRC of the image.
  [[nodiscard]] std::vector<uint8_t> envelope() const {
    const std::vector<uint8_t> image = bytes();
    std::vector<uint8_t> out(16);
    put_le<uint64_t>(out.data(), sequence);
    put_le<uint32_t>(&out[8], size);
    put_le<uint32_t>(&out[12], crc32(image));
    return out;
  }
};

/// Passes an image that is what its stored manifest says, byte for byte.
class TestVerifier final : public ImageVerifier {
 public:
  Verification verify(const FlashRegion& manifest, const FlashRegion& image) noexcept override {
    std::array<uint8_t, 64> buffer;
    const auto stored = ManifestArea(manifest).load(buffer);
    if (!stored.ok()) return Verification::failed(stored.error());
    if (stored->size() != 16) return Verification::failed(Error::kSignatureInvalid);
    if (get_le<uint32_t>(&(*stored)[8]) != image.size()) return Verification::failed(Error::kImageSizeMismatch);
    const auto crc = image.crc(0, image.size());
    if (!crc.ok()) return Verification::failed(crc.error());
    if (*crc != get_le<uint32_t>(&(*stored)[12])) return Verification::failed(Error::kImageDigestMismatch);
    Verification verification;
    verification.verdict = Verdict::pass();
    verification.image = {{}, get_le<uint64_t>(stored->data()), image.size(), {}};
    return verification;
  }
};

class Device {
 public:
  static constexpr uint32_t kBlock = 64;

  explicit Device(uint32_t granule = 4, uint8_t erased = 0xff, uint64_t seed = 1,
                  InstallMode mode = InstallMode::kInPlace)
      : flash({36 * 256, 256, granule, erased}, seed) {
    const auto region = [this](uint32_t sector, uint32_t count) {
      return FlashRegion(flash.port(), sector * 256, count * 256);
    };
    layout_ = {region(0, 4),
               {region(4, 9), region(13, 9)},
               {region(22, 4), region(26, mode == InstallMode::kSwap ? 5 : 4)},
               region(31, 4),
               region(35, 1),
               mode};
  }

  // --- the story so far ---
  Device& provisioned_with(const TestImage& image) {
    BootControl control(layout_);
    EXPECT_TRUE(control.format().ok());
    known_ = {image};
    EXPECT_TRUE(transfer(control, image).ok());
    EXPECT_TRUE(control.stage().ok());
    EXPECT_TRUE(control.adopt().ok());
    fetched_ = 0;
    return *this;
  }
  /// From now on the server offers this image.
  Device& receives(const TestImage& image) {
    offered_ = image;
    known_.push_back(image);
    fetched_ = 0;
    return *this;
  }
  Device& loses_power_at(uint64_t operation, Cut cut) {
    flash.cut_power_at(operation, cut);
    return *this;
  }
  Device& power_on() {
    flash.power_on();
    return *this;
  }

  // --- what happens ---
  /// Boots again and again until `name` runs confirmed and nothing is left to do, or the power goes.
  /// @returns false when the power went, or after too many boots
  bool runs_until(const std::string& name) {
    for (int boot = 0; boot < 12; ++boot) {
      if (!boots()) return false;
      if (running_ == name && settled_) return true;
    }
    return false;
  }

  /// One boot and one run of what was started. @returns false when the power went
  bool boots() {
    settled_ = false;
    running_.clear();
    const TestImage* image = nullptr;
    {
      TestVerifier verifier;
      BootDecision decision(layout_, verifier, policy);
      const auto choice = decision.decide();
      if (!flash.has_power()) return false;
      if (!choice.ok()) {
        running_ = "nothing: " + std::string(name_of(choice.error()));
        return true;
      }
      EXPECT_TRUE(choice->verdict.passes());
      image = started(*choice);
      if (image == nullptr) return true;
      running_ = image->name;
      if (choice->on_trial) {
        ++trials_;
        EXPECT_LE(choice->attempt, policy.trial_attempts);
      }
    }
    return application_runs(*image);
  }

  [[nodiscard]] const std::string& running() const { return running_; }
  [[nodiscard]] uint64_t fetched() const { return fetched_; }
  [[nodiscard]] int trials() const { return trials_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] Outcome outcome() const { return outcome_; }
  State state() {
    const auto state = Journal(layout_.journal).load();
    EXPECT_TRUE(state.ok());
    return state.ok() ? *state : State{};
  }

  FakeFlash flash;
  BootPolicy policy;
  bool sees_crashes = true;  ///< the boot program learns how an image ends, as on posix
  std::set<std::string> refused;

 private:
  /// Whatever the boot program starts must be one of the images that exist, whole.
  const TestImage* started(const BootChoice& choice) {
    const auto slot = flash.cells().begin() + (choice.slot == Slot::kA ? 22 : 26) * 256;
    const std::vector<uint8_t> bytes(slot, slot + choice.image.image_bytes);
    for (const TestImage& image : known_) {
      if (image.bytes() == bytes) return &image;
    }
    ADD_FAILURE() << "something was started that is no image";
    running_ = "garbage";
    return nullptr;
  }

  Status transfer(BootControl& control, const TestImage& image) {
    const auto resumed = control.resume();
    if (!resumed.ok()) {
      if (resumed.error() != Error::kNotFound) return resumed.error();
      const std::vector<uint8_t> envelope = image.envelope();
      const ByteView pieces[] = {ByteView(envelope).first(5), ByteView(envelope).subspan(5)};
      TAILOR_TRY(control.begin({{}, image.sequence, image.size}, pieces, kBlock));
    }
    const std::vector<uint8_t> bytes = image.bytes();
    while (control.position() < bytes.size()) {
      const uint32_t at = control.position();
      const ByteView block = ByteView(bytes).subspan(at).first(std::min<size_t>(kBlock, bytes.size() - at));
      if (!flash.has_power()) return Error::kFlashWriteFailed;  // a device without power fetches nothing
      fetched_ += block.size();
      TAILOR_TRY(control.write(at, block));
    }
    return kOk;
  }

  bool application_runs(const TestImage& image) {
    BootControl control(layout_);
    if (!control.open().ok()) return flash.has_power();
    outcome_ = control.boot_data().outcome;
    const Status status = live(control, image);
    settled_ = status.ok() && control.boot_data().phase == Phase::kIdle && !offered_wanted(image);
    return flash.has_power();
  }

  bool offered_wanted(const TestImage& image) const {
    return !offered_.name.empty() && offered_.name != image.name && !refused.contains(offered_.name);
  }

  Status live(BootControl& control, const TestImage& image) {
    if (control.boot_data().on_trial) {
      switch (image.behaviour) {
        case Behaviour::kGood:
          TAILOR_TRY(control.confirm());
          break;
        case Behaviour::kGivesUp:
          return control.give_up(Error::kNotEnrolled);
        case Behaviour::kCrashes: {
          TestVerifier verifier;
          BootDecision boot_program(layout_, verifier, policy);
          return sees_crashes ? boot_program.end_trial(Error::kTrialCrashed) : Status(kOk);
        }
        case Behaviour::kHangs:
          return kOk;
      }
    }
    outcome_ = control.boot_data().outcome;
    if (!outcome_.reported) {
      if (outcome_.kind == OutcomeKind::kReverted) refused.insert(offered_.name);
      TAILOR_TRY(control.acknowledge_outcome());
    }
    if (!offered_wanted(image)) return control.boot_data().phase == Phase::kReceiving ? control.abandon() : Status(kOk);
    if (control.boot_data().phase == Phase::kInstall) return kOk;
    if (control.boot_data().phase != Phase::kStaged) {
      TAILOR_TRY(transfer(control, offered_));
      TAILOR_TRY(control.stage());
    }
    return control.install();
  }

  Layout layout_;
  std::vector<TestImage> known_;
  TestImage offered_{"", 0};
  std::string running_;
  Outcome outcome_;
  uint64_t fetched_ = 0;
  int trials_ = 0;
  bool settled_ = false;
};

}  // namespace tailor::boot
