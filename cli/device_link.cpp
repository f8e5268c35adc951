// SPDX-License-Identifier: Apache-2.0
#include "cli/device_link.hpp"

#include <charconv>

#include "cli/files.hpp"
#include "cli/profile.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

namespace tailor::cli {

Outcome<CoapsTarget> coaps_target_from_uri(const std::string& uri) {
  constexpr std::string_view kScheme = "coaps://";
  const auto refuse = [&] { return fail(Error::kUsageInvalid, "'" + uri + "' is not coaps://host[:port]"); };
  if (!uri.starts_with(kScheme)) return refuse();
  std::string rest = uri.substr(kScheme.size());
  if (rest.ends_with('/')) rest.pop_back();
  CoapsTarget out;
  // A colon inside of brackets belongs to an IPv6 address.
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  out.host = rest.substr(0, colon);
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty() || out.host.find_first_of("/?#@[]") != std::string::npos) return refuse();
  if (colon != std::string::npos) {
    const std::string_view port = std::string_view(rest).substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0) return refuse();
  }
  return out;
}

Outcome<std::unique_ptr<DeviceLink>> DeviceLink::open(const Session& session, const std::string& uri) {
  TAILOR_TRY_ASSIGN(const CoapsTarget target, coaps_target_from_uri(uri));
  TAILOR_TRY_ASSIGN(const Profile profile, read_profile(session));
  TAILOR_TRY_ASSIGN(const Bytes authorities, read_input(profile.authorities));
  TAILOR_TRY_ASSIGN(const std::vector<pki::Certificate> anchors, pki::certificates_from_pem(as_text(authorities)));
  TAILOR_TRY_ASSIGN(const Bytes certificate_pem, read_input(profile.certificate));
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, pki::Certificate::from_pem(as_text(certificate_pem)));
  net::ClientOptions options;
  options.certificate = certificate.der();
  TAILOR_TRY_ASSIGN(options.key, read_private_key(profile.key));

  std::unique_ptr<DeviceLink> link(new DeviceLink());
  net::CertificatePolicy::Rules rules;
  for (const pki::Certificate& anchor : anchors) rules.authorities.push_back(anchor.der());
  rules.roles = {coap::PeerRole::kDevice};
  rules.clock = &link->clock_;
  link->policy_ = std::make_unique<net::CertificatePolicy>(std::move(rules));
  TAILOR_TRY_ASSIGN(
      link->client_,
      with_context(net::CoapsClient::connect(target.host, target.port, std::move(options), *link->policy_), uri));
  return link;
}

Outcome<net::CoapResponse> DeviceLink::request(const net::CoapRequest& request) {
  TAILOR_TRY_ASSIGN(net::CoapResponse response, client_->request(request));
  const auto code = static_cast<unsigned>(response.code);
  if (code >> 5U == 2) return response;
  return failure_from_diagnostic(as_text(response.body), code >> 5U, code & 0x1FU);
}

Failure failure_from_diagnostic(std::string_view text, unsigned code_class, unsigned code_detail) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (unsigned code = 1; code < 256; ++code) {
    const Error error = error_from_code(static_cast<uint8_t>(code));
    if (name != name_of(error)) continue;
    std::string context = "the device says: ";
    if (colon != std::string_view::npos && colon + 2 < text.size()) {
      context += text.substr(colon + 2);
    } else {
      context += describe(error).meaning;
    }
    return fail(error, std::move(context));
  }
  return fail(Error::kPeerRefused, "the device answered " + std::to_string(code_class) + "." +
                                       (code_detail < 10 ? "0" : "") + std::to_string(code_detail) +
                                       (text.empty() ? "" : " " + std::string(text)));
}

}  // namespace tailor::cli
