// SPDX-License-Identifier: Apache-2.0
// Wiring of the certificate authority: configuration, database, rules, HTTPS, EST-coaps.
#include "services/ca/service.hpp"

#include "hosted/log.hpp"
#include "net/coaps/coaps_front.hpp"
#include "net/http/server.hpp"
#include "services/ca/api/admin_https.hpp"
#include "services/ca/api/coaps_policy.hpp"
#include "services/ca/api/est_coaps.hpp"
#include "services/ca/api/est_https.hpp"
#include "services/ca/files.hpp"
#include "services/ca/store/sql_ledger.hpp"
#include "services/store/database.hpp"

namespace tailor::ca {
namespace {

constexpr int64_t kMaxDays = 36'500;
constexpr size_t kCoapsConnections = 10'000;  // devices come once a year and go

std::chrono::seconds days(Config& table, std::string_view key, std::chrono::seconds otherwise) {
  constexpr int64_t kDay = 86'400;
  return std::chrono::seconds(table.integer(key, otherwise.count() / kDay, 1, kMaxDays) * kDay);
}

}  // namespace

CaConfig read_ca_config(Config table) {
  CaConfig out;
  out.folder = table.path("folder", "ca");
  out.store_url = table.text("store", "");
  for (const std::string& path : table.texts("factory_anchors")) out.factory_anchors.emplace_back(path);
  if (table.has("host_names")) out.host_names = table.texts("host_names");
  out.https_address = table.text("https_address", out.https_address);
  out.https_port = static_cast<uint16_t>(table.integer("https_port", out.https_port, 0, 65535));
  out.coaps = table.flag("coaps", out.coaps);
  out.coaps_address = table.text("coaps_address", out.coaps_address);
  out.coaps_port = static_cast<uint16_t>(table.integer("coaps_port", out.coaps_port, 0, 65535));
  out.policy.device_validity = days(table, "device_validity_days", out.policy.device_validity);
  out.policy.server_validity = days(table, "server_validity_days", out.policy.server_validity);
  out.policy.operator_validity = days(table, "operator_validity_days", out.policy.operator_validity);
  out.policy.crl_validity = days(table, "crl_validity_days", out.policy.crl_validity);
  out.policy.code_lifetime =
      std::chrono::seconds(table.integer("code_lifetime_s", out.policy.code_lifetime.count(), 1, 30 * 86'400));
  return out;
}

struct OpenCa::Parts {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<SqlLedger> ledger;
  std::unique_ptr<Authority> authority;
};

OpenCa::OpenCa(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
OpenCa::~OpenCa() = default;
Authority& OpenCa::authority() noexcept {
  return *parts_->authority;
}

Outcome<std::unique_ptr<OpenCa>> OpenCa::open(const CaConfig& config, const UtcClock& clock) {
  TAILOR_TRY_ASSIGN(LoadedFiles files, load_files(config));
  auto parts = std::make_unique<Parts>();
  store::StoreConfig store;
  store.url = config.store_url.empty() ? "sqlite:" + (config.folder / CaFiles::kDatabase).string() : config.store_url;
  TAILOR_TRY_ASSIGN(parts->database, store::open_database(store));
  TAILOR_TRY_ASSIGN(parts->ledger, SqlLedger::open(*parts->database));
  parts->authority = std::make_unique<Authority>(std::move(files.issuer), config.policy, std::move(files.vault),
                                                 std::move(files.factory_anchors), *parts->ledger, clock);
  return std::unique_ptr<OpenCa>(new OpenCa(std::move(parts)));
}

namespace {

/// Says in the log who was refused, and why.
class RefusalLog final : public net::FrontEvents {
 public:
  void on_refused(const net::UdpAddress& from, Error reason) noexcept override {
    log(LogLevel::kWarning, "ca", "DTLS handshake refused", {{"from", from.to_text()}, {"error", reason}});
  }
};

Outcome<std::unique_ptr<http::Server>> start_https(const CaConfig& config, const ServiceIdentity& identity,
                                                   const Authority& authority, http::Handler& handler) {
  http::ServerTls tls;
  tls.certificate_pem = identity.certificate.to_pem() + authority.root().to_pem();
  TAILOR_TRY_ASSIGN(tls.key_pem, identity.key.to_pem());
  tls.client_anchors_pem = authority.root().to_pem();
  tls.client_certificate = http::ClientCertificate::kOptional;
  http::ServerConfig server;
  server.address = config.https_address;
  server.port = config.https_port;
  return http::Server::start(server, &tls, handler);
}

Outcome<std::unique_ptr<net::CoapsFront>> start_coaps(const CaConfig& config, const ServiceIdentity& identity,
                                                      EstCoaps& est, net::AccessPolicy& policy,
                                                      net::FrontEvents& events) {
  const bool v6 = config.coaps_address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + config.coaps_address + "]" : config.coaps_address;
  net::CoapsFrontConfig front;
  TAILOR_TRY_ASSIGN(front.bind, net::UdpAddress::from_text(host + ":" + std::to_string(config.coaps_port)));
  front.threads = 1;  // a signature and a durable write for each enrolment: the sockets are not what is scarce
  front.options.certificate = identity.certificate.der();
  TAILOR_TRY_ASSIGN(front.options.key, identity.key.to_core());
  front.options.psk = true;
  front.options.max_connections = kCoapsConnections;
  front.resources = [&est](unsigned) { return est.resources(); };
  TAILOR_TRY_ASSIGN(auto out, net::CoapsFront::open(std::move(front), policy, events));
  TAILOR_TRY(out->start());
  return out;
}

}  // namespace

struct CaService::Parts {
  std::unique_ptr<OpenCa> ca;
  http::Router router;
  std::unique_ptr<http::Server> https;
  std::unique_ptr<EstCoaps> est_coaps;
  std::unique_ptr<CoapsPolicy> policy;
  RefusalLog refusals;
  std::unique_ptr<net::CoapsFront> coaps;
};

CaService::CaService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CaService::~CaService() {
  stop();
}

Outcome<std::unique_ptr<CaService>> CaService::start(const CaConfig& config, const UtcClock& clock) {
  auto parts = std::make_unique<Parts>();
  TAILOR_TRY_ASSIGN(parts->ca, OpenCa::open(config, clock));
  Authority& authority = parts->ca->authority();
  TAILOR_TRY_ASSIGN(const ServiceIdentity identity, service_identity(config, authority, clock));
  add_est_routes(parts->router, authority);
  add_admin_routes(parts->router, authority);
  TAILOR_TRY_ASSIGN(parts->https, start_https(config, identity, authority, parts->router));
  if (config.coaps) {
    parts->est_coaps = std::make_unique<EstCoaps>(authority, proof_of);
    parts->policy = std::make_unique<CoapsPolicy>(authority);
    TAILOR_TRY_ASSIGN(parts->coaps, start_coaps(config, identity, *parts->est_coaps, *parts->policy, parts->refusals));
  }
  log(LogLevel::kInfo, "ca", "certificate authority serves",
      {{"https_port", parts->https->port()},
       {"coaps_port", parts->coaps ? parts->coaps->address().port() : 0},
       {"root", authority.root().serial()}});
  return std::unique_ptr<CaService>(new CaService(std::move(parts)));
}

uint16_t CaService::https_port() const noexcept {
  return parts_->https->port();
}
uint16_t CaService::coaps_port() const noexcept {
  return parts_->coaps ? parts_->coaps->address().port() : uint16_t{0};
}
Authority& CaService::authority() noexcept {
  return parts_->ca->authority();
}

void CaService::stop() {
  parts_->https->stop();
  if (parts_->coaps) parts_->coaps->stop();
}

}  // namespace tailor::ca
