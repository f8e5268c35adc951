// SPDX-License-Identifier: Apache-2.0
// RFC 9148 over the CoAP engine: formats by Accept, bodies in blocks, the authority's decisions.
#include "services/ca/api/est_coaps.hpp"

#include "core/est/est.hpp"
#include "hosted/log.hpp"
#include "pki/est_format.hpp"

namespace tailor::ca {
namespace {

constexpr uint16_t kFormatCrl = coap::format::kOctetStream;  // none is registered for a revocation list

enum Row : size_t { kCrts, kAtt, kSen, kSren, kCrl };

std::string_view without_slash(std::string_view path) {
  return path.substr(1);
}

/// An answer's bytes must live until the handler returns; the engine copies what it still needs.
Bytes& answer_memory() {
  static thread_local Bytes memory;
  return memory;
}

void refuse(const Failure& failure, coap::Response& response) {
  log_failure("ca", "EST-coaps request refused", failure);
  response.fail(failure.code, failure.context);
}

}  // namespace

EstCoaps::EstCoaps(Authority& authority, std::function<Proof(const coap::Peer&)> proof_of)
    : authority_(authority), proof_of_(std::move(proof_of)) {
  using coap::kAllowGet;
  using coap::kAllowPost;
  resources_[kCrts] = {without_slash(est::kCaCertificatesPath), kAllowGet, this, "ace.est.crts"};
  resources_[kAtt] = {without_slash(est::kCsrAttributesPath),
                      kAllowGet,
                      this,
                      "ace.est.att",
                      coap::format::kNone,
                      est::kFormatCsrAttributes};
  resources_[kSen] = {without_slash(est::kEnrolPath), kAllowPost, this, "ace.est.sen", est::kFormatRequest};
  resources_[kSren] = {without_slash(est::kReenrolPath), kAllowPost, this, "ace.est.sren", est::kFormatRequest};
  resources_[kCrl] = {"crl", kAllowGet, this, "tailor.crl", coap::format::kNone, kFormatCrl};
  for (const size_t row : {size_t{kSen}, size_t{kSren}}) resources_[row].max_body_bytes = pki::kMaxDerBytes;
}

void EstCoaps::abandoned(const coap::Resource& resource, coap::Peer& peer) noexcept {
  const std::lock_guard lock(mutex_);
  bodies_.erase({&peer, &resource});
}

void EstCoaps::handle(const coap::Request& request, coap::Response& response) noexcept {
  try {
    handle_or_throw(request, response);
  } catch (const std::exception& error) {  // memory: the engine knows no exceptions
    log(LogLevel::kError, "ca", "EST-coaps handler failed", {{"reason", error.what()}});
    response.fail(Error::kOverloaded);
  }
}

Outcome<std::optional<Bytes>> EstCoaps::collect(const coap::Request& request) {
  const BodyKey key{&request.peer, &request.resource};
  const std::lock_guard lock(mutex_);
  if (request.offset == 0) bodies_.erase(key);
  Bytes& body = bodies_[key];
  const bool fits = body.size() == request.offset && body.size() + request.payload.size() <= pki::kMaxDerBytes;
  if (!fits) {
    const bool ordered = body.size() == request.offset;
    bodies_.erase(key);
    return fail(ordered ? Error::kBodyTooLarge : Error::kBlockSequence);
  }
  body.insert(body.end(), request.payload.begin(), request.payload.end());
  if (!request.last) return std::optional<Bytes>();
  std::optional<Bytes> whole(std::move(body));
  bodies_.erase(key);
  return whole;
}

Outcome<pki::Certificate> EstCoaps::enrol(const coap::Peer& peer, ByteView csr) {
  const Proof proof = proof_of_(peer);
  if (const auto* psk = std::get_if<PskProof>(&proof)) {
    return authority_.enrol_with_psk(psk->device, psk->generation, csr);
  }
  if (const auto* certificate = std::get_if<CertificateProof>(&proof)) {
    return authority_.enrol_with_factory_certificate(certificate->certificate, csr);
  }
  return fail(Error::kNotAuthenticated);
}

Outcome<pki::Certificate> EstCoaps::renew(const coap::Peer& peer, ByteView csr) {
  const Proof proof = proof_of_(peer);
  if (const auto* certificate = std::get_if<CertificateProof>(&proof)) {
    return authority_.renew(certificate->certificate, csr);
  }
  return fail(Error::kNotAuthenticated, "renewal needs the certificate in force");
}

void EstCoaps::answer_certificate(const coap::Request& request, const pki::Certificate& certificate,
                                  coap::Response& response) {
  const bool single = request.accept == est::kFormatCertificate;
  if (single) {
    answer_memory() = certificate.der();
  } else {
    auto list = pki::make_certs_only(std::span(&certificate, 1));
    if (!list.ok()) return refuse(list.error(), response);
    answer_memory() = std::move(list).value();
  }
  response.set_payload(answer_memory(), single ? est::kFormatCertificate : est::kFormatCertsOnly);
}

void EstCoaps::handle_or_throw(const coap::Request& request, coap::Response& response) {
  size_t row = 0;  // by path: the owner of the endpoint may have copied the rows into a table of its own
  while (row + 1 < resources_.size() && resources_[row].path != request.resource.path) ++row;
  if (row == kAtt) {
    response.set_code(coap::Code::kContent);
    return response.set_payload(pki::csr_attributes(), est::kFormatCsrAttributes);
  }
  if (row == kCrl) {
    const auto crl = authority_.crl();
    if (!crl.ok()) return refuse(crl.error(), response);
    answer_memory() = crl->der();
    response.set_code(coap::Code::kContent);
    uint8_t etag[8];  // blocks of two lists must not be mixed
    for (size_t i = 0; i < sizeof(etag); ++i) etag[i] = static_cast<uint8_t>(crl->number() >> (56 - 8 * i));
    response.set_etag(etag);
    return response.set_payload(answer_memory(), kFormatCrl);
  }
  const bool accepted = request.accept == coap::format::kNone || request.accept == est::kFormatCertsOnly ||
                        request.accept == est::kFormatCertificate;
  if (!accepted) return response.fail(Error::kNotAcceptable);
  if (row == kCrts) {
    response.set_code(coap::Code::kContent);
    // A device that asks with its own certificate shows that it has it: that ends its enrolment.
    const Proof proof = proof_of_(request.peer);
    if (const auto* own = std::get_if<CertificateProof>(&proof);
        own != nullptr && !authority_.is_factory_certificate(own->certificate)) {
      if (auto known = authority_.authenticate(own->certificate); !known.ok()) return refuse(known.error(), response);
    }
    return answer_certificate(request, authority_.root(), response);
  }
  auto body = collect(request);
  if (!body.ok()) return refuse(body.error(), response);
  if (!body->has_value()) return response.set_code(coap::Code::kContinue);
  const auto certificate = row == kSen ? enrol(request.peer, **body) : renew(request.peer, **body);
  if (!certificate.ok()) return refuse(certificate.error(), response);
  response.set_code(coap::Code::kChanged);
  answer_certificate(request, *certificate, response);
}

}  // namespace tailor::ca
