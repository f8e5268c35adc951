// SPDX-License-Identifier: Apache-2.0
// The agent's life cycle: what each state asks to be done, and what an update's states do to it.
#include <algorithm>

#include "crypto_backends/psa/x509/identity.hpp"
#include "device/agent/agent.hpp"
#include "device/agent/suit_reporting.hpp"

namespace tailor::agent {

using update::LifeCycle;
using update::LifeEvent;
using update::UpdateState;

namespace {

constexpr uint8_t kLifeRecordVersion = 2;
/// Version, state, servers that have a profile, servers whose profile is true, and the version of the trust store that
/// lists these servers.
using LifeRecord = std::array<uint8_t, 12>;

void put_be64(uint8_t* to, uint64_t value) noexcept {
  for (size_t i = 0; i < 8; ++i) to[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

constexpr uint8_t kFloorBytes = 8;

/// How long the report of an installation may take to reach the servers before the device reboots all the same.
constexpr uint32_t kInstallGraceMs = 5'000;
/// How often it is asked whether what a manifest waits for has happened.
constexpr uint32_t kWaitLookMs = 1'000;

}  // namespace

Result<bool> Agent::load_life() noexcept {
  LifeRecord record{};
  bool same_servers = true;
  const Result<ByteView> found = store_.get(record::kLifeCycle, record);
  if (found.ok()) {
    if (found->size() != record.size() || record[0] != kLifeRecordVersion) return Error::kRecordMalformed;
    TAILOR_TRY_ASSIGN(life_, update::life_cycle_from_code(record[1]));
    TAILOR_TRY_ASSIGN(const uint64_t trust_version, Cursor(ByteView{record}.subspan(4)).take_be<8>());
    // A trust store that power failed upon: nobody has remembered yet who its servers are, so all of them are told.
    same_servers = trust_version == identity_.trust().version;
    known_ = same_servers ? record[2] : ServerSet{0};
    registered_ = same_servers ? record[3] : ServerSet{0};
  } else if (found.error() != Error::kNotFound) {
    return found.error();
  }
  std::array<uint8_t, kFloorBytes> floor{};
  const Result<ByteView> stored = store_.get(record::kTimeFloor, floor);
  if (stored.ok()) {
    TAILOR_TRY_ASSIGN(const uint64_t seconds, Cursor(*stored).take_be<8>());
    clock_ = update::TrustedClock(seconds);
  }
  std::array<uint8_t, 4> used{};
  if (const Result<ByteView> first_use = store_.get(record::kFirstUse, used); first_use.ok()) {
    TAILOR_TRY_ASSIGN(const uint64_t generation, Cursor(*first_use).take_be<4>());
    used_generation_ = static_cast<uint32_t>(generation);
  }
  // Records are separate: power may have failed between the certificates and the state that they lead to.
  if (life_ == LifeCycle::kFactory && identity_.enrolled()) live(LifeEvent::kEnrol);
  if (life_ != LifeCycle::kFactory && life_ != LifeCycle::kRetired && !identity_.enrolled()) {
    live(LifeEvent::kLoseCertificate);
  }
  return same_servers;
}

Status Agent::save_life() noexcept {
  LifeRecord record{kLifeRecordVersion, static_cast<uint8_t>(life_), known_, registered_};
  put_be64(record.data() + 4, identity_.trust().version);
  return store_.put(record::kLifeCycle, record);
}

/// Moves the life cycle where the table has a row; where it has none the event means nothing in this state.
void Agent::live(LifeEvent event) noexcept {
  const Result<LifeCycle> to = update::next(life_, event);
  if (!to.ok()) return;
  const bool changed = *to != life_;
  life_ = *to;
  if (const Status saved = save_life(); !saved.ok()) core_.error("life.not-saved").error(saved.error());
  if (!changed) return;
  core_.info("life").text("state", update::name_of(life_)).text("event", update::name_of(event));
  status_changed_ = true;
}

void Agent::profile_changed(LifeEvent event) noexcept {
  registered_ = 0;
  tried_ = 0;
  live(event);
}

void Agent::step_clock() noexcept {
  uint64_t seconds = 0;
  if (settings_.trust_wall_clock && ports_.time.wall_seconds != nullptr &&
      ports_.time.wall_seconds(ports_.time.context, &seconds) == TAILOR_PORT_OK) {
    if (const auto before = clock_.at(now_).kind();
        !clock_.synchronize(seconds, now_).ok() && before == update::TrustedTime::Kind::kSynced) {
      core_.warning("clock.set-back");
    }
  }
  if (!clock_.floor_dirty(now_)) return;
  const update::UnixSeconds floor = clock_.floor_at(now_);
  std::array<uint8_t, kFloorBytes> record{};
  put_be64(record.data(), floor);
  if (store_.put(record::kTimeFloor, record).ok()) clock_.floor_persisted(floor);
}

bool Agent::can_lend() const noexcept {
#if TAILOR_AGENT_CA_LINK
  return true;
#else
  // Without certificates nothing else is possible. A trial that waits does not need its link all the time.
  const UpdateState state = updater_.status().state();
  const bool busy =
      server_tasks_[0].task() != Task::kNone ||
      (update::is_under_way(state) && state != UpdateState::kTrial && state != UpdateState::kAwaitingTrigger);
  return !identity_.enrolled() || !busy || server_tasks_[0].link().state() == Link::State::kClosed;
#endif
}

/// @returns whether the link to the CA is free for an enrolment; if not, it may be in a later step
bool Agent::claim_ca_link() noexcept {
  if (ca_link().state() == Link::State::kClosed) return true;
  if (TAILOR_AGENT_CA_LINK == 0 && can_lend()) {
    lending_ = true;
    ca_link().fail(Error::kSessionClosed);
  }
  return false;
}

/// Sees to it that the certificates are of the right generation and in date.
void Agent::step_certificates() noexcept {
  if (!identity_.enrolled() || enrolment_.under_way() || !enrol_backoff_.due(now_)) return;
  if (settings_.enrolment_generation > identity_.generation()) {
    core_.info("enrol.broken-by-update").number("generation", settings_.enrolment_generation);
    if (identity_.lose_certificates(settings_.enrolment_generation).ok()) profile_changed(LifeEvent::kLoseCertificate);
    return;
  }
  const auto own = x509::parse_peer_identity(identity_.credentials(Purpose::kOther).certificate);
  if (!own.ok()) return;
  const update::TrustedTime time = clock_.at(now_);
  if (!update::check_certificate_period(time, own->not_before, own->not_after).ok()) {
    if (time.kind() == update::TrustedTime::Kind::kSynced && time.seconds() < own->not_before) return;
    core_.warning("enrol.expired");
    if (identity_.lose_certificates(identity_.generation() + 1).ok()) profile_changed(LifeEvent::kLoseCertificate);
    return;
  }
  // A CA whose certificates are nearly over when they come is not asked without a pause.
  if (now_ < renew_not_before_ || !update::renewal_due(time, own->not_before, own->not_after)) return;
  if (!claim_ca_link()) return;
  const Status started = enrolment_.start(Enrolment::Kind::kRenewal, identity_.generation(), now_);
  if (!started.ok()) enrol_backoff_.failed(settings_, now_);
}

void Agent::step_enrolment() noexcept {
  enrolment_.step(now_);
  switch (enrolment_.take_result()) {
    case Enrolment::Result::kNone:
      break;
    case Enrolment::Result::kDone:
      enrolment_.kind() == Enrolment::Kind::kFirstUse ? first_use_done() : enrolment_done();
      break;
    case Enrolment::Result::kFailed:
      enrolment_failed();
      break;
  }
  if (enrolment_.under_way()) return;
  if (!identity_.enrolled()) {
    if (!enrol_backoff_.due(now_) || !claim_ca_link()) return;
    const uint32_t generation = std::max(settings_.enrolment_generation, identity_.generation());
    if (const Status started = enrolment_.start(Enrolment::Kind::kFirst, generation, now_); !started.ok()) {
      enrol_backoff_.failed(settings_, now_);
      core_.warning("enrol.not-started").error(started.error());
    }
  } else if (first_use_is_due() && first_use_backoff_.due(now_) && claim_ca_link()) {
    const Status started = enrolment_.start(Enrolment::Kind::kFirstUse, identity_.generation(), now_);
    if (!started.ok()) first_use_backoff_.failed(settings_, now_);
  }
}

void Agent::enrolment_done() noexcept {
  enrol_backoff_.succeeded();
  renew_not_before_ = now_ + settings_.retry_max_ms;
  core_.info("enrol.done").number("generation", identity_.generation());
  live(LifeEvent::kEnrol);
  if (enrolment_.kind() != Enrolment::Kind::kRenewal) return;
  // Sessions that stand go on; handshakes that would show the old certificate are begun anew.
  for (Link* link : links_) link->begin_anew();
}

void Agent::enrolment_failed() noexcept {
  const bool first_use = enrolment_.kind() == Enrolment::Kind::kFirstUse;
  Backoff& backoff = first_use ? first_use_backoff_ : enrol_backoff_;
  backoff.failed(settings_, now_);
  core_.warning(first_use ? "enrol.first-use-failed" : "enrol.failed")
      .error(enrolment_.error())
      .number("failures", backoff.failures());
  if (enrolment_.error() != Error::kPskSpent || identity_.enrolled()) return;
  // The certificates of this generation were issued and lost: the next one is another transaction.
  if (const Status next = identity_.lose_certificates(identity_.generation() + 1); !next.ok()) {
    core_.error("enrol.generation-not-kept").error(next.error());
  }
}

/// Whether the CA has yet to see a certificate in use that a pre-shared key led to: its generation ends with that.
bool Agent::first_use_is_due() const noexcept {
  return identity_.enrolled() && identity_.mode() == trust::BootstrapMode::kPsk &&
         used_generation_ != identity_.generation();
}

void Agent::first_use_done() noexcept {
  first_use_backoff_.succeeded();
  used_generation_ = identity_.generation();
  core_.info("enrol.first-use").number("generation", identity_.generation());
  std::array<uint8_t, 4> record{};
  for (size_t i = 0; i < record.size(); ++i) record[i] = static_cast<uint8_t>(*used_generation_ >> (24 - 8 * i));
  // What is not kept is shown once more after a restart.
  if (const Status kept = store_.put(record::kFirstUse, record); !kept.ok()) {
    core_.error("enrol.first-use-not-kept").error(kept.error());
  }
}

/// The self-check of a new image is that it reaches a server; on_task_done() confirms. Here is only its end.
void Agent::step_trial() noexcept {
  if (updater_.status().state() != UpdateState::kTrial || now_ < trial_deadline_) return;
  core_.error("trial.given-up");
  if (const Status given = updater_.give_up(Error::kTrialNotConfirmed); !given.ok()) {
    core_.error("trial.not-given-up").error(given.error());
    trial_deadline_ = now_ + settings_.retry_min_ms;
    return;
  }
  reboot_ = TAILOR_REBOOT_REVERT;
}

/// Looks now and then whether what a manifest waits for has happened. A trigger comes by itself.
void Agent::step_wait() noexcept {
  bool network = false;
  for (size_t server = 0; server < servers(); ++server) network = network || task_of(server).link().open();
  updater_.set_surroundings(clock_.at(now_), network);
  const auto awaited = updater_.status().awaited();
  if (!awaited.has_value() || *awaited == update::Awaited::kTrigger) {
    wait_due_ = kNever;
    return;
  }
  if (wait_due_ != kNever && now_ < wait_due_) return;
  if (wait_due_ != kNever) updater_.look_again();
  wait_due_ = now_ + kWaitLookMs;
}

void Agent::step_install() noexcept {
  if (!updater_.ready_to_install()) {
    install_due_ = kNever;
    return;
  }
  if (install_due_ == kNever) {
    install_due_ = now_ + kInstallGraceMs;
    // The trigger was given or none was demanded: from here on a restart leads to installation too.
  }
  bool told = true;
  for (size_t server = 0; server < servers(); ++server) {
    const bool reachable = task_of(server).link().open() || backoff_[server].failures() == 0;
    if (reporter_.waits_for(server) && reachable) told = false;
  }
  if (!told && now_ < install_due_) return;
  if (const Status installed = updater_.install(); !installed.ok()) {
    core_.error("install.failed").error(installed.error());
    install_due_ = now_ + settings_.retry_min_ms;
    return;
  }
  if (updater_.status().state() != UpdateState::kInstalling) return;  // it is in force already
  core_.info("install.reboot");
  reboot_ = TAILOR_REBOOT_INSTALL;
}

#if TAILOR_AGENT_LISTENING
void Agent::step_listening() noexcept {
  if (!settings_.listen || listening_link_.state() != Link::State::kClosed) return;
  LinkTarget target;
  target.roles = role_bit(coap::PeerRole::kOperator);
  target.credentials = identity_.credentials(Purpose::kOther);
  if (const Status status = listening_link_.listen(target, cookie_secret_, now_); !status.ok()) {
    core_.error("listen.failed").error(status.error());
  }
}
#endif

/// What the update's state, just reached or found at the start, means for the life cycle.
void Agent::follow_update() noexcept {
  switch (updater_.status().state()) {
    case UpdateState::kIdle:
    case UpdateState::kOffered:
    case UpdateState::kRefused:
      live(LifeEvent::kAbortMaintenance);
      break;
    case UpdateState::kAuthorized:
    case UpdateState::kFetching:
    case UpdateState::kStaged:
    case UpdateState::kAwaitingTrigger:
    case UpdateState::kInstalling:
      live(LifeEvent::kStartMaintenance);
      break;
    case UpdateState::kTrial:
      live(LifeEvent::kStartMaintenance);
      if (trial_deadline_ == kNever) trial_deadline_ = now_ + settings_.trial_timeout_ms;
      break;
    case UpdateState::kConfirmed:
    case UpdateState::kReverted:
      trial_deadline_ = kNever;
      if (life_ == LifeCycle::kMaintenance) profile_changed(LifeEvent::kEndMaintenance);
      break;
  }
}

void Agent::on_update_state(std::string_view where, Keep keep) noexcept {
  const update::UpdateStatus& status = updater_.status();
  {
    LogLine line = core_.info("update");
    line.text("state", update::name_of(status.state()));
    if (status.reason().has_value()) line.error(*status.reason());
    if (status.awaited().has_value()) line.text("awaits", update::name_of(*status.awaited()));
    if (const auto digest = updater_.manifest_digest(); digest.has_value()) line.digest("manifest", *digest);
    if (!where.empty()) line.text("where", where);
  }
  status_changed_ = true;
  more_to_do_ = true;
  if (status.state() == UpdateState::kFetching) {
    fetch_turn_ = updater_.server() == kAnyServer ? 0 : updater_.server();
    fetch_round_ = 0;
    fetch_missing_ = 0;
    fetch_due_ = now_;
    payload_deadline_ = updater_.delivery() == Delivery::kPush ? now_ + settings_.payload_timeout_ms : kNever;
  } else {
    payload_deadline_ = kNever;
  }
  // An update that made the device enrol anew has left maintenance before its outcome.
  const bool outcome = status.state() == UpdateState::kConfirmed || status.state() == UpdateState::kReverted;
  if (outcome && life_ != LifeCycle::kMaintenance) profile_changed(LifeEvent::kProfileChanged);
  follow_update();

  update::Report report;
  report.device = identity_.device();
  report.manifest_digest = updater_.manifest_digest();
  if (report.manifest_digest.has_value()) report.sequence_number = updater_.sequence_number();
  report.update = status;
  report.where = where;
  report.boot = boot_info();
  report.time = clock_.at(now_);
  std::array<uint8_t, kSealedReportBytes> sealed;
  if (update::is_outcome(status.state())) {
    const Result<ByteView> suit_report =
        seal_suit_report(updater_, identity_, settings_, reporter_.next_number(), sealed);
    if (suit_report.ok()) {
      report.suit_report = *suit_report;
    } else {
      core_.warning("report.not-sealed").error(suit_report.error());
    }
  }
  if (const Status added = reporter_.add(report, all_servers(), keep); !added.ok()) {
    core_.error("report.lost").error(added.error());
  }
  // Verified anew in the next step: here the stack is deep.
  relearn_ = relearn_ || status.state() == UpdateState::kConfirmed;
}

Status Agent::retire() noexcept {
  for (Link* link : links_) link->fail(Error::kDeviceRetired);
  TAILOR_TRY(identity_.wipe_secrets());
  live(LifeEvent::kRetire);
  return kOk;
}

}  // namespace tailor::agent
