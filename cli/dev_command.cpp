// SPDX-License-Identifier: Apache-2.0
// `tailor dev`: certificate authority and update server in one process, on SQLite in one folder, for a first look.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/ca_commands.hpp"
#include "cli/commands.hpp"
#include "cli/dev_folder.hpp"
#include "cli/service_settings.hpp"
#include "cli/stop_signal.hpp"
#include "services/ca/service.hpp"
#include "services/update/service.hpp"

namespace tailor::cli {
namespace {

struct Options {
  std::string folder = "tailor-dev";
  std::string ca_https = "127.0.0.1:8443", ca_coaps = "127.0.0.1:5684";
  std::string server_https = "127.0.0.1:8444", server_coaps = "127.0.0.1:5685";
};

Outcome<ca::CaConfig> ca_config(const std::filesystem::path& folder, const Options& options) {
  TAILOR_TRY_ASSIGN(const Listen https, listen_from_text(options.ca_https));
  TAILOR_TRY_ASSIGN(const Listen coaps, listen_from_text(options.ca_coaps));
  ca::CaConfig config;
  config.folder = folder / "ca";
  config.factory_anchors = {folder / "ca" / "factory.pem"};
  config.https_address = https.address;
  config.https_port = https.port;
  config.coaps_address = coaps.address;
  config.coaps_port = coaps.port;
  return config;
}

Outcome<update_server::UpdateServiceConfig> server_config(const std::filesystem::path& folder, const Options& options) {
  TAILOR_TRY_ASSIGN(const Listen https, listen_from_text(options.server_https));
  TAILOR_TRY_ASSIGN(const Listen coaps, listen_from_text(options.server_coaps));
  update_server::UpdateServiceConfig config;
  config.folder = folder / "server";
  config.certificate = config.folder / "cert.pem";
  config.key = config.folder / "key.pem";
  config.authorities = config.folder / "ca.pem";
  config.http_address = https.address;
  config.http_port = https.port;
  config.coaps_address = coaps.address;
  config.coaps_port = coaps.port;
  return config;
}

void write_next_steps(std::ostream& out, const std::string& folder, const DevAddresses& at) {
  const std::string tailor = "  tailor --config " + folder + "/tailor.toml ";
  out << "CA             https://" << at.ca_https << "  coaps://" << at.ca_coaps << "\n"
      << "update server  https://" << at.server_https << "  coaps://" << at.server_coaps << "\n"
      << "\nType next, in another terminal. A device is born:\n"
      << "  tailor factory create --vendor example.com --class bulb --ca-uri coaps://" << at.ca_coaps << " --trust "
      << folder << "/trust.cbor --anchor " << folder << "/keys/authority.pub -o lamp.bundle\n"
      << "  tailor ca devices add --dir " << folder << "/ca lamp.bundle.json\n"
      << "An image is published and ordered:\n"
      << "  tailor manifest create --image IMAGE --vendor example.com --class bulb --sequence 2 --version 2.0.0 --key "
      << folder << "/keys/author.key -o v2.suit\n"
      << tailor << "upload IMAGE v2.suit\n"
      << tailor << "deploy create --manifest DIGEST --filter 'version!=2.0.0'\n"
      << "And followed:\n"
      << tailor << "devices list\n"
      << tailor << "watch DEPLOYMENT\n"
      << "\nCtrl-C ends it; the folder " << folder << " keeps everything.\n";
}

Outcome<ExitCode> dev(Session& session, const Options& options) {
  const StopSignal stop;
  const SystemUtcClock clock;
  const std::filesystem::path folder = options.folder;
  TAILOR_TRY_ASSIGN(const ca::CaConfig ca, ca_config(folder, options));
  TAILOR_TRY_ASSIGN(update_server::UpdateServiceConfig server, server_config(folder, options));
  LogConfig log;
  log.level = LogLevel::kWarning;
  TAILOR_TRY(configure_log(log));
  if (!std::filesystem::exists(ca.folder / ca::CaFiles::kRootCertificate)) {
    TAILOR_TRY(init_ca_folder(ca.folder, "Tailor development", "default", clock));
  }
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::CaService> authority, ca::CaService::start(ca, clock));
  TAILOR_TRY(prepare_dev_folder(folder, authority->authority(), ca.host_names, clock));
  server.revocation_list = "https://" + to_text(Listen{ca.https_address, authority->https_port()}) + "/crl";
  TAILOR_TRY_ASSIGN(const auto service, update_server::UpdateService::start(server, clock));

  const DevAddresses addresses{.ca_https = to_text(Listen{ca.https_address, authority->https_port()}),
                               .ca_coaps = to_text(Listen{ca.coaps_address, authority->coaps_port()}),
                               .server_https = to_text(Listen{server.http_address, service->http_port()}),
                               .server_coaps = to_text(Listen{server.coaps_address, service->coaps_port()})};
  TAILOR_TRY(write_dev_profile(folder, addresses));
  const Json document = {{"folder", options.folder},
                         {"ca", {{"https", addresses.ca_https}, {"coaps", addresses.ca_coaps}}},
                         {"update_server", {{"https", addresses.server_https}, {"coaps", addresses.server_coaps}}},
                         {"profile", options.folder + "/tailor.toml"}};
  session.print(document, [&](std::ostream& out) { write_next_steps(out, options.folder, addresses); });
  session.out.flush();
  session.wait_for_stop ? session.wait_for_stop() : stop.wait();
  service->stop();
  authority->stop();
  return ExitCode::kOk;
}

}  // namespace

void add_dev_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("dev", "CA and update server in one process, for a first look");
  command->add_option("--dir", options->folder, "folder that keeps everything (default: tailor-dev)");
  command->add_option("--ca-https", options->ca_https, "address and port of the CA (default: 127.0.0.1:8443)");
  command->add_option("--ca-coaps", options->ca_coaps,
                      "address and port of the CA for devices (default: 127.0.0.1:5684)");
  command->add_option("--https", options->server_https,
                      "address and port of the update server (default: 127.0.0.1:8444)");
  command->add_option("--coaps", options->server_coaps,
                      "address and port of the update server for devices (default: 127.0.0.1:5685)");
  command->callback([&session, options] { session.action = [&session, options] { return dev(session, *options); }; });
}

}  // namespace tailor::cli
