// SPDX-License-Identifier: Apache-2.0
// See service.hpp. Parts are made in the order of their dependencies and end in the reverse one.
#include "services/update/service.hpp"

#include <thread>

#include "core/report/encrypted.hpp"
#include "hosted/encoding.hpp"
#include "hosted/file.hpp"
#include "hosted/log.hpp"
#include "net/http/server.hpp"
#include "pki/key.hpp"
#include "pki/verify.hpp"
#include "services/store/migrations.hpp"
#include "services/update/api/front_link.hpp"
#include "services/update/api/openapi.hpp"
#include "services/update/api/plain_images.hpp"
#include "services/update/api/revocations.hpp"
#include "services/update/backup.hpp"
#include "services/update/store/schema.hpp"

namespace tailor::update_server {
namespace {

/// How often what devices' polls told is written down.
constexpr int64_t kFlushSeenMs = 30'000;
/// How often old answers to repeated requests are forgotten.
constexpr int64_t kForgetMs = 3'600'000;
/// How long the worker sleeps at most: pushes are tried again, lists refreshed, with this grain.
constexpr int64_t kWorkerMs = 1'000;

/// What the server is, from its files.
struct Files {
  std::vector<pki::Certificate> authorities;
  std::string authorities_pem;
  std::string certificate_pem;
  std::vector<pki::Certificate> certificates;
  SecretString key_pem;
  std::vector<cose::VerificationKey> signers;
};

Outcome<Files> read_files(const UpdateServiceConfig& config, const UtcClock& clock) {
  Files files;
  TAILOR_TRY_ASSIGN(files.authorities_pem, read_text_file(config.authorities));
  TAILOR_TRY_ASSIGN(files.authorities, with_context(pki::certificates_from_pem(files.authorities_pem), "authorities"));
  TAILOR_TRY_ASSIGN(files.certificate_pem, read_text_file(config.certificate));
  TAILOR_TRY_ASSIGN(files.certificates, with_context(pki::certificates_from_pem(files.certificate_pem), "certificate"));
  TAILOR_TRY_ASSIGN(std::string key, read_text_file(config.key));
  files.key_pem = SecretString(key);
  wipe(MutableBytes(reinterpret_cast<uint8_t*>(key.data()), key.size()));
  const pki::Role roles[] = {pki::Role::kUpdateServer};
  pki::VerifyPolicy policy;
  policy.anchors = files.authorities;
  policy.now = clock.now();
  policy.roles = roles;
  policy.usage = pki::Usage::kServer;
  TAILOR_TRY(with_context(pki::verify(files.certificates.front(), policy), "the server's own certificate"));
  for (const std::filesystem::path& path : config.signers) {
    TAILOR_TRY_ASSIGN(const std::string pem, read_text_file(path));
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey key_of, with_context(pki::public_key_from_pem(pem), path.string()));
    files.signers.emplace_back(key_of);
  }
  return files;
}

net::CertificatePolicy::Rules rules_of(const Files& files, const UtcClock& clock) {
  net::CertificatePolicy::Rules rules;
  for (const pki::Certificate& authority : files.authorities) rules.authorities.push_back(authority.der());
  rules.roles = {coap::PeerRole::kDevice};
  rules.clock = &clock;
  return rules;
}

Outcome<net::UdpAddress> address_of(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return net::UdpAddress::from_text((v6 ? "[" + host + "]" : host) + ":" + std::to_string(port));
}

}  // namespace

Outcome<SecretBytes> read_report_secret(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(std::string text, read_text_file(path));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  TAILOR_TRY_ASSIGN(auto octets, with_context(from_hex(text), path.string()));
  SecretBytes secret(octets);
  wipe(octets);
  wipe(MutableBytes(reinterpret_cast<uint8_t*>(text.data()), text.size()));
  if (secret.size() < report::kReportKeyBytes)
    return fail(Error::kConfigMalformed, path.string() + ": at least 16 octets");
  return secret;
}

struct UpdateService::Parts {
  Parts(const UpdateServiceConfig& configuration, const UtcClock& time, Files read_in)
      : config(configuration),
        clock(time),
        files(std::move(read_in)),
        signers(files.signers),
        judge(files.authorities, time),
        policy(rules_of(files, time)),
        gate(judge, configuration.operators),
        revocations(configuration.revocation_list, files.authorities_pem, judge, policy) {}

  Outcome<void> open();
  Outcome<void> refresh_revocations();
  Outcome<void> start_http();
  Outcome<void> start_coap();
  void work();
  void stop();

  const UpdateServiceConfig config;
  const UtcClock& clock;
  Files files;
  SignerAnchors signers;
  PeerJudge judge;
  net::CertificatePolicy policy;
  CertificateGate gate;
  Revocations revocations;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<BlobFolder> images;
  std::unique_ptr<BlobFolder> envelopes;
  std::unique_ptr<Updates> updates;
  std::unique_ptr<CoapResources> resources;
  std::unique_ptr<FrontLink> link;
  std::unique_ptr<Courier> courier;
  std::unique_ptr<SessionWatch> watch;
  std::unique_ptr<net::CoapsFront> front;
  std::unique_ptr<net::UdpFront> plain;
  std::unique_ptr<HttpApi> api;
  http::Router router;
  std::unique_ptr<http::Server> server;
  std::thread worker;
  bool stopped = false;
};

Outcome<void> UpdateService::Parts::open() {
  std::error_code error;
  std::filesystem::create_directories(config.folder, error);
  if (error) return fail(Error::kFileFailed, config.folder.string() + ": " + error.message());
  TAILOR_TRY_ASSIGN(database, store::open_database(store_config(config)));
  TAILOR_TRY(store::migrate(*database, kServiceName, schema()));
  TAILOR_TRY_ASSIGN(images, BlobFolder::open(config.folder / "images"));
  TAILOR_TRY_ASSIGN(envelopes, BlobFolder::open(config.folder / "envelopes"));
  UpdatesConfig limits;
  limits.max_envelope_bytes = config.max_envelope_bytes;
  if (!config.report_secret.empty()) {
    TAILOR_TRY_ASSIGN(limits.report_secret, read_report_secret(config.report_secret));
  }
  updates = std::make_unique<Updates>(*database, *images, *envelopes, signers, clock, std::move(limits));
  resources = std::make_unique<CoapResources>(*updates);
  link = std::make_unique<FrontLink>(resources->update());
  courier = std::make_unique<Courier>(*updates, *link);
  watch = std::make_unique<SessionWatch>(*courier);
  updates->set_changed(
      [this](const std::string& tenant, const std::optional<Uuid>& device) { courier->changed(tenant, device); });
  return revocations.refresh();
}

Outcome<void> UpdateService::Parts::start_coap() {
  net::CoapsFrontConfig coaps;
  TAILOR_TRY_ASSIGN(coaps.bind, address_of(config.coaps_address, config.coaps_port));
  coaps.threads = config.coap_threads;
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::from_pem(files.key_pem.reveal()));
  TAILOR_TRY_ASSIGN(coaps.options.key, key.to_core());
  coaps.options.certificate = files.certificates.front().der();
  coaps.resources = [this](unsigned) { return resources->secured(); };
  TAILOR_TRY_ASSIGN(front, net::CoapsFront::open(std::move(coaps), policy, *watch));
  link->attach(*front);
  TAILOR_TRY(front->start());
  if (!config.plain_images) return kOk;
  net::UdpFrontConfig udp;
  TAILOR_TRY_ASSIGN(udp.bind, address_of(config.plain_address, config.plain_port));
  udp.threads = config.coap_threads;
  TAILOR_TRY_ASSIGN(plain, net::UdpFront::open(udp));
  return plain->start(
      [this](net::UdpThread& thread) { return make_plain_handler(thread, *images, resources->plain()); });
}

Outcome<void> UpdateService::Parts::start_http() {
  HttpApiConfig settings;
  settings.max_image_bytes = config.max_image_bytes;
  settings.openapi = std::string(openapi_text());
  settings.more_metrics = [this] {
    return resources->metrics() +
           "# HELP tailor_device_sessions Devices with a session.\n# TYPE tailor_device_sessions gauge\n"
           "tailor_device_sessions " +
           std::to_string(courier->sessions()) + "\n";
  };
  api = std::make_unique<HttpApi>(*updates, gate, settings);
  api->add_routes(router);
  http::ServerTls tls;
  tls.certificate_pem = files.certificate_pem;
  tls.key_pem = files.key_pem.clone();
  tls.client_anchors_pem = files.authorities_pem;
  tls.client_certificate = http::ClientCertificate::kOptional;  // health and metrics are for everybody
  http::ServerConfig listen;
  listen.address = config.http_address;
  listen.port = config.http_port;
  listen.threads = config.http_threads;
  TAILOR_TRY_ASSIGN(server, http::Server::start(listen, &tls, router));
  return kOk;
}

// Sessions are judged again even when no new list is to be had: certificates end.
Outcome<void> UpdateService::Parts::refresh_revocations() {
  Outcome<void> done = revocations.refresh();
  front->review_sessions();
  return done;
}

void UpdateService::Parts::work() {
  int64_t flush_at = updates->now_ms() + kFlushSeenMs;
  int64_t forget_at = updates->now_ms();
  int64_t refresh_at = updates->now_ms() + config.revocation_refresh_s * 1000;
  while (courier->wait(kWorkerMs)) {
    courier->work();
    const int64_t now = updates->now_ms();
    if (now >= flush_at) {
      flush_at = now + kFlushSeenMs;
      if (const auto done = updates->flush_seen(); !done.ok()) log_failure("update", "polls not kept", done.error());
    }
    if (now >= forget_at) {
      forget_at = now + kForgetMs;
      if (const auto done = updates->forget_answers(); !done.ok())
        log_failure("update", "clean-up failed", done.error());
    }
    if (now >= refresh_at) {
      refresh_at = now + config.revocation_refresh_s * 1000;
      if (const auto done = refresh_revocations(); !done.ok()) {
        log_failure("update", "revocation list not refreshed; the last one stays in force", done.error());
      }
    }
  }
}

void UpdateService::Parts::stop() {
  if (stopped) return;
  stopped = true;
  if (server) server->stop();
  if (courier) courier->stop();
  if (worker.joinable()) worker.join();
  if (front) front->stop();
  if (plain) plain->stop();
  if (updates) {
    if (const auto done = updates->flush_seen(); !done.ok()) log_failure("update", "polls not kept", done.error());
  }
}

UpdateService::UpdateService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

UpdateService::~UpdateService() {
  stop();
}

Outcome<std::unique_ptr<UpdateService>> UpdateService::start(const UpdateServiceConfig& config, const UtcClock& clock) {
  TAILOR_TRY_ASSIGN(Files files, read_files(config, clock));
  std::unique_ptr<UpdateService> service(new UpdateService(std::make_unique<Parts>(config, clock, std::move(files))));
  Parts& parts = *service->parts_;
  TAILOR_TRY(parts.open());
  TAILOR_TRY(parts.start_coap());
  TAILOR_TRY(parts.start_http());
  parts.worker = std::thread([&parts] { parts.work(); });
  log(LogLevel::kInfo, "update", "serving",
      {{"http_port", service->http_port()},
       {"coaps_port", service->coaps_port()},
       {"store", store::describe(store_config(config))}});
  return service;
}

uint16_t UpdateService::http_port() const noexcept {
  return parts_->server->port();
}

uint16_t UpdateService::coaps_port() const noexcept {
  return parts_->front->address().port();
}

uint16_t UpdateService::plain_port() const noexcept {
  return parts_->plain ? parts_->plain->address().port() : uint16_t{0};
}

Outcome<void> UpdateService::refresh_revocations() {
  return parts_->refresh_revocations();
}

void UpdateService::stop() {
  parts_->stop();
}

}  // namespace tailor::update_server
