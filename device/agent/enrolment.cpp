// SPDX-License-Identifier: Apache-2.0
#include "device/agent/enrolment.hpp"

#include <algorithm>

#include "core/est/est.hpp"
#include "core/est/request.hpp"
#include "crypto_backends/psa/x509/identity.hpp"
#include "device/agent/uri.hpp"

namespace tailor::agent {

Status Enrolment::start(Kind kind, uint32_t generation, MonotonicMs now) noexcept {
  if (under_way_) return Error::kStateConflict;
  kind_ = kind;
  generation_ = generation;
  asking_ = false;
  answered_ = false;
  complete_ = false;
  result_ = Result::kNone;
  if (kind != Kind::kFirstUse) TAILOR_TRY(core_.identity.prepare_keys(generation));
  TAILOR_TRY(connect(now));
  under_way_ = true;
  constexpr std::string_view kNames[] = {"first", "renewal", "first-use"};
  core_.info("enrol.start").text("kind", kNames[static_cast<size_t>(kind)]).number("generation", generation);
  return kOk;
}

Status Enrolment::connect(MonotonicMs now) noexcept {
  const Identity& identity = core_.identity;
  TAILOR_TRY_ASSIGN(const CoapsUri uri, parse_coaps_uri(identity.ca_uri()));
  LinkTarget target;
  const tailor_datagram_t& datagram = core_.ports.datagram;
  if (datagram.resolve(datagram.context, uri.host.data(), uri.host.size(), uri.port, &target.address) !=
      TAILOR_PORT_OK) {
    return Error::kNetworkFailed;
  }
  target.roles = role_bit(coap::PeerRole::kCertificateAuthority);
  if (kind_ != Kind::kFirst) {
    target.credentials = identity.credentials(Purpose::kOther);
  } else if (identity.mode() == trust::BootstrapMode::kIdevid) {
    target.credentials = identity.factory_credentials();
  } else {
    TAILOR_TRY_ASSIGN(psk_, identity.psk(generation_));
    target.psk_identity = as_bytes(trust::write_psk_identity(identity.device(), generation_, psk_identity_));
    target.psk = psk_.secret_bytes();
  }
  return link_.connect(target, core_.settings.connect_timeout_ms, now);
}

void Enrolment::link_up(MonotonicMs now) noexcept {
  step(now);
}

void Enrolment::step(MonotonicMs now) noexcept {
  if (!under_way_ || asking_ || complete_ || !link_.open()) return;
  const Status status = kind_ == Kind::kFirstUse ? show(now) : obtain(now);
  if (!status.ok()) return link_.fail(status.error());
  if (complete_) link_.fail(Error::kSessionClosed);  // closed; link_down() gives the result
}

/// One certificate after the other; when all are here, they are put in force.
Status Enrolment::obtain(MonotonicMs now) noexcept {
  pair_ = 0;
  while (pair_ < core_.identity.key_pairs() && core_.identity.has_pending_certificate(pair_)) ++pair_;
  if (pair_ < core_.identity.key_pairs()) return ask(now);
  TAILOR_TRY(core_.identity.put_in_force());
  complete_ = true;
  return kOk;
}

Status Enrolment::ask(MonotonicMs now) noexcept {
  const Identity& identity = core_.identity;
  TAILOR_TRY_ASSIGN(const ByteView request, est::write_request(identity.device(), identity.pending_key(pair_), room_));
  request_length_ = request.size();
  certificate_length_ = 0;
  coap::RequestSpec spec;
  spec.method = coap::Code::kPost;
  spec.uri = kind_ == Kind::kRenewal ? est::kReenrolPath : est::kEnrolPath;
  spec.content_format = est::kFormatRequest;
  spec.accept = est::kFormatCertificate;
  spec.body_bytes = static_cast<uint32_t>(request_length_);
  TAILOR_TRY(link_.endpoint().request(spec, *this, now));
  asking_ = true;
  return kOk;
}

/// The handshake has shown the certificate already; the answer says that the CA took it.
Status Enrolment::show(MonotonicMs now) noexcept {
  complete_ = answered_;
  if (complete_) return kOk;
  coap::RequestSpec spec;
  spec.method = coap::Code::kGet;
  spec.uri = est::kCaCertificatesPath;
  spec.accept = est::kFormatCertificate;
  TAILOR_TRY(link_.endpoint().request(spec, *this, now));
  asking_ = true;
  return kOk;
}

Result<size_t> Enrolment::read_body(uint32_t offset, MutableBytes out) noexcept {
  if (offset > request_length_) return Error::kInternal;
  const size_t count = std::min<size_t>(out.size(), request_length_ - offset);
  std::copy_n(room_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  return count;
}

Status Enrolment::on_response(const coap::ClientResponse& response) noexcept {
  if (!coap::is_success(response.code)) {
    // In psk mode only a generation that was used up is forbidden to the one who proved to have it.
    const bool psk = kind_ == Kind::kFirst && core_.identity.mode() == trust::BootstrapMode::kPsk;
    if (psk && response.code == coap::Code::kForbidden) return Error::kPskSpent;
    return error_of(response.code);
  }
  if (kind_ == Kind::kFirstUse) {
    answered_ = response.last;
    asking_ = !response.last;
    return kOk;
  }
  if (response.offset != certificate_length_) return Error::kBlockSequence;
  if (response.payload.size() > limits::kCertificateBytes - certificate_length_) return Error::kBodyTooLarge;
  request_length_ = 0;
  std::copy(response.payload.begin(), response.payload.end(),
            room_.begin() + static_cast<std::ptrdiff_t>(certificate_length_));
  certificate_length_ += response.payload.size();
  if (!response.last) return kOk;
  if (response.content_format != est::kFormatCertificate) return Error::kUnsupportedContentFormat;
  const ByteView certificate = ByteView{room_}.first(certificate_length_);
  TAILOR_TRY(check(certificate));
  TAILOR_TRY(core_.identity.keep_certificate(pair_, certificate));
  core_.info("enrol.certificate").number("pair", pair_);
  asking_ = false;
  return kOk;
}

/// The CA answered the one who asked, for the key that was asked for.
Status Enrolment::check(ByteView certificate) const noexcept {
  const Identity& identity = core_.identity;
  TAILOR_TRY_ASSIGN(const x509::VerifiedPeer peer, x509::verify_peer(certificate, identity.trust().authorities.view()));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey key, crypto::public_key_of(identity.pending_key(pair_)));
  if (peer.identity.public_key != key) return Error::kCertificateInvalid;
  if (peer.identity.role != coap::PeerRole::kDevice) return Error::kRoleNotPermitted;
  if (peer.identity.id != identity.device()) return Error::kCertificateInvalid;
  if (peer.identity.tenant() != identity.tenant()) return Error::kTenantMismatch;
  core_.clock.learn_at_least(peer.identity.not_before);
  return kOk;
}

void Enrolment::on_failure(Error error) noexcept {
  asking_ = false;
  link_.fail(error);
}

void Enrolment::link_down(Error error) noexcept {
  if (!under_way_) return;
  asking_ = false;
  psk_ = trust::Psk();
  if (complete_) return end(Result::kDone, error);
  end(Result::kFailed, error);
}

void Enrolment::end(Result result, Error error) noexcept {
  under_way_ = false;
  complete_ = false;
  result_ = result;
  error_ = error;
}

Enrolment::Result Enrolment::take_result() noexcept {
  const Result result = result_;
  result_ = Result::kNone;
  return result;
}

}  // namespace tailor::agent
