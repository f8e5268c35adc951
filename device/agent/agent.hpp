// SPDX-License-Identifier: Apache-2.0
// The device's agent: takes a device through its life cycle (enrol, register, ask or listen for updates, install,
// report, renew), sans-I/O. Datagrams and the time come in; datagrams, flash records and a request to reboot go out.
//
//   Agent agent(settings, ports, store, boot, layout);
//   agent.start(now);
//   loop: agent.on_datagram(from, bytes, now) when one arrives; agent.step(now) at next_deadline();
//   when agent.reboot_wanted(): reboot.
#pragma once

#include "core/coap/memory.hpp"
#include "core/update/life_cycle.hpp"
#include "core/update/status.hpp"
#include "device/agent/enrolment.hpp"
#include "device/agent/resources.hpp"
#include "device/agent/server_task.hpp"
#include "device/boot/verifier.hpp"

namespace tailor::agent {

class Agent final : private LinkOwner, private ServerOwner, private ResourceOwner, private UpdateListener {
 public:
  /// @param settings, ports, store, boot, layout  outlive the agent; store is mounted, boot is open
  Agent(const AgentSettings& settings, const AgentPorts& ports, storage::RecordStore& store, boot::BootControl& boot,
        const boot::Layout& layout) noexcept;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Takes up where the last run ended.
  /// @returns kNotFound for a device that was never provisioned; kRecordMalformed, flash errors
  [[nodiscard]] Status start(MonotonicMs now) noexcept;

  void on_datagram(const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept;
  /// Does what is due.
  void step(MonotonicMs now) noexcept;
  /// When step() is to be called next, at the latest.
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// The kind of reboot that is due; absent when the image runs on. All is persisted.
  [[nodiscard]] std::optional<tailor_reboot_kind_t> reboot_wanted() const noexcept { return reboot_; }

  /// Takes the device out of service: secrets are wiped, nothing is answered any more.
  [[nodiscard]] Status retire() noexcept;

  [[nodiscard]] update::LifeCycle life_cycle() const noexcept { return life_; }
  [[nodiscard]] const update::UpdateStatus& update_status() const noexcept { return updater_.status(); }
  [[nodiscard]] update::TrustedTime time(MonotonicMs now) const noexcept { return clock_.at(now); }
  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }

 private:
  static constexpr size_t kServers = limits::kTrustServers;
  static constexpr size_t kMessageBytes = coap::message_bytes(limits::kDeviceBlockSzx);

  // LinkOwner
  void on_link_up(Link& link) noexcept override;
  void on_link_down(Link& link, Error error) noexcept override;
  // ServerOwner
  void on_task_done(size_t server, Task task, std::optional<Error> error) noexcept override;
  // ResourceOwner
  [[nodiscard]] uint8_t server_of(const coap::Peer& peer) const noexcept override;
  [[nodiscard]] Result<ByteView> write_status(MutableBytes out) noexcept override;
  void on_call(const coap::Peer& peer) noexcept override;
  // UpdateListener
  void on_update_state(std::string_view where, Keep keep) noexcept override;
  [[nodiscard]] Status may_trust(const trust::TrustStore& offered) noexcept override;
  void on_trust_changed(bool authorities_kept) noexcept override;

  // life cycle: agent_life.cpp
  /// @returns whether the servers are those that it knew: the trust store is not another
  [[nodiscard]] Result<bool> load_life() noexcept;
  [[nodiscard]] Status save_life() noexcept;
  void live(update::LifeEvent event) noexcept;
  void follow_update() noexcept;
  void step_clock() noexcept;
  void step_enrolment() noexcept;
  void enrolment_done() noexcept;
  void enrolment_failed() noexcept;
  [[nodiscard]] bool first_use_is_due() const noexcept;
  void first_use_done() noexcept;
  void step_certificates() noexcept;
  void step_trial() noexcept;
  void step_wait() noexcept;
  void step_install() noexcept;
#if TAILOR_AGENT_LISTENING
  void step_listening() noexcept;
#endif
  /// Moves the life cycle and forgets which profiles are true.
  void profile_changed(update::LifeEvent event) noexcept;

  // servers: agent_servers.cpp
  void step_servers() noexcept;
  void step_server(size_t server) noexcept;
  [[nodiscard]] Task next_task(size_t server) const noexcept;
  [[nodiscard]] bool keeps_link() const noexcept;
  [[nodiscard]] bool polls() const noexcept;
  [[nodiscard]] bool fetches_from(size_t server) const noexcept;
  void start_task(size_t server, Task task) noexcept;
  void registered(size_t server) noexcept;
  void round_over() noexcept;
  void poll_ended(size_t server, bool reached) noexcept;
  void fetch_ended(size_t server, std::optional<Error> error) noexcept;
  [[nodiscard]] size_t servers() const noexcept {
    return identity_.trust().server_uris.size();
  }
  [[nodiscard]] ServerTask& task_of(size_t server) noexcept {
    return server_tasks_[server];
  }
  [[nodiscard]] Link& ca_link() noexcept {
#if TAILOR_AGENT_CA_LINK
    return ca_link_;
#else
    return server_tasks_[0].link();
#endif
  }
  /// Whether the enrolment has this server's link: it is not the server's then.
  [[nodiscard]] bool lent(size_t server) const noexcept {
    return TAILOR_AGENT_CA_LINK == 0 && server == 0 && enrolment_.under_way();
  }
  /// Whether an enrolment may have a link of the server, now or after it was given up.
  [[nodiscard]] bool can_lend() const noexcept;
  [[nodiscard]] bool claim_ca_link() noexcept;

  // another trust store: agent_trust.cpp
  [[nodiscard]] ServerSet all_servers() const noexcept {
    return static_cast<ServerSet>((1U << servers()) - 1);
  }

  // what is told about the device: agent_profile.cpp
  [[nodiscard]] boot::Verification verify_running(const trust::TrustStore& trust) const noexcept;
  void learn_installed() noexcept;
  void learn_trust() noexcept;
  [[nodiscard]] update::InstalledComponents installed() const noexcept;
  [[nodiscard]] update::BootInfo boot_info() const noexcept;
  [[nodiscard]] update::Registration registration() const noexcept;

  const AgentSettings settings_;
  const AgentPorts ports_;
  storage::RecordStore& store_;
  boot::BootControl& boot_;
  const boot::Layout& layout_;
  Identity identity_;
  update::TrustedClock clock_;
  Reporter reporter_;
  Updater updater_;
  const AgentCore core_;
  Resources resources_;

  coap::StaticMemory<limits::kSmallMessages, 96, limits::kWholeMessages, kMessageBytes> memory_;
  std::array<uint8_t, kMessageBytes> scratch_{};
  const coap::Environment environment_;
  const LinkShared shared_;
#if TAILOR_AGENT_CA_LINK
  Link ca_link_;
  std::array<uint8_t, Enrolment::kRoomBytes> enrolment_room_{};
#endif
#if TAILOR_AGENT_LISTENING
  Link listening_link_;
  std::array<uint8_t, 32> cookie_secret_{};
#endif
  std::array<ServerTask, kServers> server_tasks_;
  Enrolment enrolment_;
  static constexpr size_t kLinks = kServers + TAILOR_AGENT_CA_LINK + TAILOR_AGENT_LISTENING;
  bool lending_ = false;               ///< a server's session is being ended for an enrolment
  std::array<Link*, kLinks> links_{};  ///< the servers' first, one that takes strangers last

  MonotonicMs now_ = 0;
  std::optional<tailor_reboot_kind_t> reboot_;
  update::LifeCycle life_ = update::LifeCycle::kFactory;
  ServerSet known_ = 0;       ///< servers that have a profile
  ServerSet registered_ = 0;  ///< servers whose profile is true
  ServerSet tried_ = 0;       ///< servers that were tried since the profile changed
  Backoff enrol_backoff_;
  Backoff first_use_backoff_;
  std::optional<uint32_t> used_generation_;  ///< whose certificates the CA has seen in use
  MonotonicMs renew_not_before_ = 0;
  std::array<Backoff, kServers> backoff_{};
  size_t poll_turn_ = 0;
  MonotonicMs poll_due_ = 0;
  size_t fetch_turn_ = 0;
  uint8_t fetch_round_ = 0;
  ServerSet fetch_missing_ = 0;  ///< servers that said they do not have the payload
  MonotonicMs fetch_due_ = 0;
  MonotonicMs payload_deadline_ = kNever;
  MonotonicMs trial_deadline_ = kNever;
  MonotonicMs install_due_ = kNever;
  MonotonicMs wait_due_ = kNever;  ///< when to ask again for the event that a manifest waits for
  bool status_changed_ = false;
  bool more_to_do_ = false;  ///< something has happened that the next step may have to follow

  std::array<uint8_t, 16 + limits::kComponentIdBytes> component_{};
  update::InstalledComponent installed_{};
  bool has_installed_ = false;
  bool relearn_ = false;  ///< what is installed is another
  update::InstalledComponent installed_trust_{};
  std::array<char, 20> trust_version_{};  ///< decimal
};

}  // namespace tailor::agent
