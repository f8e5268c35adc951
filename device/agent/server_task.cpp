// SPDX-License-Identifier: Apache-2.0
#include "device/agent/server_task.hpp"

#include <algorithm>

namespace tailor::agent {

Status ServerTask::configure(std::string_view uri) noexcept {
  TAILOR_TRY_ASSIGN(uri_, parse_coaps_uri(uri));
  configured_ = true;
  return kOk;
}

Status ServerTask::connect(MonotonicMs now) noexcept {
  LinkTarget target;
  const tailor_datagram_t& datagram = core_.ports.datagram;
  if (datagram.resolve(datagram.context, uri_.host.data(), uri_.host.size(), uri_.port, &target.address) !=
      TAILOR_PORT_OK) {
    return Error::kNetworkFailed;
  }
  target.roles = role_bit(coap::PeerRole::kUpdateServer);
  target.credentials = core_.identity.credentials(Purpose::kUpdates);
  return link_.connect(target, core_.settings.connect_timeout_ms, now);
}

void ServerTask::link_down(Error error) noexcept {
  observing_ = false;
  observation_id_ = {};
  if (task_ != Task::kNone) done(error);
}

Status ServerTask::start(Task task, const coap::RequestSpec& spec, coap::ClientHandler& handler,
                         MonotonicMs now) noexcept {
  TAILOR_TRY_ASSIGN(const coap::ExchangeId id, link_.endpoint().request(spec, handler, now));
  (&handler == &observation_ ? observation_id_ : exchange_id_) = id;
  task_ = task;
  return kOk;
}

Status ServerTask::send_registration(const update::Registration& registration, bool known, MonotonicMs now) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView body, update::encode(registration, body_));
  body_length_ = body.size();
  coap::RequestSpec spec;
  spec.method = known ? coap::Code::kPut : coap::Code::kPost;
  spec.uri = "/reg";
  if (known) {
    constexpr std::string_view kPrefix = "/reg/";
    const auto id = core_.identity.device().to_text();
    char* end = std::copy(kPrefix.begin(), kPrefix.end(), path_.begin());
    std::copy(id.begin(), id.end(), end);
    spec.uri = {path_.data(), kPrefix.size() + id.size()};
  }
  spec.content_format = update::kFormatRegistration;
  spec.body_bytes = static_cast<uint32_t>(body_length_);
  return start(Task::kRegister, spec, exchange_, now);
}

Status ServerTask::send_report(MonotonicMs now) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView body, core_.reporter.oldest_for(index_, body_, report_number_));
  body_length_ = body.size();
  coap::RequestSpec spec;
  spec.method = coap::Code::kPost;
  spec.uri = "/report";
  spec.content_format = update::kFormatReport;
  spec.body_bytes = static_cast<uint32_t>(body_length_);
  return start(Task::kReport, spec, exchange_, now);
}

Status ServerTask::poll(bool observe, MonotonicMs now) noexcept {
  coap::RequestSpec spec;
  spec.uri = "/update";
  spec.accept = update::kFormatEnvelope;
  spec.etag = ByteView{etag_}.first(etag_length_);
  spec.observe = observe;
  envelope_ = false;
  if (observe && observing_) link_.endpoint().cancel(observation_id_);
  observing_ = false;
  if (!observe) return start(Task::kPoll, spec, exchange_, now);
  return start(Task::kPoll, spec, observation_, now);
}

Status ServerTask::fetch(std::string_view path, MonotonicMs now) noexcept {
  coap::RequestSpec spec;
  spec.uri = path;
  spec.accept = update::kFormatOctets;
  const uint32_t block = 16U << core_.settings.block_szx;
  spec.response_offset = core_.updater.wanted_offset() / block * block;
  return start(Task::kFetch, spec, exchange_, now);
}

Status ServerTask::probe(MonotonicMs now) noexcept {
  TAILOR_TRY_ASSIGN(exchange_id_, link_.endpoint().ping(exchange_, now));
  task_ = Task::kProbe;
  return kOk;
}

void ServerTask::cancel_fetch() noexcept {
  if (task_ != Task::kFetch) return;
  if (link_.open()) link_.endpoint().cancel(exchange_id_);
  task_ = Task::kNone;
}

void ServerTask::done(std::optional<Error> error) noexcept {
  const Task task = task_;
  task_ = Task::kNone;
  owner_.on_task_done(index_, task, error);
}

/// One piece of the answer to GET /update.
Status ServerTask::take_update(const coap::ClientResponse& response) noexcept {
  Updater& updater = core_.updater;
  // The ETag is that of the envelope at hand: the server may have let go of it.
  if (response.code == coap::Code::kValid) {
    return response.held() ? Status(kOk) : updater.release(static_cast<uint8_t>(index_));
  }
  if (!coap::is_success(response.code)) return error_of(response.code);
  if (response.offset == 0) {
    envelope_ = !response.payload.empty();
    if (!envelope_) {
      etag_length_ = 0;
      return updater.withdraw(static_cast<uint8_t>(index_));
    }
    if (response.content_format != update::kFormatEnvelope) return Error::kUnsupportedContentFormat;
    updater.begin_envelope(Delivery::kPull, static_cast<uint8_t>(index_), response.held());
  }
  if (!envelope_) return kOk;  // the rest of an envelope that was refused
  Status status = updater.feed_envelope(response.payload);
  if (status.ok() && response.last) status = updater.end_envelope();
  if (status.ok() && response.last && !response.held() && updater.is_at_hand_already()) {
    status = updater.release(static_cast<uint8_t>(index_));
  }
  if (!status.ok()) {
    envelope_ = false;
    core_.warning("update.not-taken").number("server", index_).error(status.error());
    // An observation goes on; the rest of its body is passed over.
    if (status.error() == Error::kUpdateInProgress) return kOk;
  }
  if (response.last || !status.ok()) {
    etag_length_ = std::min(response.etag.size(), etag_.size());
    std::copy_n(response.etag.begin(), etag_length_, etag_.begin());
  }
  return kOk;
}

Status ServerTask::take_payload(const coap::ClientResponse& response) noexcept {
  if (!coap::is_success(response.code)) {
    return response.code == coap::Code::kNotFound ? Error::kPayloadUnavailable : error_of(response.code);
  }
  return core_.updater.take_payload(response.offset, response.payload, response.last);
}

Result<size_t> ServerTask::Exchange::read_body(uint32_t offset, MutableBytes out) noexcept {
  if (offset > task_.body_length_) return Error::kInternal;
  const size_t count = std::min<size_t>(out.size(), task_.body_length_ - offset);
  std::copy_n(task_.body_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  return count;
}

Status ServerTask::Exchange::on_response(const coap::ClientResponse& response) noexcept {
  switch (task_.task_) {
    case Task::kFetch:
      TAILOR_TRY(task_.take_payload(response));
      break;
    case Task::kPoll:
      TAILOR_TRY(task_.take_update(response));
      break;
    case Task::kRegister:
    case Task::kReport:
      if (!coap::is_success(response.code)) return error_of(response.code);
      break;
    case Task::kProbe:
    case Task::kNone:
      break;
  }
  if (response.last) {
    if (task_.task_ == Task::kReport) {
      const Status kept = task_.core_.reporter.acknowledge(task_.index_, task_.report_number_);
      if (!kept.ok()) return kept.error();  // it is sent again, and the server drops what it has seen
    }
    task_.done(std::nullopt);
  }
  return kOk;
}

void ServerTask::Exchange::on_failure(Error error) noexcept {
  if (task_.task_ != Task::kNone) task_.done(error);
}

Status ServerTask::Observation::on_response(const coap::ClientResponse& response) noexcept {
  const bool answer = task_.task_ == Task::kPoll;
  TAILOR_TRY(task_.take_update(response));
  task_.observing_ = response.observed;
  if (response.last && answer) task_.done(std::nullopt);
  return kOk;
}

void ServerTask::Observation::on_failure(Error error) noexcept {
  task_.observing_ = false;
  task_.observation_id_ = {};
  task_.core_.updater.drop_envelope();
  if (task_.task_ == Task::kPoll) task_.done(error);
}

}  // namespace tailor::agent
