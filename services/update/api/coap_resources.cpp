// SPDX-License-Identifier: Apache-2.0
// See coap_resources.hpp.
#include "services/update/api/coap_resources.hpp"

#include "core/update/registration.hpp"
#include "core/update/report.hpp"
#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::update_server {
namespace {

using coap::Code;
using coap::Request;
using coap::Response;

/// An ETag from a digest: eight bytes, as many as CoAP allows.
ByteView etag_of(const Digest& digest) {
  return ByteView(digest).first(8);
}

/// What is immutable may be cached for as long as anybody likes; a year stands for that (RFC 7252 5.10.5).
constexpr uint32_t kForeverSeconds = 365U * 24 * 3600;

}  // namespace

Result<std::optional<Bytes>> BodyAssembler::add(const Request& request) {
  if (request.offset == 0 && request.last) {
    return std::optional<Bytes>(Bytes(request.payload.begin(), request.payload.end()));
  }
  const std::lock_guard lock(mutex_);
  const Key key(request.peer.id, &request.resource);
  if (request.offset == 0) bodies_[key].clear();
  const auto found = bodies_.find(key);
  if (found == bodies_.end() || found->second.size() != request.offset) return Error::kBlockSequence;
  Bytes& body = found->second;
  if (body.size() + request.payload.size() > kDeviceMessageBytes) {
    bodies_.erase(found);
    return Error::kBodyTooLarge;
  }
  body.insert(body.end(), request.payload.begin(), request.payload.end());
  if (!request.last) return std::optional<Bytes>();
  std::optional<Bytes> whole(std::move(body));
  bodies_.erase(found);
  return whole;
}

void BodyAssembler::forget(const coap::Resource& resource, const coap::Peer& peer) {
  const std::lock_guard lock(mutex_);
  bodies_.erase({peer.id, &resource});
}

CoapResources::CoapResources(Updates& updates)
    : registrations_(updates, counters_),
      offers_(updates, counters_),
      images_(updates, counters_),
      reports_(updates, counters_) {
  secured_[0] = {.path = "reg", .methods = coap::kAllowPost, .handler = &registrations_, .type = "tailor.reg"};
  secured_[0].accepts = coap::format::kRegistration;
  secured_[0].max_body_bytes = kDeviceMessageBytes;
  secured_[1] = {.path = "reg/*", .methods = coap::kAllowPut | coap::kAllowDelete, .handler = &registrations_};
  secured_[1].accepts = coap::format::kRegistration;
  secured_[1].max_body_bytes = kDeviceMessageBytes;
  secured_[1].hidden = true;
  secured_[2] = {.path = "update", .methods = coap::kAllowGet, .handler = &offers_, .type = "tailor.update"};
  secured_[2].produces = coap::format::kSuitEnvelope;
  secured_[2].observable = true;
  secured_[3] = {.path = "img/*", .methods = coap::kAllowGet, .handler = &images_, .type = "tailor.img"};
  secured_[3].produces = coap::format::kOctetStream;
  secured_[4] = {.path = "report", .methods = coap::kAllowPost, .handler = &reports_, .type = "tailor.report"};
  secured_[4].accepts = coap::format::kReport;
  secured_[4].max_body_bytes = kDeviceMessageBytes;
  plain_[0] = secured_[3];
}

void CoapResources::Handler::handle(const Request& request, Response& response) noexcept {
  const auto answered = [&]() -> Outcome<void> {
    TAILOR_TRY(check_peer(request.peer));
    return answer(request, response);
  }();
  if (answered.ok()) return;
  ++counters_.errors;
  const Failure& failure = answered.error();
  const bool ours = describe(failure.code).error_class == ErrorClass::kPort;
  if (ours) log_failure("coap", "request failed", failure);
  // What failed inside the server is for its log; a device is told the name of the error.
  response.fail(failure.code, ours ? std::string_view() : std::string_view(failure.context));
}

Outcome<void> CoapResources::Handler::check_peer(const coap::Peer& peer) const {
  if (peer.role == coap::PeerRole::kNone) return fail(Error::kNotAuthenticated, "a device's certificate is needed");
  if (peer.role != coap::PeerRole::kDevice) return fail(Error::kRoleNotPermitted, "this is for devices");
  return kOk;
}

Outcome<void> CoapResources::Registrations::answer(const Request& request, Response& response) {
  const std::string tenant(request.peer.tenant);
  const Uuid& id = request.peer.id;
  const bool own = request.path.count() == 1 || request.path.at(1) == uuid_text(id);
  if (!own) return fail(Error::kDeviceMismatch, "registration of another device");
  if (request.method == Code::kDelete) {
    TAILOR_TRY(updates_.deregister(tenant, id));
    response.set_code(Code::kDeleted);
    return kOk;
  }
  const Result<std::optional<Bytes>> body = bodies_.add(request);
  if (!body.ok()) return fail(body.error());
  const bool first = request.method == Code::kPost;
  response.set_code(first ? Code::kCreated : Code::kChanged);
  if (!body.value()) return kOk;  // more pieces follow
  TAILOR_TRY_ASSIGN(const update::Registration registration,
                    with_context(update::decode_registration(*body.value()), "registration"));
  TAILOR_TRY(updates_.register_device(tenant, id, registration));
  ++counters_.registrations;
  if (first) response.set_location("reg/" + uuid_text(id));
  return kOk;
}

Outcome<void> CoapResources::Offers::answer(const Request& request, Response& response) {
  const std::string tenant(request.peer.tenant);
  updates_.saw(tenant, request.peer.id);
  if (request.response_offset == 0) ++counters_.polls;
  TAILOR_TRY_ASSIGN(const std::optional<Offer> offer, updates_.offer(tenant, request.peer.id, Way::kAsked));
  response.set_code(Code::kContent);
  if (!offer) {
    response.set_payload({}, coap::format::kSuitEnvelope);
    return kOk;
  }
  const ByteView etag = etag_of(offer->envelope_digest);
  response.set_etag(etag);
  if (offer->hold) response.set_hold();
  if (equal(request.etag, etag)) {
    response.set_code(Code::kValid);
    return kOk;
  }
  if (request.response_offset == 0) ++counters_.offers;
  response.set_payload(offer->envelope->bytes(), coap::format::kSuitEnvelope);
  return kOk;
}

Outcome<void> CoapResources::Images::answer(const Request& request, Response& response) {
  std::optional<std::string> tenant;
  if (request.peer.role == coap::PeerRole::kDevice) {
    tenant = std::string(request.peer.tenant);
    updates_.saw(*tenant, request.peer.id);
  }
  // A name that is no digest names no image.
  const Outcome<Digest> digest = digest_from_base64url(request.path.at(1));
  if (!digest.ok()) return fail(Error::kNotFound, "image");
  TAILOR_TRY_ASSIGN(const std::shared_ptr<const Blob> image, updates_.image(tenant, digest.value()));
  ++counters_.image_blocks;
  response.set_code(Code::kContent);
  response.set_max_age(kForeverSeconds);
  response.set_etag(etag_of(digest.value()));
  if (equal(request.etag, etag_of(digest.value()))) {
    response.set_code(Code::kValid);
    return kOk;
  }
  response.set_payload(image->bytes(), coap::format::kOctetStream);
  return kOk;
}

Outcome<void> CoapResources::Reports::answer(const Request& request, Response& response) {
  const Result<std::optional<Bytes>> body = bodies_.add(request);
  if (!body.ok()) return fail(body.error());
  response.set_code(Code::kChanged);
  if (!body.value()) return kOk;
  TAILOR_TRY_ASSIGN(const update::Report report, with_context(update::decode_report(*body.value()), "report"));
  TAILOR_TRY(updates_.take_report(std::string(request.peer.tenant), request.peer.id, report, request.peer.key));
  ++counters_.reports;
  return kOk;
}

std::string CoapResources::metrics() const {
  std::string out =
      "# HELP tailor_coap_requests_total Requests of devices by what they were for.\n"
      "# TYPE tailor_coap_requests_total counter\n";
  const std::pair<const char*, const std::atomic<uint64_t>*> rows[] = {
      {"registration", &counters_.registrations}, {"poll", &counters_.polls},     {"offer", &counters_.offers},
      {"image_block", &counters_.image_blocks},   {"report", &counters_.reports}, {"error", &counters_.errors}};
  for (const auto& [name, counter] : rows) {
    out += std::string("tailor_coap_requests_total{kind=\"") + name + "\"} " + std::to_string(counter->load()) + "\n";
  }
  return out;
}

}  // namespace tailor::update_server
