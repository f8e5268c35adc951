// SPDX-License-Identifier: Apache-2.0
// The agent's loop: who gets a datagram, what is done in a step, when to wake. The life cycle stands in agent_life.cpp,
// dealing with servers in agent_servers.cpp, what is told about the device in agent_profile.cpp.
#include "device/agent/agent.hpp"

#include <algorithm>

namespace tailor::agent {
namespace {

coap::Environment make_environment(coap::MessageMemory& memory, MutableBytes scratch, const Resources& resources,
                                   const AgentSettings& settings) noexcept {
  coap::Transmission transmission;
  transmission.ack_timeout_ms = settings.ack_timeout_ms;
  return coap::Environment{memory, scratch, resources.table(), std::min(settings.block_szx, limits::kDeviceBlockSzx),
                           transmission};
}

template <size_t... Index>
std::array<ServerTask, sizeof...(Index)> make_tasks(const AgentCore& core, const LinkShared& shared, ServerOwner& owner,
                                                    std::index_sequence<Index...>) noexcept {
  return {{ServerTask(core, shared, owner, Index)...}};
}

UpdaterSettings updater_settings(const AgentSettings& settings, const AgentPorts& ports) noexcept {
  return {settings.image_component, settings.extra, ports.surroundings, 16U << settings.block_szx,
          settings.hold_always};
}

}  // namespace

Agent::Agent(const AgentSettings& settings, const AgentPorts& ports, storage::RecordStore& store,
             boot::BootControl& boot, const boot::Layout& layout) noexcept
    : settings_(settings),
      ports_(ports),
      store_(store),
      boot_(boot),
      layout_(layout),
      identity_(store),
      reporter_(store),
      updater_(store, boot, identity_, updater_settings(settings_, ports_), *this),
      core_{settings_, ports_, identity_, clock_, updater_, reporter_},
      resources_(core_, *this),
      environment_(make_environment(memory_, scratch_, resources_, settings_)),
      shared_{ports_.datagram, environment_, identity_, clock_, *this},
#if TAILOR_AGENT_CA_LINK
      ca_link_(shared_),
#endif
#if TAILOR_AGENT_LISTENING
      listening_link_(shared_),
#endif
      server_tasks_(make_tasks(core_, shared_, *this, std::make_index_sequence<kServers>())),
#if TAILOR_AGENT_CA_LINK
      enrolment_(core_, ca_link_, enrolment_room_) {
#else
      enrolment_(core_, server_tasks_[0].link(), server_tasks_[0].body_room().first<Enrolment::kRoomBytes>()) {
#endif
  for (size_t server = 0; server < kServers; ++server) links_[server] = &task_of(server).link();
#if TAILOR_AGENT_CA_LINK
  links_[kServers] = &ca_link_;
#endif
#if TAILOR_AGENT_LISTENING
  links_[kLinks - 1] = &listening_link_;
#endif
}

Status Agent::start(MonotonicMs now) noexcept {
  now_ = now;
  TAILOR_TRY(identity_.load());
  TAILOR_TRY_ASSIGN(const bool same_servers, load_life());
  TAILOR_TRY(reporter_.load());
  if (!same_servers) TAILOR_TRY(reporter_.readdress(all_servers()));
  for (size_t server = 0; server < servers(); ++server) {
    TAILOR_TRY(task_of(server).configure(identity_.trust().server_uris[server]));
  }
  step_clock();
  learn_installed();
  core_.info("agent.start")
      .uuid("device", identity_.device())
      .text("version", settings_.version)
      .text("life", update::name_of(life_))
      .number("slot", boot::index_of(boot_.boot_data().running))
      .number("trial", boot_.boot_data().on_trial ? 1 : 0);
  TAILOR_TRY(updater_.restore());
  follow_update();
  round_over();  // power may have failed between the last registration and the state that it leads to
#if TAILOR_AGENT_LISTENING
  TAILOR_TRY(crypto::random(cookie_secret_));
#endif
  return kOk;
}

void Agent::on_datagram(const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept {
  now_ = now;
  if (life_ == update::LifeCycle::kRetired) return;
  more_to_do_ = true;
  for (size_t index = 0; index < kLinks; ++index) {
    if (!links_[index]->speaks_with(from)) continue;
    if (index < kServers) task_of(index).heard(now);
    return links_[index]->on_datagram(from, datagram, now);
  }
  if (links_[kLinks - 1]->takes_strangers()) links_[kLinks - 1]->on_datagram(from, datagram, now);
}

void Agent::step(MonotonicMs now) noexcept {
  now_ = now;
  if (reboot_.has_value() || life_ == update::LifeCycle::kRetired) return;
  more_to_do_ = false;
  step_clock();
  for (Link* link : links_) link->tick(now);

  if (std::exchange(relearn_, false)) learn_installed();
  step_enrolment();
  step_certificates();
  if (identity_.enrolled()) {
    step_trial();
    step_servers();
#if TAILOR_AGENT_LISTENING
    step_listening();
#endif
  }
  step_wait();
  step_install();
  if (status_changed_) {
    status_changed_ = false;
    for (Link* link : links_) {
      if (link->open()) link->endpoint().notify(resources_.status_resource());
    }
  }
  // What was queued in this step leaves in it.
  for (Link* link : links_) link->tick(now);
}

MonotonicMs Agent::next_deadline() const noexcept {
  if (life_ == update::LifeCycle::kRetired) return kNever;
  if (reboot_.has_value()) return 0;
  if (more_to_do_) return now_ + 1;
  MonotonicMs deadline = kNever;
  for (const Link* link : links_) deadline = earlier(deadline, link->next_deadline());
  deadline = earlier(deadline, earlier(earlier(trial_deadline_, wait_due_), earlier(install_due_, payload_deadline_)));
  if (!enrolment_.under_way() && !identity_.enrolled()) deadline = earlier(deadline, enrol_backoff_.at());
  if (!enrolment_.under_way() && first_use_is_due() && can_lend())
    deadline = earlier(deadline, first_use_backoff_.at());
  for (size_t server = 0; server < kServers; ++server) {
    const ServerTask& task = server_tasks_[server];
    if (!task.configured() || lent(server)) continue;
    if (!identity_.enrolled() || task.task() != Task::kNone) continue;
    if (task.link().state() == Link::State::kConnecting) continue;
    // With something to do: at once, or when the pause after a failure is over. Without: at the next poll or probe.
    if (next_task(server) != Task::kNone || (keeps_link() && !task.link().open())) {
      deadline = earlier(deadline, backoff_[server].at());
    } else if (keeps_link() && task.link().open()) {
      deadline = earlier(deadline, task.last_heard() + settings_.keepalive_ms);
    }
  }
  // What is due already waits for a link or a pause, which are counted above.
  if (identity_.enrolled() && polls() && poll_due_ > now_) deadline = earlier(deadline, poll_due_);
  if (!updater_.wanted().empty() && fetch_due_ > now_) deadline = earlier(deadline, fetch_due_);
  // Certificates and clock want to be looked at now and then, whatever else happens.
  return earlier(deadline, now_ + 60'000);
}

void Agent::on_link_up(Link& link) noexcept {
  if (&link == &ca_link() && enrolment_.under_way()) return;  // it goes on in the next step
#if TAILOR_AGENT_LISTENING
  if (&link == &listening_link_) {
    core_.info("link.operator").uuid("operator", link.peer_id());
    return;
  }
#endif
  for (size_t server = 0; server < kServers; ++server) {
    if (&task_of(server).link() == &link) {
      core_.info("link.server").number("server", server).uuid("id", link.peer_id());
      task_of(server).heard(now_);
    }
  }
}

void Agent::on_link_down(Link& link, Error error) noexcept {
  more_to_do_ = true;
  if (&link == &ca_link() && enrolment_.under_way()) return enrolment_.link_down(error);
#if TAILOR_AGENT_LISTENING
  if (&link == &listening_link_) {
    core_.info("link.operator-gone").error(error);
    return;
  }
#endif
  for (size_t server = 0; server < kServers; ++server) {
    ServerTask& task = task_of(server);
    if (&task.link() != &link) continue;
    if (std::exchange(lending_, false)) return task.link_down(error);
    core_.warning("link.down").number("server", server).error(error);
    backoff_[server].failed(settings_, now_);
    tried_ = static_cast<ServerSet>(tried_ | 1U << server);
    const bool idle = task.task() == Task::kNone;
    task.link_down(error);
    // A server that cannot even be connected to: whoever waited for it goes on.
    if (idle) {
      poll_ended(server, false);
      if (fetches_from(server)) fetch_ended(server, error);
    }
    round_over();
  }
}

uint8_t Agent::server_of(const coap::Peer& peer) const noexcept {
  for (size_t server = 0; server < kServers; ++server) {
    if (&server_tasks_[server].link() == peer.context) return static_cast<uint8_t>(server);
  }
  return kAnyServer;
}

void Agent::on_call(const coap::Peer& peer) noexcept {
  // A server that gives orders is a server that is reached.
  if (peer.role == coap::PeerRole::kUpdateServer && updater_.status().state() == update::UpdateState::kTrial) {
    trial_deadline_ = earlier(trial_deadline_, now_ + settings_.trial_timeout_ms);
  }
}

}  // namespace tailor::agent
