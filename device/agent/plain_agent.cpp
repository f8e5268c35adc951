// SPDX-License-Identifier: Apache-2.0
// See plain_agent.hpp.
#include "device/agent/plain_agent.hpp"

#include <algorithm>

#include "core/crypto/crypto.hpp"
#include "device/agent/uri.hpp"
#include "device/boot/suit_verifier.hpp"

namespace tailor::agent {

using update::UpdateState;

namespace {

/// The one server of the list.
constexpr ServerSet kServer = 1;
constexpr uint32_t kWaitLookMs = 1'000;

}  // namespace

PlainAgent::PlainAgent(const PlainSettings& settings, const tailor_datagram_t& datagram, const tailor_log_t* log,
                       storage::RecordStore& store, boot::BootControl& boot, const boot::Layout& layout) noexcept
    : settings_(settings),
      datagram_(datagram),
      log_(log),
      boot_(boot),
      layout_(layout),
      identity_(store),
      reporter_(store),
      updater_(store, boot, identity_,
               {settings_.image_component, settings_.extra, nullptr, 16U << settings.block_szx, false}, *this),
      environment_{memory_, scratch_, {}, std::min(settings.block_szx, limits::kDeviceBlockSzx), {}} {}

Status PlainAgent::start(MonotonicMs now) noexcept {
  now_ = now;
  TAILOR_TRY(identity_.load());
  TAILOR_TRY(reporter_.load());
  const auto id = identity_.device().to_text();
  char* end = std::copy(kReportPath.begin(), kReportPath.end(), report_path_.begin());
  std::copy_n(id.begin(), Uuid::kTextLength, end);
  std::array<uint8_t, 8> random{};
  TAILOR_TRY(crypto::random(random));
  TAILOR_TRY_ASSIGN(const uint64_t seed, Cursor(ByteView{random}).take_be<8>());
  endpoint_.emplace(environment_, storage_.slots(), static_cast<coap::DatagramSink&>(*this), coap::Peer{}, seed);
  log(TAILOR_LOG_INFO, "agent.start")
      .uuid("device", identity_.device())
      .number("slot", boot::index_of(boot_.boot_data().running))
      .number("trial", boot_.boot_data().on_trial ? 1 : 0);
  TAILOR_TRY(updater_.restore());
  if (updater_.status().state() == UpdateState::kTrial) trial_deadline_ = now + settings_.trial_timeout_ms;
  return kOk;
}

void PlainAgent::on_datagram(const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept {
  now_ = now;
  if (from.port != settings_.server.port || !equal(from.address, settings_.server.address)) return;
  more_to_do_ = true;
  endpoint_->on_datagram(datagram, now);
}

void PlainAgent::step(MonotonicMs now) noexcept {
  now_ = now;
  if (reboot_.has_value()) return;
  more_to_do_ = false;
  endpoint_->tick(now);
  if (task_ == Task::kNone && now >= retry_at_) {
    if (const Status started = start_task(); !started.ok()) done(started.error());
  }
  step_installation();
  endpoint_->tick(now);  // what was queued in this step leaves in it
}

MonotonicMs PlainAgent::next_deadline() const noexcept {
  if (reboot_.has_value()) return 0;
  if (more_to_do_) return now_ + 1;
  MonotonicMs deadline = earlier(endpoint_->next_deadline(), trial_deadline_);
  if (task_ == Task::kNone) deadline = earlier(deadline, std::max(poll_due_, retry_at_));
  if (task_ == Task::kNone && retry_at_ > now_) deadline = earlier(deadline, retry_at_);
  if (updater_.status().awaited().has_value()) deadline = earlier(deadline, look_at_);
  return deadline;
}

/// Begins the exchange that is due: first what the server does not know yet, then what the update needs, then news.
Status PlainAgent::start_task() noexcept {
  coap::RequestSpec spec;
  if (reporter_.waits_for(0)) {
    TAILOR_TRY_ASSIGN(const ByteView body, reporter_.oldest_for(0, body_, report_number_));
    body_length_ = body.size();
    spec.method = coap::Code::kPut;
    spec.uri = {report_path_.data(), report_path_.size()};
    spec.content_format = update::kFormatReport;
    spec.body_bytes = static_cast<uint32_t>(body_length_);
    task_ = Task::kReport;
  } else if (!updater_.wanted().empty()) {
    if (!is_relative(updater_.wanted())) {
      updater_.payload_failed(Error::kServerNotListed);
      return kOk;
    }
    const uint32_t block = 16U << environment_.max_szx;
    spec.uri = updater_.wanted();
    spec.response_offset = updater_.wanted_offset() / block * block;
    task_ = Task::kFetch;
  } else if (now_ >= poll_due_ && !update::is_under_way(updater_.status().state())) {
    spec.uri = "/update";
    spec.etag = ByteView{etag_}.first(etag_length_);
    envelope_ = false;
    task_ = Task::kPoll;
  } else {
    return kOk;
  }
  TAILOR_TRY(endpoint_->request(spec, *this, now_));
  return kOk;
}

void PlainAgent::step_installation() noexcept {
  if (now_ >= trial_deadline_) {
    trial_deadline_ = kNever;
    if (updater_.status().state() == UpdateState::kTrial) {
      log(TAILOR_LOG_ERROR, "trial.given-up");
      const Status given = updater_.give_up(Error::kTrialNotConfirmed);
      if (!given.ok()) {
        trial_deadline_ = now_ + settings_.retry_ms;
        return;
      }
      reboot_ = TAILOR_REBOOT_REVERT;
    }
    return;
  }
  if (updater_.status().awaited().has_value() && now_ >= look_at_) {
    updater_.look_again();
    look_at_ = now_ + kWaitLookMs;
  }
  // The report of the installation goes first; a server that cannot be reached does not keep the device from it.
  const bool told = !reporter_.waits_for(0) || retry_at_ > now_;
  if (!updater_.ready_to_install() || !told || task_ != Task::kNone) return;
  if (const Status installed = updater_.install(); !installed.ok()) {
    log(TAILOR_LOG_ERROR, "install.failed").error(installed.error());
    retry_at_ = now_ + settings_.retry_ms;
    return;
  }
  if (updater_.status().state() == UpdateState::kInstalling) reboot_ = TAILOR_REBOOT_INSTALL;
}

/// Whether this is the update that was tried last, in vain. The server knows nothing of that and goes on offering it:
/// without this its trial would begin again, for ever.
bool PlainAgent::was_reverted(ByteView first_bytes) const noexcept {
  const auto claimed = claimed_manifest(first_bytes);
  return updater_.status().state() == UpdateState::kReverted && claimed.has_value() &&
         claimed == updater_.manifest_digest();
}

Status PlainAgent::take_update(const coap::ClientResponse& response) noexcept {
  if (response.code == coap::Code::kValid) return kOk;
  if (!coap::is_success(response.code)) {
    return response.code == coap::Code::kNotFound ? Error::kNotFound : Error::kPeerRefused;
  }
  if (response.offset == 0) {
    envelope_ = !response.payload.empty() && !was_reverted(response.payload);
    if (envelope_) updater_.begin_envelope(Delivery::kPull, 0, false);
  }
  Status status = kOk;
  if (envelope_) status = updater_.feed_envelope(response.payload);
  if (envelope_ && status.ok() && response.last) status = updater_.end_envelope();
  if (!status.ok()) {
    envelope_ = false;  // the rest of an envelope that was refused is passed over
    log(TAILOR_LOG_WARNING, "update.not-taken").error(status.error());
  }
  if (response.last || !status.ok()) {
    etag_length_ = std::min(response.etag.size(), etag_.size());
    std::copy_n(response.etag.begin(), etag_length_, etag_.begin());
  }
  return kOk;
}

void PlainAgent::done(std::optional<Error> error) noexcept {
  const Task task = task_;
  task_ = Task::kNone;
  more_to_do_ = true;
  const bool answered = !error.has_value() || *error == Error::kNotFound || *error == Error::kPayloadUnavailable;
  if (task == Task::kPoll) poll_due_ = now_ + settings_.poll_interval_ms;
  if (!answered) {
    log(TAILOR_LOG_WARNING, "task.failed").number("task", static_cast<uint8_t>(task)).error(*error);
    retry_at_ = now_ + settings_.retry_ms;
  }
  if (task == Task::kFetch && error == Error::kPayloadUnavailable) updater_.payload_failed(*error);
  // The self-check of a new image: it has reached its server.
  if (!error.has_value() && updater_.status().state() == UpdateState::kTrial) {
    if (const Status confirmed = updater_.confirm(); !confirmed.ok()) {
      log(TAILOR_LOG_ERROR, "trial.not-confirmed").error(confirmed.error());
    }
  }
}

Result<size_t> PlainAgent::read_body(uint32_t offset, MutableBytes out) noexcept {
  if (offset > body_length_) return Error::kInternal;
  const size_t count = std::min<size_t>(out.size(), body_length_ - offset);
  std::copy_n(body_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  return count;
}

Status PlainAgent::on_response(const coap::ClientResponse& response) noexcept {
  switch (task_) {
    case Task::kFetch:
      if (response.code == coap::Code::kNotFound) return Error::kPayloadUnavailable;
      if (!coap::is_success(response.code)) return Error::kPeerRefused;
      TAILOR_TRY(updater_.take_payload(response.offset, response.payload, response.last));
      break;
    case Task::kPoll:
      TAILOR_TRY(take_update(response));
      break;
    case Task::kReport:
      if (!coap::is_success(response.code)) return Error::kPeerRefused;
      if (response.last) TAILOR_TRY(reporter_.acknowledge(0, report_number_));
      break;
    case Task::kNone:
      break;
  }
  if (response.last) done(std::nullopt);
  return kOk;
}

void PlainAgent::on_failure(Error error) noexcept {
  if (task_ == Task::kPoll) updater_.drop_envelope();
  if (task_ != Task::kNone) done(error);
}

void PlainAgent::send(ByteView datagram) noexcept {
  // What cannot be sent counts as lost (tailor/port/datagram.h): retransmission repairs it or gives up.
  static_cast<void>(datagram_.send(datagram_.context, &settings_.server, datagram.data(), datagram.size()));
}

void PlainAgent::on_update_state(std::string_view where, Keep keep) noexcept {
  const update::UpdateStatus& status = updater_.status();
  {
    LogLine line = log(TAILOR_LOG_INFO, "update");
    line.text("state", update::name_of(status.state()));
    if (status.reason().has_value()) line.error(*status.reason());
    if (!where.empty()) line.text("where", where);
  }
  more_to_do_ = true;
  if (status.state() != UpdateState::kTrial) trial_deadline_ = kNever;
  update::Report report;
  report.device = identity_.device();
  report.manifest_digest = updater_.manifest_digest();
  if (report.manifest_digest.has_value()) report.sequence_number = updater_.sequence_number();
  report.update = status;
  report.where = where;
  const boot::BootData data = boot_.boot_data();
  report.boot.running_slot = static_cast<uint8_t>(boot::index_of(data.running));
  report.boot.slots = 2;
  report.boot.trial = data.on_trial;
  report.boot.trial_attempts = data.attempts;
  if (const Status added = reporter_.add(report, kServer, keep); !added.ok()) {
    log(TAILOR_LOG_ERROR, "report.lost").error(added.error());
  }
}

/// A trust store under which the running image would not start is refused.
Status PlainAgent::may_trust(const trust::TrustStore& offered) noexcept {
  const trust::TrustPolicy policy(offered, identity_.anchor());
  boot::SuitVerifier verifier({{identity_.vendor(), identity_.device_class(), identity_.device()},
                               policy,
                               policy,
                               settings_.image_component,
                               suit::kStrict,
                               &layout_});
  const boot::Verification found = verifier.verify(boot_.running_manifest(), boot_.running_image());
  if (!found.verdict.passes()) return Error::kTrustStoreLocksOut;
  return kOk;
}

void PlainAgent::on_trust_changed(bool /*authorities_kept*/) noexcept {
  log(TAILOR_LOG_INFO, "trust.changed").number("version", identity_.trust().version);
}

}  // namespace tailor::agent
