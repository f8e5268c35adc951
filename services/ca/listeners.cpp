// SPDX-License-Identifier: Apache-2.0
// Starting, renewing and stopping the two listeners, and the thread that looks once an hour whether renewal is due.
#include "services/ca/listeners.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "hosted/log.hpp"
#include "net/coaps/coaps_front.hpp"
#include "net/http/server.hpp"
#include "services/ca/api/admin_https.hpp"
#include "services/ca/api/coaps_policy.hpp"
#include "services/ca/api/est_coaps.hpp"
#include "services/ca/api/est_https.hpp"
#include "services/ca/files.hpp"

namespace tailor::ca {
namespace {

constexpr size_t kCoapsConnections = 10'000;  // devices come once a year and go
constexpr std::chrono::hours kRenewalCheck{1};

/// Says in the log who was refused, and why.
class RefusalLog final : public net::FrontEvents {
 public:
  void on_refused(const net::UdpAddress& from, Error reason) noexcept override {
    log(LogLevel::kWarning, "ca", "DTLS handshake refused", {{"from", from.to_text()}, {"error", reason}});
  }
};

Outcome<http::ServerTls> make_tls(const ServiceIdentity& identity, const Authority& authority) {
  http::ServerTls tls;
  tls.certificate_pem = identity.certificate.to_pem() + authority.root().to_pem();
  TAILOR_TRY_ASSIGN(tls.key_pem, identity.key.to_pem());
  tls.client_anchors_pem = authority.root().to_pem();
  tls.client_certificate = http::ClientCertificate::kOptional;
  return tls;
}

}  // namespace

class Listeners::Impl {
 public:
  Impl(const CaConfig& config, Authority& authority, const UtcClock& clock)
      : config_(config), authority_(authority), clock_(clock), est_coaps_(authority, proof_of), policy_(authority) {
    add_est_routes(router_, authority);
    add_admin_routes(router_, authority);
  }
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Outcome<void> start() {
    TAILOR_TRY_ASSIGN(const ServiceIdentity identity, service_identity(config_, authority_, clock_));
    TAILOR_TRY_ASSIGN(const http::ServerTls tls, make_tls(identity, authority_));
    http::ServerConfig server;
    server.address = config_.https_address;
    server.port = config_.https_port;
    TAILOR_TRY_ASSIGN(https_, http::Server::start(server, &tls, router_));
    if (config_.coaps) TAILOR_TRY(start_coaps(identity));
    serial_ = identity.certificate.serial();
    keeper_ = std::thread([this] { keep(); });
    return kOk;
  }

  Outcome<bool> renew_if_due() {
    TAILOR_TRY_ASSIGN(const ServiceIdentity identity, service_identity(config_, authority_, clock_));
    const std::lock_guard lock(mutex_);
    if (stopping_ || identity.certificate.serial() == serial_) return false;
    TAILOR_TRY_ASSIGN(const http::ServerTls tls, make_tls(identity, authority_));
    TAILOR_TRY(https_->replace_tls(tls));
    if (coaps_) {
      config_.coaps_port = coaps_->address().port();
      coaps_->stop();
      coaps_.reset();
      TAILOR_TRY(start_coaps(identity));
    }
    serial_ = identity.certificate.serial();
    return true;
  }

  [[nodiscard]] uint16_t https_port() const { return https_->port(); }
  [[nodiscard]] uint16_t coaps_port() {
    const std::lock_guard lock(mutex_);
    return coaps_ ? coaps_->address().port() : uint16_t{0};
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    if (keeper_.joinable()) keeper_.join();
    if (https_) https_->stop();
    if (coaps_) coaps_->stop();
  }

 private:
  Outcome<void> start_coaps(const ServiceIdentity& identity) {
    const bool v6 = config_.coaps_address.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + config_.coaps_address + "]" : config_.coaps_address;
    net::CoapsFrontConfig front;
    TAILOR_TRY_ASSIGN(front.bind, net::UdpAddress::from_text(host + ":" + std::to_string(config_.coaps_port)));
    front.threads = 1;  // a signature and a durable write for each enrolment: the sockets are not what is scarce
    front.options.certificate = identity.certificate.der();
    TAILOR_TRY_ASSIGN(front.options.key, identity.key.to_core());
    front.options.psk = true;
    front.options.max_connections = kCoapsConnections;
    front.resources = [this](unsigned) { return est_coaps_.resources(); };
    TAILOR_TRY_ASSIGN(auto opened, net::CoapsFront::open(std::move(front), policy_, refusals_));
    TAILOR_TRY(opened->start());
    coaps_ = std::move(opened);
    return kOk;
  }

  void keep() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kRenewalCheck, [this] { return stopping_; })) {
      lock.unlock();
      if (const auto renewed = renew_if_due(); !renewed.ok()) {
        log_failure("ca", "renewing the service's certificate failed", renewed.error());
      }
      lock.lock();
    }
  }

  CaConfig config_;
  Authority& authority_;
  const UtcClock& clock_;
  http::Router router_;
  EstCoaps est_coaps_;
  CoapsPolicy policy_;
  RefusalLog refusals_;
  std::unique_ptr<http::Server> https_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string serial_;
  std::unique_ptr<net::CoapsFront> coaps_;
  std::thread keeper_;
};

Listeners::Listeners(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listeners::~Listeners() = default;

Outcome<std::unique_ptr<Listeners>> Listeners::start(const CaConfig& config, Authority& authority,
                                                     const UtcClock& clock) {
  auto impl = std::make_unique<Impl>(config, authority, clock);
  TAILOR_TRY(impl->start());
  return std::unique_ptr<Listeners>(new Listeners(std::move(impl)));
}

uint16_t Listeners::https_port() const {
  return impl_->https_port();
}
uint16_t Listeners::coaps_port() const {
  return impl_->coaps_port();
}
Outcome<bool> Listeners::renew_if_due() {
  return impl_->renew_if_due();
}
void Listeners::stop() {
  impl_->stop();
}

}  // namespace tailor::ca
