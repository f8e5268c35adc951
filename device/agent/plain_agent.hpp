// SPDX-License-Identifier: Apache-2.0
// The smallest agent: SUIT over plain CoAP, for a device whose network is not its concern, and the base of profiles
// that secure CoAP without DTLS. It asks one server for envelopes, fetches, installs, tries, confirms and reports; it
// does not enrol or register and authenticates nobody: what may be installed is decided by the manifest's signature
// alone. docs/protocols/plain.md has the three resources that it asks for. Sans-I/O, used as Agent is.
#pragma once

#include "core/coap/endpoint.hpp"
#include "core/coap/memory.hpp"
#include "device/agent/log.hpp"
#include "device/agent/reporter.hpp"
#include "device/agent/updater.hpp"
#include "tailor/port/datagram.h"
#include "tailor/port/reboot.h"

namespace tailor::agent {

struct PlainSettings {
  ByteView image_component;  ///< encoded identifier of what the slots hold
  ExtraComponents extra{};   ///< none, unless the board has places for them
  tailor_endpoint_t server{};
  uint8_t block_szx = limits::kDeviceBlockSzx;
  uint32_t poll_interval_ms = 3'600'000;
  uint32_t retry_ms = 10'000;           ///< after a failed exchange
  uint32_t trial_timeout_ms = 300'000;  ///< for the new image to reach the server
};

class PlainAgent final : private UpdateListener, private coap::ClientHandler, private coap::DatagramSink {
 public:
  /// @param datagram, log, store, boot, layout  outlive the agent; store is mounted, boot is open; log may be null
  PlainAgent(const PlainSettings& settings, const tailor_datagram_t& datagram, const tailor_log_t* log,
             storage::RecordStore& store, boot::BootControl& boot, const boot::Layout& layout) noexcept;
  PlainAgent(const PlainAgent&) = delete;
  PlainAgent& operator=(const PlainAgent&) = delete;

  /// Takes up where the last run ended.
  /// @returns kNotFound for a device that was never provisioned; kRecordMalformed, kEntropyFailed, flash errors
  [[nodiscard]] Status start(MonotonicMs now) noexcept;
  void on_datagram(const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept;
  /// Does what is due.
  void step(MonotonicMs now) noexcept;
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// The kind of reboot that is due; absent when the image runs on.
  [[nodiscard]] std::optional<tailor_reboot_kind_t> reboot_wanted() const noexcept { return reboot_; }
  [[nodiscard]] const update::UpdateStatus& update_status() const noexcept { return updater_.status(); }

 private:
  enum class Task : uint8_t { kNone, kReport, kPoll, kFetch };
  static constexpr size_t kMessageBytes = coap::message_bytes(limits::kDeviceBlockSzx);
  static constexpr std::string_view kReportPath = "/report/";

  // UpdateListener
  void on_update_state(std::string_view where, Keep keep) noexcept override;
  [[nodiscard]] Status may_trust(const trust::TrustStore& offered) noexcept override;
  void on_trust_changed(bool authorities_kept) noexcept override;
  // coap::ClientHandler
  [[nodiscard]] Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override;
  [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override;
  void on_failure(Error error) noexcept override;
  // coap::DatagramSink
  void send(ByteView datagram) noexcept override;

  LogLine log(tailor_log_level_t level, const char* event) const noexcept { return {log_, level, event}; }
  [[nodiscard]] Status start_task() noexcept;
  [[nodiscard]] bool was_reverted(ByteView first_bytes) const noexcept;
  [[nodiscard]] Status take_update(const coap::ClientResponse& response) noexcept;
  void done(std::optional<Error> error) noexcept;
  void step_installation() noexcept;

  const PlainSettings settings_;
  const tailor_datagram_t& datagram_;
  const tailor_log_t* log_;
  boot::BootControl& boot_;
  const boot::Layout& layout_;
  Identity identity_;
  Reporter reporter_;
  Updater updater_;

  coap::StaticMemory<2, 96, 2, kMessageBytes> memory_;
  std::array<uint8_t, kMessageBytes> scratch_{};
  const coap::Environment environment_;
  coap::EndpointStorage<1, 1, 1, 2> storage_;
  std::optional<coap::Endpoint> endpoint_;

  MonotonicMs now_ = 0;
  std::optional<tailor_reboot_kind_t> reboot_;
  Task task_ = Task::kNone;
  bool envelope_ = false;   ///< the response's body goes to the updater
  bool more_to_do_ = true;  ///< something has happened that the next step may have to follow
  MonotonicMs poll_due_ = 0;
  MonotonicMs retry_at_ = 0;  ///< no exchange before
  MonotonicMs look_at_ = 0;   ///< when to ask again for what the manifest waits for
  MonotonicMs trial_deadline_ = kNever;
  std::array<char, kReportPath.size() + Uuid::kTextLength> report_path_{};
  std::array<uint8_t, kReportBytes> body_{};
  size_t body_length_ = 0;
  uint64_t report_number_ = 0;
  std::array<uint8_t, 8> etag_{};  ///< of the envelope that was dealt with last
  size_t etag_length_ = 0;
};

}  // namespace tailor::agent
