// SPDX-License-Identifier: Apache-2.0
// The agent and its update servers: whom to ask for what, and what follows from an answer or its absence.
#include <algorithm>

#include "device/agent/agent.hpp"

namespace tailor::agent {

using update::DeliveryMode;
using update::LifeCycle;
using update::LifeEvent;
using update::UpdateState;

namespace {

constexpr ServerSet bit(size_t server) {
  return static_cast<ServerSet>(1U << server);
}

}  // namespace

/// In push mode servers call the device, in hybrid mode one notifies it: their links stay open.
bool Agent::keeps_link() const noexcept {
  constexpr auto kCalled = static_cast<uint8_t>(DeliveryMode::kPush) | static_cast<uint8_t>(DeliveryMode::kHybrid);
  return (settings_.modes & kCalled) != 0;
}

bool Agent::polls() const noexcept {
  constexpr auto kAsks = static_cast<uint8_t>(DeliveryMode::kPull) | static_cast<uint8_t>(DeliveryMode::kHybrid);
  return (settings_.modes & kAsks) != 0;
}

/// Whether the payload that is wanted should come from this server now.
bool Agent::fetches_from(size_t server) const noexcept {
  const std::string_view wanted = updater_.wanted();
  if (wanted.empty() || updater_.delivery() == Delivery::kPush) return false;
  if (is_relative(wanted)) return server == fetch_turn_;
  const Result<CoapsUri> uri = parse_coaps_uri(wanted);
  return uri.ok() && uri->same_server(server_tasks_[server].uri());
}

Task Agent::next_task(size_t server) const noexcept {
  const ServerSet self = bit(server);
  if (life_ == LifeCycle::kFactory || life_ == LifeCycle::kRetired) return Task::kNone;
  const bool on_trial = updater_.status().state() == UpdateState::kTrial;
  // A server that never heard of the device would not know what to do with a report.
  if ((known_ & self) == 0) return Task::kRegister;
  if (reporter_.waits_for(server)) return Task::kReport;
  if ((registered_ & self) == 0 && !on_trial) return Task::kRegister;
  if (fetches_from(server) && now_ >= fetch_due_) return Task::kFetch;
  // An update that waits is asked about as well: its deployment may have been triggered, or cancelled.
  const bool asks =
      !update::is_under_way(updater_.status().state()) || updater_.status().state() == UpdateState::kAwaitingTrigger;
  if (polls() && server == poll_turn_ && now_ >= poll_due_ && asks && !updater_.ready_to_install()) return Task::kPoll;
  if (on_trial) return Task::kProbe;
  const ServerTask& task = server_tasks_[server];
  if (keeps_link() && task.link().open() && now_ >= task.last_heard() + settings_.keepalive_ms) return Task::kProbe;
  return Task::kNone;
}

void Agent::step_servers() noexcept {
  for (size_t server = 0; server < servers(); ++server) step_server(server);
  if (payload_deadline_ <= now_) {
    if (resources_.take_payload_activity()) {
      payload_deadline_ = now_ + settings_.payload_timeout_ms;
    } else {
      payload_deadline_ = kNever;
      updater_.payload_failed(Error::kTimeout);
    }
  }
  // An absolute reference to a server that is not on the list has nobody to fetch from.
  const std::string_view wanted = updater_.wanted();
  if (!wanted.empty() && !is_relative(wanted) && updater_.delivery() != Delivery::kPush) {
    bool listed = false;
    for (size_t server = 0; server < servers(); ++server) listed = listed || fetches_from(server);
    if (!listed) updater_.payload_failed(Error::kServerNotListed);
  }
}

void Agent::step_server(size_t server) noexcept {
  if (lent(server)) return;
  ServerTask& task = task_of(server);
  if (task.task() == Task::kFetch && !fetches_from(server)) task.cancel_fetch();
  if (task.task() != Task::kNone) return;
  const Task next = next_task(server);
  if (task.link().state() == Link::State::kClosed) {
    if ((next == Task::kNone && !keeps_link()) || !backoff_[server].due(now_)) return;
    if (const Status status = task.connect(now_); !status.ok()) {
      core_.warning("link.not-started").number("server", server).error(status.error());
      backoff_[server].failed(settings_, now_);
      tried_ = static_cast<ServerSet>(tried_ | bit(server));
      poll_ended(server, false);
      if (fetches_from(server)) fetch_ended(server, status.error());
      round_over();
    }
    return;
  }
  if (!task.link().open() || next == Task::kNone || !backoff_[server].due(now_)) return;
  start_task(server, next);
}

void Agent::start_task(size_t server, Task next) noexcept {
  ServerTask& task = task_of(server);
  LogLine(ports_.log, TAILOR_LOG_DEBUG, "task").number("server", server).number("task", static_cast<uint8_t>(next));
  Status started = kOk;
  switch (next) {
    case Task::kRegister:
      started = task.send_registration(registration(), (known_ & bit(server)) != 0, now_);
      break;
    case Task::kReport:
      started = task.send_report(now_);
      break;
    case Task::kPoll:
      started = task.poll((settings_.modes & static_cast<uint8_t>(DeliveryMode::kHybrid)) != 0, now_);
      break;
    case Task::kFetch: {
      const std::string_view wanted = updater_.wanted();
      const Result<CoapsUri> uri = parse_coaps_uri(wanted);
      started = task.fetch(is_relative(wanted) || !uri.ok() ? wanted : uri->path, now_);
      break;
    }
    case Task::kProbe:
      started = task.probe(now_);
      break;
    case Task::kNone:
      break;
  }
  if (started.ok()) return;
  core_.error("task.not-started").number("server", server).error(started.error());
  backoff_[server].failed(settings_, now_);
}

void Agent::on_task_done(size_t server, Task task, std::optional<Error> error) noexcept {
  more_to_do_ = true;
  const bool answered = !error.has_value() || *error == Error::kNotFound || *error == Error::kPeerRefused ||
                        *error == Error::kRoleNotPermitted || *error == Error::kPayloadUnavailable;
  if (answered) task_of(server).heard(now_);
  if (!error.has_value()) {
    backoff_[server].succeeded();
    // The self-check of a new image: it has talked to one of its servers.
    if (updater_.status().state() == UpdateState::kTrial) {
      if (const Status confirmed = updater_.confirm(); !confirmed.ok()) {
        core_.error("trial.not-confirmed").error(confirmed.error());
      }
    }
  } else if (task != Task::kFetch && task_of(server).link().open()) {
    core_.warning("task.failed").number("server", server).number("task", static_cast<uint8_t>(task)).error(*error);
    backoff_[server].failed(settings_, now_);
    // A server that does not answer any more may have lost its session: the next try makes a new one.
    if (*error == Error::kTimeout) task_of(server).link().fail(Error::kTimeout);
  }
  switch (task) {
    case Task::kRegister:
      tried_ = static_cast<ServerSet>(tried_ | bit(server));
      if (!error.has_value()) registered(server);
      // The server forgot its profile of the device: it is told anew.
      if (error == Error::kNotFound) known_ = static_cast<ServerSet>(known_ & ~bit(server));
      round_over();
      break;
    case Task::kReport:
      if (error == Error::kNotFound) {
        known_ = static_cast<ServerSet>(known_ & ~bit(server));
        registered_ = static_cast<ServerSet>(registered_ & ~bit(server));
      }
      break;
    case Task::kPoll:
      poll_ended(server, !error.has_value());
      break;
    case Task::kFetch:
      fetch_ended(server, error);
      break;
    case Task::kProbe:
    case Task::kNone:
      break;
  }
}

void Agent::registered(size_t server) noexcept {
  known_ = static_cast<ServerSet>(known_ | bit(server));
  registered_ = static_cast<ServerSet>(registered_ | bit(server));
  core_.info("registered").number("server", server);
  if (const Status saved = save_life(); !saved.ok()) core_.error("life.not-saved").error(saved.error());
}

/// Registered, once every server has been asked and one of them at least has the profile.
void Agent::round_over() noexcept {
  const ServerSet all = all_servers();
  if (registered_ == 0 || ((registered_ | tried_) & all) != all) return;
  if (life_ == LifeCycle::kEnrolled) live(LifeEvent::kRegister);
}

/// The next server's turn when this one was not reached; from the first again when the round is over.
void Agent::poll_ended(size_t server, bool reached) noexcept {
  if (server != poll_turn_ || !polls()) return;
  if (!reached && now_ < poll_due_) return;  // no poll was waiting for it
  if (!reached && poll_turn_ + 1 < servers()) {
    ++poll_turn_;
    core_.info("poll.next-server").number("server", poll_turn_);
    return;
  }
  poll_turn_ = 0;
  poll_due_ =
      now_ + (reached ? settings_.poll_interval_ms : std::min(settings_.poll_interval_ms, settings_.retry_max_ms));
}

void Agent::fetch_ended(size_t server, std::optional<Error> error) noexcept {
  if (!error.has_value()) return;
  // The transfer's own error has ended the update already; or the update was withdrawn.
  if (updater_.wanted().empty()) return;
  core_.warning("fetch.failed").number("server", server).error(*error).number("offset", updater_.wanted_offset());
  if (*error == Error::kPayloadUnavailable) fetch_missing_ = static_cast<ServerSet>(fetch_missing_ | bit(server));
  const ServerSet all = all_servers();
  const bool relative = is_relative(updater_.wanted());
  if (fetch_missing_ == all || (!relative && *error == Error::kPayloadUnavailable)) {
    return updater_.payload_failed(Error::kPayloadUnavailable);
  }
  const size_t first = updater_.server() == kAnyServer ? 0 : updater_.server();
  fetch_turn_ = (fetch_turn_ + 1) % servers();
  fetch_due_ = now_;
  if (relative && fetch_turn_ != first) return;
  if (++fetch_round_ >= settings_.fetch_rounds) return updater_.payload_failed(*error);
  const unsigned shift = std::min<unsigned>(fetch_round_, 16);
  fetch_due_ = now_ + std::min<uint64_t>(uint64_t{settings_.retry_min_ms} << shift, settings_.retry_max_ms);
}

}  // namespace tailor::agent
