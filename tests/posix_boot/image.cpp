// SPDX-License-Identifier: Apache-2.0
// A small image for tests of the boot program: tells what it is in a log file, takes the update it is offered, and
// behaves on trial as it was compiled to. Built several times with different TEST_VERSION and TEST_BEHAVIOUR.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "device/boot/control.hpp"
#include "device/boot/stored_envelope.hpp"
#include "ports/posix/flash_file.hpp"
#include "ports/posix/flash_layout.hpp"
#include "ports/posix/system_ports.hpp"

namespace {

using namespace tailor;

enum class Behaviour { kGood, kCrash, kHang, kKickThenHang, kExit, kGiveUp, kConfirmThenCrash };
constexpr Behaviour kBehaviour = Behaviour::TEST_BEHAVIOUR;

struct Options {
  std::string log, offer_image, offer_envelope;
  uint32_t die_at = UINT32_MAX;  ///< the power goes when so much of the offer is written
  bool stay = false;
};

std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Image {
 public:
  explicit Image(Options options) : options_(std::move(options)) {}

  int run() {
    if (!flash_.open(std::getenv(posix::kFlashVariable), posix::kFlashGeometry).ok()) return 90;
    boot::BootControl control(posix::boot_layout(flash_.port()));
    if (!control.open().ok()) return 91;
    const boot::BootData data = control.boot_data();
    say(std::string("runs slot=") + std::getenv(posix::kSlotVariable) + " trial=" + std::getenv(posix::kTrialVariable));
    if (data.on_trial && !trial(control)) return 7;
    if (data.outcome.kind == boot::OutcomeKind::kReverted && !data.outcome.reported) {
      say("reverted " + std::string(name_of(data.outcome.error)));
      return control.acknowledge_outcome().ok() ? 0 : 92;
    }
    if (!data.on_trial && !options_.offer_image.empty()) return update(control);
    if (options_.stay) {
      say("stays");
      for (;;) ::pause();
    }
    return 0;
  }

 private:
  void say(const std::string& text) { std::ofstream(options_.log, std::ios::app) << TEST_VERSION " " << text << '\n'; }

  /// @returns false to end without having confirmed
  bool trial(boot::BootControl& control) {
    switch (kBehaviour) {
      case Behaviour::kGood:
        break;
      case Behaviour::kCrash:
        ::raise(SIGSEGV);
        break;
      case Behaviour::kHang:
        for (;;) ::pause();
      case Behaviour::kKickThenHang: {
        const tailor_reboot_t& reboot = reboot_.port();
        static_cast<void>(reboot.kick(reboot.context));
        for (;;) ::pause();
      }
      case Behaviour::kExit:
        return false;
      case Behaviour::kGiveUp:
        if (control.give_up(Error::kNotEnrolled).ok()) reboot(TAILOR_REBOOT_REVERT);
        return false;
      case Behaviour::kConfirmThenCrash:
        if (control.confirm().ok()) ::raise(SIGSEGV);
        return false;
    }
    if (!control.confirm().ok()) return false;
    say("confirmed");
    return true;
  }

  int update(boot::BootControl& control) {
    const std::vector<uint8_t> image = read_file(options_.offer_image);
    const auto resumed = control.resume();
    if (resumed.ok()) {
      say("resumes " + std::to_string(*resumed));
    } else {
      const std::vector<uint8_t> bytes = read_file(options_.offer_envelope);
      const auto envelope = suit::Envelope::from_bytes(bytes);
      if (!envelope.ok()) return 93;
      const auto manifest = suit::decode_manifest(envelope->manifest());
      const auto component = boot::component_key(posix::kImageComponent);
      if (!manifest.ok() || !component.ok()) return 94;
      const auto stored = boot::StoredEnvelope::from_envelope(*envelope);
      const boot::Candidate candidate{*component, manifest->sequence_number, static_cast<uint32_t>(image.size())};
      const Status begun = control.begin(candidate, stored.pieces(), 1024);
      if (!begun.ok()) {
        say("refused " + std::string(name_of(begun.error())));
        return 0;
      }
    }
    while (control.position() < image.size()) {
      const uint32_t at = control.position();
      if (at >= options_.die_at) {
        ::kill(::getppid(), SIGKILL);
        for (;;) ::pause();
      }
      const size_t count = std::min<size_t>(1024, image.size() - at);
      if (!control.write(at, ByteView(image).subspan(at, count)).ok()) return 95;
    }
    if (!control.stage().ok() || !control.install().ok()) return 96;
    reboot(TAILOR_REBOOT_INSTALL);
    return 97;
  }

  void reboot(tailor_reboot_kind_t kind) { static_cast<void>(reboot_.port().reboot(reboot_.port().context, kind)); }

  Options options_;
  posix::FlashFile flash_;
  posix::PosixReboot reboot_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--log" && i + 1 < argc) options.log = argv[++i];
    if (name == "--offer" && i + 2 < argc) {
      options.offer_image = argv[++i];
      options.offer_envelope = argv[++i];
    }
    if (name == "--die-at" && i + 1 < argc) options.die_at = static_cast<uint32_t>(std::atoi(argv[++i]));
    if (name == "--stay") options.stay = true;
  }
  return Image(options).run();
}
