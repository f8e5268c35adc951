// SPDX-License-Identifier: Apache-2.0
#include "tests/device/scripted_peers.hpp"

#include <algorithm>

#include "core/est/est.hpp"

namespace tailor::sim {

using coap::Code;

Credential::Credential(const pki::TestAuthority& authority, pki::Role role, const Uuid& id) {
  const auto private_key = pki::PrivateKey::generate().value();
  certificate = authority.issues(role, private_key, id).der();
  key = private_key.to_core().value();
}

// --- CA ------------------------------------------------------------------------------------------------------------

ScriptedCa::ScriptedCa(testing::LossyLink& link, const pki::TestAuthority& authority, CaMode mode)
    : DtlsNode(link), authority_(authority), mode_(mode), credential_(authority, pki::Role::kCa, uuid4().value()) {
  dtls::Settings settings;
  settings.side = dtls::Side::kServer;
  settings.certificate = credential_.certificate;
  settings.key = &credential_.key;
  settings.verify_peers = true;
  if (mode == CaMode::kPsk) settings.psk_source = this;
  serve(settings, {{.path = ".well-known/est/sen", .methods = coap::kAllowPost, .handler = this},
                   {.path = ".well-known/est/sren", .methods = coap::kAllowPost, .handler = this},
                   {.path = ".well-known/est/crts", .methods = coap::kAllowGet, .handler = this}});
}

Result<ByteView> ScriptedCa::find(ByteView identity, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const trust::PskIdentity read, trust::read_psk_identity(identity));
  psk_device_ = read.device;
  last_generation = read.generation;
  TAILOR_TRY_ASSIGN(const trust::Psk psk, trust::derive_psk(factory_secret, read.device, read.generation));
  return copy_into(out, psk.secret_bytes());
}

void ScriptedCa::handle(const coap::Request& request, coap::Response& response) noexcept {
  if (request.method == Code::kGet) {
    if (!request.peer.id.is_nil() && request.response_offset == 0) ++first_uses;
    response.set_code(Code::kContent);
    return response.set_payload(authority_.root().der(), est::kFormatCertificate);
  }
  if (request.offset == 0) request_.clear();
  request_.insert(request_.end(), request.payload.begin(), request.payload.end());
  if (!request.last) return response.set_code(Code::kChanged);
  if (refuse_with) return response.fail(*refuse_with);
  const auto csr = pki::CertificateRequest::from_der(request_);
  if (!csr.ok()) return response.fail(csr.error().code);
  const bool renewal = request.path.at(2) == "sren";
  ++(renewal ? renewals : enrolments);
  keys.push_back(csr->public_key);
  const Uuid device = request.peer.id.is_nil() ? psk_device_ : request.peer.id;
  const auto time = authority_.now() + std::chrono::seconds(now() / 1000);
  const auto certificate = pki::issue(authority_.issuer(), {"default", pki::Role::kDevice, device}, csr->public_key,
                                      {time - std::chrono::hours(1), time + validity});
  answer_ = certificate.value().der();
  response.set_code(Code::kChanged);
  response.set_payload(answer_, est::kFormatCertificate);
}

// --- update server -------------------------------------------------------------------------------------------------

ScriptedServer::ScriptedServer(testing::LossyLink& link, const pki::TestAuthority& authority, const Uuid& own_id,
                               pki::Role role)
    : DtlsNode(link),
      id(own_id),
      credential_(authority, role, own_id),
      register_(*this, &ScriptedServer::on_register),
      update_(*this, &ScriptedServer::on_update),
      image_(*this, &ScriptedServer::on_image),
      report_(*this, &ScriptedServer::on_report) {
  dtls::Settings settings;
  settings.side = dtls::Side::kServer;
  settings.certificate = credential_.certificate;
  settings.key = &credential_.key;
  settings.verify_peers = true;
  serve(settings, {{.path = "reg", .methods = coap::kAllowPost, .handler = &register_},
                   {.path = "reg/*", .methods = coap::kAllowPut, .handler = &register_},
                   {.path = "update", .methods = coap::kAllowGet, .handler = &update_, .observable = true},
                   {.path = "img/*", .methods = coap::kAllowGet, .handler = &image_},
                   {.path = "report", .methods = coap::kAllowPost, .handler = &report_}});
}

void ScriptedServer::offers(Bytes envelope) {
  offered_ = std::move(envelope);
  notify(2);
}

void ScriptedServer::has_image(const Bytes& image) {
  images_[to_base64url(crypto::sha256(image).value())] = image;
}

void ScriptedServer::on_register(const coap::Request& request, coap::Response& response) {
  if (request.offset == 0) body_.clear();
  body_.insert(body_.end(), request.payload.begin(), request.payload.end());
  if (!request.last) return response.set_code(Code::kChanged);
  if (refuse_registration) return response.fail(*refuse_registration);
  EXPECT_TRUE(update::decode_registration(body_).ok());
  registration = body_;
  ++registrations;
  response.set_code(request.method == Code::kPost ? Code::kCreated : Code::kChanged);
}

void ScriptedServer::on_update(const coap::Request& request, coap::Response& response) {
  ++gets;
  if (request.response_offset == 0) ++polls;
  response.set_code(Code::kContent);
  if (offered_.empty()) return response.set_payload({}, update::kFormatEnvelope);
  const auto digest = crypto::sha256(offered_).value();
  const ByteView etag = ByteView{digest}.first(8);
  response.set_etag(etag);
  if (holds) response.set_hold();
  if (equal(request.etag, etag) && request.response_offset == 0) return response.set_code(Code::kValid);
  response.set_payload(offered_, update::kFormatEnvelope);
}

void ScriptedServer::on_image(const coap::Request& request, coap::Response& response) {
  ++gets;
  const auto found = images_.find(std::string(request.path.at(1)));
  if (found == images_.end()) return response.fail(Error::kNotFound);
  ++blocks;
  if (before_block) before_block(request.response_offset);
  response.set_code(Code::kContent);
  response.set_etag(ByteView(crypto::sha256(found->second).value()).first(8));
  response.set_payload(found->second, update::kFormatOctets);
}

void ScriptedServer::on_report(const coap::Request& request, coap::Response& response) {
  if (request.offset == 0) body_.clear();
  body_.insert(body_.end(), request.payload.begin(), request.payload.end());
  if (!request.last) return response.set_code(Code::kChanged);
  const auto report = update::decode_report(body_);
  EXPECT_TRUE(report.ok());
  response.set_code(Code::kChanged);
  // A number that was seen is a repetition, after a restart for instance.
  for (const Bytes& seen : reports) {
    if (report.ok() && update::decode_report(seen)->number == report->number) return;
  }
  reports.push_back(body_);
  if (auto_settle && report.ok() && update::is_outcome(report->update.state())) offered_.clear();
  response.set_code(Code::kChanged);
}

std::vector<std::string> ScriptedServer::states() const {
  std::vector<std::string> texts;
  for (const Bytes& bytes : reports) {
    const auto report = update::decode_report(bytes).value();
    std::string text(name_of(report.update.state()));
    if (report.update.reason()) text += "(" + std::string(name_of(*report.update.reason())) + ")";
    texts.push_back(text);
  }
  return texts;
}

bool ScriptedServer::heard(const std::string& state) const {
  const auto all = states();
  return std::find(all.begin(), all.end(), state) != all.end();
}

// --- caller --------------------------------------------------------------------------------------------------------

void Caller::send(coap::Endpoint& endpoint, Code method, std::string uri, uint16_t format, Bytes body,
                  MonotonicMs now) {
  uri_ = std::move(uri);
  body_ = std::move(body);
  code = Code::kEmpty;
  failure.reset();
  answer.clear();
  coap::RequestSpec spec;
  spec.method = method;
  spec.uri = uri_;
  spec.content_format = format;
  spec.body_bytes = static_cast<uint32_t>(body_.size());
  ASSERT_TRUE(endpoint.request(spec, *this, now).ok());
  endpoint.tick(now);
}

Result<size_t> Caller::read_body(uint32_t offset, MutableBytes out) noexcept {
  const size_t count = std::min(out.size(), body_.size() - offset);
  std::copy_n(body_.begin() + offset, count, out.begin());
  return count;
}

Status Caller::on_response(const coap::ClientResponse& response) noexcept {
  answer.insert(answer.end(), response.payload.begin(), response.payload.end());
  if (response.last) code = response.code;
  return kOk;
}

}  // namespace tailor::sim
