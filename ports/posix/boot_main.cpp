// SPDX-License-Identifier: Apache-2.0
// tailor-boot: the boot program of the posix port. Parses its command line and hands over to the supervisor.
#include <getopt.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "ports/posix/flash_layout.hpp"
#include "ports/posix/supervisor.hpp"
#include "ports/posix/system_ports.hpp"

namespace {

using namespace tailor;
using namespace tailor::posix;

constexpr const char* kUsage =
    "usage: tailor-boot run --flash FILE [options] [-- ARGUMENT...]\n"
    "         Verifies and runs the image in FILE, again after each reboot; ARGUMENTs go to the image.\n"
    "         --trial-ms N           time for a new image to confirm itself (360000)\n"
    "         --watchdog-ms N        longest time between two signs of life, once there was one; 0: none (30000)\n"
    "         --trial-attempts N     starts of a new image before the old one returns (3)\n"
    "         --restart-delay-ms N   pause before an image that ended badly starts again (1000)\n"
    "         --boots N              stop after N boots\n"
    "         --sync                 flush every flash operation to the disk\n"
    "       tailor-boot provision --flash FILE --image FILE --envelope FILE --bundle FILE [--sync]\n"
    "         Factory: writes the first image, its envelope and the factory bundle into a new flash file.\n"
    "       tailor-boot status --flash FILE\n"
    "         Prints the boot journal's state.\n"
    "exit: 0 done or stopped; 1 refused, with the reason on standard error; 2 wrong usage\n";

int usage() {
  std::fputs(kUsage, stderr);
  return 2;
}

/// The numbers of the command line.
std::optional<uint64_t> number(const char* text, uint64_t limit) {
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > limit) return std::nullopt;
  return value;
}

std::optional<std::vector<uint8_t>> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

int refused(const char* what, Error error) {
  std::fprintf(stderr, "tailor-boot: %s: %s: %s\n", what, std::string(name_of(error)).c_str(),
               std::string(describe(error).meaning).c_str());
  return 1;
}

struct Command {
  std::string verb;
  SupervisorOptions options;
  std::string image, envelope, bundle;
};

std::optional<Command> parse(int argc, char** argv) {
  enum Option : int { kFlash = 1, kImage, kEnvelope, kBundle, kTrial, kWatchdog, kAttempts, kDelay, kBoots, kSync };
  static constexpr option kOptions[] = {{"flash", required_argument, nullptr, kFlash},
                                        {"image", required_argument, nullptr, kImage},
                                        {"envelope", required_argument, nullptr, kEnvelope},
                                        {"bundle", required_argument, nullptr, kBundle},
                                        {"trial-ms", required_argument, nullptr, kTrial},
                                        {"watchdog-ms", required_argument, nullptr, kWatchdog},
                                        {"trial-attempts", required_argument, nullptr, kAttempts},
                                        {"restart-delay-ms", required_argument, nullptr, kDelay},
                                        {"boots", required_argument, nullptr, kBoots},
                                        {"sync", no_argument, nullptr, kSync},
                                        {nullptr, 0, nullptr, 0}};
  if (argc < 2) return std::nullopt;
  Command command;
  command.verb = argv[1];
  const auto take = [](auto& to, uint64_t limit) {
    const auto value = number(optarg, limit);
    if (value.has_value()) to = static_cast<std::remove_reference_t<decltype(to)>>(*value);
    return value.has_value();
  };
  optind = 2;
  for (int found = 0; (found = getopt_long(argc, argv, "+", kOptions, nullptr)) != -1;) {
    bool good = true;
    switch (found) {
      case kFlash:
        command.options.flash_path = optarg;
        break;
      case kImage:
        command.image = optarg;
        break;
      case kEnvelope:
        command.envelope = optarg;
        break;
      case kBundle:
        command.bundle = optarg;
        break;
      case kTrial:
        good = take(command.options.trial_ms, UINT32_MAX);
        break;
      case kWatchdog:
        good = take(command.options.watchdog_ms, UINT32_MAX);
        break;
      case kAttempts:
        good = take(command.options.trial_attempts, 255) && command.options.trial_attempts > 0;
        break;
      case kDelay:
        good = take(command.options.restart_delay_ms, UINT32_MAX);
        break;
      case kBoots:
        good = take(command.options.boots, UINT32_MAX);
        break;
      case kSync:
        command.options.durability = Durability::kHost;
        break;
      default:
        return std::nullopt;
    }
    if (!good) return std::nullopt;
  }
  command.options.arguments = {"tailor-device"};
  for (int i = optind; i < argc; ++i) command.options.arguments.emplace_back(argv[i]);
  const bool takes_arguments = command.verb == "run";
  if (command.options.flash_path.empty() || (!takes_arguments && optind < argc)) return std::nullopt;
  return command;
}

int provision(const Command& command) {
  const auto image = read_file(command.image);
  const auto envelope = read_file(command.envelope);
  const auto bundle = read_file(command.bundle);
  if (!image || !envelope || !bundle) return refused("image, envelope or bundle", Error::kFileFailed);
  const Status status =
      tailor::posix::provision(command.options.flash_path, *image, *envelope, *bundle, command.options.durability);
  return status.ok() ? 0 : refused("provision", status.error());
}

const char* phase_name(boot::Phase phase) {
  switch (phase) {
    case boot::Phase::kIdle:
      return "idle";
    case boot::Phase::kReceiving:
      return "receiving";
    case boot::Phase::kStaged:
      return "staged";
    case boot::Phase::kInstall:
      return "install";
    case boot::Phase::kTrial:
      return "trial";
  }
  return "?";
}

const char* outcome_name(boot::OutcomeKind kind) {
  switch (kind) {
    case boot::OutcomeKind::kNone:
      return "none";
    case boot::OutcomeKind::kConfirmed:
      return "confirmed";
    case boot::OutcomeKind::kReverted:
      return "reverted";
    case boot::OutcomeKind::kFellBack:
      return "fell-back";
  }
  return "?";
}

int status(const Command& command) {
  FlashFile flash;
  if (const Status opened = flash.open(command.options.flash_path, kFlashGeometry); !opened.ok()) {
    return refused("flash", opened.error());
  }
  const auto state = boot::Journal(boot_layout(flash.port()).journal).load();
  if (!state.ok()) return refused("journal", state.error());
  const bool failed =
      state->outcome.kind == boot::OutcomeKind::kReverted || state->outcome.kind == boot::OutcomeKind::kFellBack;
  std::printf("active %s\nphase %s\nattempts %u\noutcome %s%s%s\n", state->active == boot::Slot::kA ? "A" : "B",
              phase_name(state->phase), unsigned{state->attempts}, outcome_name(state->outcome.kind), failed ? " " : "",
              failed ? std::string(name_of(state->outcome.error)).c_str() : "");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = parse(argc, argv);
  if (!command.has_value()) return usage();
  if (command->verb == "run") {
    const PosixLog log;
    return supervise(command->options, log.port());
  }
  if (command->verb == "provision") return provision(*command);
  if (command->verb == "status") return status(*command);
  return usage();
}
