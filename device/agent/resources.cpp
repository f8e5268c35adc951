// SPDX-License-Identifier: Apache-2.0
#include "device/agent/resources.hpp"

#include <algorithm>

#include "device/agent/suit_reporting.hpp"
#include "device/agent/uri.hpp"

namespace tailor::agent {

using coap::Code;
using coap::PeerRole;

Resources::Resources(const AgentCore& core, ResourceOwner& owner) noexcept
    : core_(core),
      owner_(owner),
      manifest_(*this),
      payload_(*this),
      trigger_(*this),
      status_(*this),
      capabilities_(*this) {
  table_[0].path = "manifest";
  table_[0].methods = coap::kAllowPut;
  table_[0].handler = &manifest_;
  table_[0].type = "tailor.manifest";
  table_[0].accepts = update::kFormatEnvelope;
  table_[1].path = "payload/*";
  table_[1].methods = coap::kAllowPut;
  table_[1].handler = &payload_;
  table_[1].type = "tailor.payload";
  table_[1].accepts = update::kFormatOctets;
  table_[2].path = "trigger";
  table_[2].methods = coap::kAllowPost;
  table_[2].handler = &trigger_;
  table_[2].type = "tailor.trigger";
  table_[kStatusIndex].path = "status";
  table_[kStatusIndex].methods = coap::kAllowGet;
  table_[kStatusIndex].handler = &status_;
  table_[kStatusIndex].type = "tailor.status";
  table_[kStatusIndex].produces = update::kFormatStatus;
  table_[kStatusIndex].observable = true;
  table_[4].path = "capabilities";
  table_[4].methods = coap::kAllowGet;
  table_[4].handler = &capabilities_;
  table_[4].type = "tailor.capabilities";
  table_[4].produces = coap::format::kCapabilities;
}

tailor::Status Resources::Manifest::take(const coap::Request& request) noexcept {
  Updater& updater = all_.core_.updater;
  const PeerRole role = request.peer.role;
  if (role != PeerRole::kUpdateServer && role != PeerRole::kOperator) return Error::kRoleNotPermitted;
  if (role == PeerRole::kUpdateServer &&
      (all_.core_.settings.modes & static_cast<uint8_t>(update::DeliveryMode::kPush)) == 0) {
    return Error::kRoleNotPermitted;
  }
  if (request.offset == 0) {
    if (sender_ != nullptr && sender_ != &request.peer) return Error::kUpdateInProgress;
    sender_ = &request.peer;
    const Delivery delivery = role == PeerRole::kOperator ? Delivery::kDirect : Delivery::kPush;
    updater.begin_envelope(delivery, all_.owner_.server_of(request.peer), request.query.argument("hold") == "1");
  } else if (sender_ != &request.peer) {
    return Error::kBlockSequence;
  }
  TAILOR_TRY(updater.feed_envelope(request.payload));
  if (request.last) TAILOR_TRY(updater.end_envelope());
  return kOk;
}

void Resources::Manifest::handle(const coap::Request& request, coap::Response& response) noexcept {
  const tailor::Status status = take(request);
  all_.owner_.on_call(request.peer);
  if (sender_ == &request.peer && (!status.ok() || request.last)) sender_ = nullptr;
  if (!status.ok()) return response.fail(status.error(), "manifest");
  response.set_code(Code::kChanged);
}

void Resources::Manifest::abandoned(const coap::Resource& /*resource*/, coap::Peer& peer) noexcept {
  if (sender_ != &peer) return;
  sender_ = nullptr;
  all_.core_.updater.drop_envelope();
}

tailor::Status Resources::Payload::take(const coap::Request& request) noexcept {
  Updater& updater = all_.core_.updater;
  if (request.peer.role != PeerRole::kUpdateServer && request.peer.role != PeerRole::kOperator) {
    return Error::kRoleNotPermitted;
  }
  // The payload is named by what follows the last slash of its reference, whatever server the manifest speaks of.
  const std::string_view wanted = updater.wanted();
  if (wanted.empty() || slice(wanted, wanted.rfind('/') + 1) != request.path.at(1)) return Error::kStateConflict;
  all_.payload_activity_ = true;
  return updater.take_payload(request.offset, request.payload, request.last);
}

void Resources::Payload::handle(const coap::Request& request, coap::Response& response) noexcept {
  const tailor::Status status = take(request);
  all_.owner_.on_call(request.peer);
  if (!status.ok()) return response.fail(status.error(), "payload");
  response.set_code(Code::kChanged);
}

uint32_t Resources::Payload::resume_offset(const coap::Request& request) noexcept {
  // Any place up to the one that is wanted will do: what is there already is passed over.
  return std::min(request.offset, all_.core_.updater.wanted_offset());
}

void Resources::Trigger::handle(const coap::Request& request, coap::Response& response) noexcept {
  if (request.peer.role != PeerRole::kUpdateServer && request.peer.role != PeerRole::kOperator) {
    return response.fail(Error::kRoleNotPermitted, "trigger");
  }
  const tailor::Status status = all_.core_.updater.trigger();
  all_.owner_.on_call(request.peer);
  if (!status.ok()) return response.fail(status.error(), "no update waits for a trigger");
  response.set_code(Code::kChanged);
}

void Resources::Capabilities::handle(const coap::Request& /*request*/, coap::Response& response) noexcept {
  const Result<ByteView> written = write_capabilities(all_.core_.settings, response.room());
  if (!written.ok()) return response.fail(written.error(), "capabilities");
  response.set_code(Code::kContent);
  response.set_payload(*written, coap::format::kCapabilities);
}

void Resources::Status::handle(const coap::Request& /*request*/, coap::Response& response) noexcept {
  const Result<ByteView> status = all_.owner_.write_status(response.room());
  if (!status.ok()) return response.fail(status.error(), "status");
  response.set_code(Code::kContent);
  response.set_payload(*status, update::kFormatStatus);
}

}  // namespace tailor::agent
