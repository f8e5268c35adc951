// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/device_options.hpp"

#include <getopt.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "ports/posix/flash_layout.hpp"
#include "ports/posix/system_ports.hpp"

namespace tailor::posix {

const char* const kDeviceUsage =
    "usage: tailor-device run [--flash FILE] [options]\n"
    "         Runs the device whose flash is FILE (default: $TAILOR_FLASH, which tailor-boot sets).\n"
    "         --listen PORT            take operators' manifests on this UDP port; 0: any (default: do not listen)\n"
    "         --address LITERAL        bind to this address (default: every one)\n"
    "         --modes LIST             of pull,push,hybrid: how updates may come (all three)\n"
    "         --prefer MODE            the one that is preferred (the first of --modes)\n"
    "         --block BYTES            16, 32 ... 1024: CoAP block (512)\n"
    "         --poll-ms N              between two questions for an update (3600000)\n"
    "         --keepalive-ms N         silence after which an open connection is probed (60000)\n"
    "         --connect-timeout-ms N   for a handshake (30000)\n"
    "         --ack-timeout-ms N       first retransmission of a CoAP message (2000)\n"
    "         --retry-min-ms N         first pause after a failure (2000); doubled up to\n"
    "         --retry-max-ms N         the longest pause (600000)\n"
    "         --trial-timeout-ms N     for a new image to reach a server (300000)\n"
    "         --hold                   every update waits for POST /trigger\n"
    "         --report-key FILE        encrypt SUIT_Reports with this AES-128 key: 32 hexadecimal digits\n"
    "         --utc-offset SECONDS     what local time is ahead of UTC, for manifests that wait for it (not "
    "configured)\n"
    "         --surroundings FILE      tells of power, battery and other devices' versions, for manifests that ask\n"
    "         --no-wall-clock          do not believe the system's calendar\n"
    "         --log-level LEVEL        debug, info, warning or error (info)\n"
    "         --sync                   flush every flash operation to the disk\n"
    "       tailor-device provision --flash FILE --bundle FILE --image FILE --envelope FILE [--sync]\n"
    "         Factory: programs a new flash file with the first image and the device's identity.\n"
    "       tailor-device retire --flash FILE\n"
    "         Wipes the device's keys; it answers nobody any more.\n"
    "       tailor-device --version\n"
    "exit: 0 done; 1 refused, with the reason on standard error; 2 wrong usage; 81, 82, 83 asks tailor-boot to "
    "reboot\n";

namespace {

enum Option : int {
  kFlash = 1,
  kBundle,
  kImage,
  kEnvelope,
  kListen,
  kAddress,
  kModes,
  kPrefer,
  kBlock,
  kPoll,
  kKeepalive,
  kConnect,
  kAck,
  kRetryMin,
  kRetryMax,
  kTrial,
  kHold,
  kReportKey,
  kUtcOffset,
  kSurroundings,
  kNoWallClock,
  kLogLevel,
  kSync,
};

constexpr option kOptions[] = {{"flash", required_argument, nullptr, kFlash},
                               {"bundle", required_argument, nullptr, kBundle},
                               {"image", required_argument, nullptr, kImage},
                               {"envelope", required_argument, nullptr, kEnvelope},
                               {"listen", required_argument, nullptr, kListen},
                               {"address", required_argument, nullptr, kAddress},
                               {"modes", required_argument, nullptr, kModes},
                               {"prefer", required_argument, nullptr, kPrefer},
                               {"block", required_argument, nullptr, kBlock},
                               {"poll-ms", required_argument, nullptr, kPoll},
                               {"keepalive-ms", required_argument, nullptr, kKeepalive},
                               {"connect-timeout-ms", required_argument, nullptr, kConnect},
                               {"ack-timeout-ms", required_argument, nullptr, kAck},
                               {"retry-min-ms", required_argument, nullptr, kRetryMin},
                               {"retry-max-ms", required_argument, nullptr, kRetryMax},
                               {"trial-timeout-ms", required_argument, nullptr, kTrial},
                               {"hold", no_argument, nullptr, kHold},
                               {"report-key", required_argument, nullptr, kReportKey},
                               {"utc-offset", required_argument, nullptr, kUtcOffset},
                               {"surroundings", required_argument, nullptr, kSurroundings},
                               {"no-wall-clock", no_argument, nullptr, kNoWallClock},
                               {"log-level", required_argument, nullptr, kLogLevel},
                               {"sync", no_argument, nullptr, kSync},
                               {nullptr, 0, nullptr, 0}};

bool take_number(uint64_t least, uint64_t most, auto& to) {
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(optarg, &end, 10);
  if (*optarg < '0' || *optarg > '9' || *end != '\0' || errno != 0 || value < least || value > most) return false;
  to = static_cast<std::remove_reference_t<decltype(to)>>(value);
  return true;
}

/// Within a day, either way.
bool take_offset(std::optional<int32_t>& to) {
  constexpr uint64_t kDaySeconds = 86'400;
  const bool behind = *optarg == '-';
  if (behind) ++optarg;
  int32_t seconds = 0;
  if (!take_number(0, kDaySeconds, seconds)) return false;
  to = behind ? -seconds : seconds;
  return true;
}

bool take_modes(agent::AgentSettings& settings) {
  std::string_view list = optarg;
  settings.modes = 0;
  bool first = true;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const auto mode = update::delivery_mode_from_name(list.substr(0, comma));
    if (!mode.ok()) return false;
    if (first) settings.preferred_mode = *mode;
    first = false;
    settings.modes = static_cast<uint8_t>(settings.modes | static_cast<uint8_t>(*mode));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return settings.modes != 0;
}

bool take_block(agent::AgentSettings& settings) {
  for (uint8_t szx = 0; szx <= 6; ++szx) {
    if (std::string_view(optarg) != std::to_string(16U << szx)) continue;
    settings.block_szx = szx;
    return true;
  }
  return false;
}

bool take_level(tailor_log_level_t& least) {
  constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  for (int level = TAILOR_LOG_DEBUG; level <= TAILOR_LOG_ERROR; ++level) {
    if (kLevels[level] != optarg) continue;
    least = static_cast<tailor_log_level_t>(level);
    return true;
  }
  return false;
}

bool take(int found, DeviceOptions& options, std::optional<update::DeliveryMode>& preferred) {
  agent::AgentSettings& settings = options.agent;
  constexpr uint64_t kLongest = UINT32_MAX;
  switch (found) {
    case kFlash:
      options.flash = optarg;
      return true;
    case kBundle:
      options.bundle = optarg;
      return true;
    case kImage:
      options.image = optarg;
      return true;
    case kEnvelope:
      options.envelope = optarg;
      return true;
    case kListen:
      settings.listen = true;
      return take_number(0, UINT16_MAX, options.port);
    case kAddress:
      options.address = optarg;
      return true;
    case kModes:
      return take_modes(settings);
    case kPrefer: {
      const auto mode = update::delivery_mode_from_name(optarg);
      if (mode.ok()) preferred = *mode;
      return mode.ok();
    }
    case kBlock:
      return take_block(settings);
    case kPoll:
      return take_number(1, kLongest, settings.poll_interval_ms);
    case kKeepalive:
      return take_number(1, kLongest, settings.keepalive_ms);
    case kConnect:
      return take_number(1, kLongest, settings.connect_timeout_ms);
    case kAck:
      return take_number(1, 60'000, settings.ack_timeout_ms);
    case kRetryMin:
      return take_number(1, kLongest, settings.retry_min_ms);
    case kRetryMax:
      return take_number(1, kLongest, settings.retry_max_ms);
    case kTrial:
      return take_number(1, kLongest, settings.trial_timeout_ms);
    case kUtcOffset:
      return take_offset(options.local_offset_s);
    case kSurroundings:
      options.surroundings = optarg;
      return true;
    case kHold:
      settings.hold_always = true;
      return true;
    case kReportKey:
      options.report_key = optarg;
      return true;
    case kNoWallClock:
      settings.trust_wall_clock = false;
      return true;
    case kLogLevel:
      return take_level(options.least);
    case kSync:
      options.sync = true;
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<DeviceOptions> parse_device_options(int argc, char** argv) {
  if (argc < 2) return std::nullopt;
  const std::string_view verb = argv[1];
  DeviceOptions options;
  if (verb == "--version") {
    options.verb = DeviceOptions::Verb::kVersion;
    return argc == 2 ? std::optional(options) : std::nullopt;
  }
  if (verb == "provision") {
    options.verb = DeviceOptions::Verb::kProvision;
  } else if (verb == "retire") {
    options.verb = DeviceOptions::Verb::kRetire;
  } else if (verb != "run") {
    return std::nullopt;
  }
  if (const char* flash = std::getenv(kFlashVariable); flash != nullptr) options.flash = flash;
  options.agent.image_component = kImageComponent;
  options.agent.trust_wall_clock = true;
  std::optional<update::DeliveryMode> preferred;
  optind = 2;
  for (int found = 0; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    if (!take(found, options, preferred)) return std::nullopt;
  }
  if (optind < argc || options.flash.empty()) return std::nullopt;
  if (preferred.has_value()) {
    if ((options.agent.modes & static_cast<uint8_t>(*preferred)) == 0) return std::nullopt;
    options.agent.preferred_mode = *preferred;
  }
  return options;
}

}  // namespace tailor::posix
