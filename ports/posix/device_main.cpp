// SPDX-License-Identifier: Apache-2.0
// tailor-device: the program of a device on POSIX, and itself the image that is updated. It joins the agent with flash
// file, UDP socket and clocks, and runs its loop. tailor-boot starts it from a slot, and again after each reboot.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/report/encrypted.hpp"
#include "device/agent/agent.hpp"
#include "ports/posix/device_options.hpp"
#include "ports/posix/device_version.hpp"
#include "ports/posix/flash_file.hpp"
#include "ports/posix/flash_layout.hpp"
#include "ports/posix/supervisor.hpp"
#include "ports/posix/surroundings_file.hpp"
#include "ports/posix/system_ports.hpp"
#include "ports/posix/udp_port.hpp"

namespace tailor::posix {
namespace {

/// At most so long between two signs of life to the watchdog.
constexpr uint64_t kKickMs = 5'000;
/// Datagrams that are taken before timers are looked at again.
constexpr int kDatagramsAtOnce = 64;

int refused(const char* what, Error error) {
  std::fprintf(stderr, "tailor-device: %s: %s: %s\n", what, std::string(name_of(error)).c_str(),
               std::string(describe(error).meaning).c_str());
  return 1;
}

std::optional<std::vector<uint8_t>> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

/// Flash, records and boot journal of a device that was provisioned.
struct Opened {
  FlashFile flash;
  boot::Layout layout;
  std::optional<storage::RecordStore> store;
  std::optional<boot::BootControl> control;

  Status open(const DeviceOptions& options) {
    TAILOR_TRY(flash.open(options.flash, kFlashGeometry, options.sync ? Durability::kHost : Durability::kProcess));
    layout = boot_layout(flash.port());
    store.emplace(records_region(flash.port()));
    TAILOR_TRY(store->mount());
    control.emplace(layout);
    return control->open();
  }
};

int provision(const DeviceOptions& options) {
  const auto image = read_file(options.image);
  const auto envelope = read_file(options.envelope);
  const auto bundle = read_file(options.bundle);
  if (!image || !envelope || !bundle) return refused("image, envelope or bundle", Error::kFileFailed);
  const Status status = posix::provision(options.flash, *image, *envelope, *bundle,
                                         options.sync ? Durability::kHost : Durability::kProcess);
  return status.ok() ? 0 : refused("provision", status.error());
}

void take_datagrams(agent::Agent& agent, const tailor_datagram_t& udp, const PosixTime& time) {
  std::array<uint8_t, 2048> buffer;
  for (int i = 0; i < kDatagramsAtOnce; ++i) {
    size_t length = 0;
    tailor_endpoint_t from{};
    const tailor_port_status_t status = udp.receive(udp.context, buffer.data(), buffer.size(), &length, &from);
    if (status == TAILOR_PORT_WAIT) return;
    if (status == TAILOR_PORT_OK) agent.on_datagram(from, ByteView{buffer}.first(length), time.monotonic_ms());
  }
}

/// Reads a key of 32 hexadecimal digits.
/// @returns kFileFailed, kValueOutOfRange
Result<std::array<uint8_t, report::kReportKeyBytes>> read_report_key(const std::string& path) {
  std::array<uint8_t, report::kReportKeyBytes> key{};
  std::array<char, 2 * report::kReportKeyBytes + 2> text{};
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return Error::kFileFailed;
  size_t length = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  if (length > 0 && text[length - 1] == '\n') --length;
  if (length != 2 * key.size()) return Error::kValueOutOfRange;
  for (size_t i = 0; i < key.size(); ++i) {
    const char* const digits = text.data() + 2 * i;
    const auto read = std::from_chars(digits, digits + 2, key[i], 16);
    if (read.ec != std::errc() || read.ptr != digits + 2) return Error::kValueOutOfRange;
  }
  return key;
}

int run(const DeviceOptions& options) {
  std::array<uint8_t, report::kReportKeyBytes> report_key{};
  if (!options.report_key.empty()) {
    const auto read = read_report_key(options.report_key);
    if (!read.ok()) return refused("report key", read.error());
    report_key = *read;
  }
  Opened opened;
  if (const Status status = opened.open(options); !status.ok()) return refused("flash", status.error());
  UdpPort udp;
  if (const Status status = udp.open(options.address, options.port); !status.ok()) {
    return refused("network", status.error());
  }
  const PosixTime time;
  const PosixLog log(options.least);
  const PosixReboot reboot;
  const SurroundingsFile surroundings(options.surroundings, options.local_offset_s);
  const agent::AgentPorts ports{udp.port(), time.port(), reboot.port(), &log.port(), &surroundings.port()};
  agent::AgentSettings settings = options.agent;
  settings.extra = extra_components(opened.flash.port());
  settings.version = kDeviceVersion;
  settings.enrolment_generation = kEnrolmentGeneration;
  if (!options.report_key.empty()) settings.report_key = report_key;
  agent::LogLine(&log.port(), TAILOR_LOG_INFO, "device.port").number("port", udp.local_port());

  agent::Agent agent(settings, ports, *opened.store, *opened.control, opened.layout);
  if (const Status status = agent.start(time.monotonic_ms()); !status.ok()) return refused("start", status.error());
  for (;;) {
    agent.step(time.monotonic_ms());
    static_cast<void>(reboot.port().kick(reboot.port().context));  // a watchdog that cannot be kicked says so itself
    if (const auto kind = agent.reboot_wanted(); kind.has_value()) {
      static_cast<void>(reboot.port().reboot(reboot.port().context, *kind));
      return refused("reboot", Error::kInternal);
    }
    const uint64_t deadline = earlier(agent.next_deadline(), time.monotonic_ms() + kKickMs);
    static_cast<void>(udp.port().wait(udp.port().context, deadline));  // early or late, the loop looks again
    take_datagrams(agent, udp.port(), time);
  }
}

int retire(const DeviceOptions& options) {
  Opened opened;
  if (const Status status = opened.open(options); !status.ok()) return refused("flash", status.error());
  if (const Status status = opened.flash.lock(); !status.ok()) return refused("flash is in use", status.error());
  UdpPort udp;
  const PosixTime time;
  const PosixLog log(options.least);
  const PosixReboot reboot;
  const agent::AgentPorts ports{udp.port(), time.port(), reboot.port(), &log.port()};
  agent::Agent agent(options.agent, ports, *opened.store, *opened.control, opened.layout);
  if (const Status status = agent.start(time.monotonic_ms()); !status.ok()) return refused("start", status.error());
  const Status status = agent.retire();
  return status.ok() ? 0 : refused("retire", status.error());
}

}  // namespace
}  // namespace tailor::posix

int main(int argc, char** argv) {
  using namespace tailor::posix;
  const auto options = parse_device_options(argc, argv);
  if (!options.has_value()) {
    std::fputs(kDeviceUsage, stderr);
    return 2;
  }
  switch (options->verb) {
    case DeviceOptions::Verb::kVersion:
      std::printf("tailor-device %s\n", kDeviceVersion);
      return 0;
    case DeviceOptions::Verb::kProvision:
      return provision(*options);
    case DeviceOptions::Verb::kRetire:
      return retire(*options);
    case DeviceOptions::Verb::kRun:
      break;
  }
  return run(*options);
}
