// SPDX-License-Identifier: Apache-2.0
// Wiring of the certificate authority: configuration, database, rules, HTTPS, EST-coaps.
#include "services/ca/service.hpp"

#include "hosted/log.hpp"
#include "services/ca/files.hpp"
#include "services/ca/listeners.hpp"
#include "services/ca/store/sql_ledger.hpp"
#include "services/store/database.hpp"

namespace tailor::ca {
namespace {

constexpr int64_t kMaxDays = 36'500;

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

struct CaService::Parts {
  std::unique_ptr<OpenCa> ca;
  std::unique_ptr<Listeners> listeners;
};

CaService::CaService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CaService::~CaService() {
  stop();
}

Outcome<std::unique_ptr<CaService>> CaService::start(const CaConfig& config, const UtcClock& clock) {
  auto parts = std::make_unique<Parts>();
  TAILOR_TRY_ASSIGN(parts->ca, OpenCa::open(config, clock));
  TAILOR_TRY_ASSIGN(parts->listeners, Listeners::start(config, parts->ca->authority(), clock));
  log(LogLevel::kInfo, "ca", "certificate authority serves",
      {{"https_port", parts->listeners->https_port()},
       {"coaps_port", parts->listeners->coaps_port()},
       {"root", parts->ca->authority().root().serial()}});
  return std::unique_ptr<CaService>(new CaService(std::move(parts)));
}

uint16_t CaService::https_port() const noexcept {
  return parts_->listeners->https_port();
}
uint16_t CaService::coaps_port() const noexcept {
  return parts_->listeners->coaps_port();
}
Authority& CaService::authority() noexcept {
  return parts_->ca->authority();
}
Outcome<bool> CaService::renew_if_due() {
  return parts_->listeners->renew_if_due();
}
void CaService::stop() {
  parts_->listeners->stop();
}

}  // namespace tailor::ca
