// SPDX-License-Identifier: Apache-2.0
// `tailor update-server serve|backup|restore`: runs an update server from its folder, which 'tailor enrol' made.
#include "cli/update_server_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/service_settings.hpp"
#include "cli/stop_signal.hpp"

namespace tailor::cli {
namespace {

struct Place {
  std::string folder, settings;
};

struct ServeOptions {
  std::string https, coaps;
};

void add_place(CLI::App* command, const std::shared_ptr<Place>& place) {
  command
      ->add_option("--dir", place->folder,
                   "folder of the update server, with cert.pem, key.pem, ca.pem of 'tailor enrol'")
      ->required();
  command->add_option("--settings", place->settings,
                      "settings (TOML; default: update-server.toml in the folder, if it is there)");
}

Outcome<UpdateServerSettings> read_settings(const Place& place) {
  TAILOR_TRY_ASSIGN(Config file,
                    open_settings(place.settings, std::filesystem::path(place.folder) / "update-server.toml"));
  return read_update_server_settings(file, place.folder);
}

Outcome<ExitCode> serve(Session& session, const Place& place, const ServeOptions& options) {
  const StopSignal stop;
  const SystemUtcClock clock;
  TAILOR_TRY_ASSIGN(UpdateServerSettings settings, read_settings(place));
  update_server::UpdateServiceConfig& config = settings.config;
  if (!options.https.empty()) {
    TAILOR_TRY_ASSIGN(const Listen listen, listen_from_text(options.https));
    config.http_address = listen.address;
    config.http_port = listen.port;
  }
  if (!options.coaps.empty()) {
    TAILOR_TRY_ASSIGN(const Listen listen, listen_from_text(options.coaps));
    config.coaps_address = listen.address;
    config.coaps_port = listen.port;
  }
  if (!std::filesystem::exists(config.certificate)) {
    return fail(Error::kFileFailed, config.certificate.string() +
                                        " is not there; 'tailor enrol --role update-server --out " + place.folder +
                                        "' gets it");
  }
  TAILOR_TRY(configure_log(settings.log));
  TAILOR_TRY_ASSIGN(const auto service, update_server::UpdateService::start(config, clock));
  const Json document = {{"https", to_text(Listen{config.http_address, service->http_port()})},
                         {"coaps", to_text(Listen{config.coaps_address, service->coaps_port()})}};
  session.print(document, [&](std::ostream& out) {
    out << "update server serves operators at https://" << document["https"].get<std::string>()
        << " and devices at coaps://" << document["coaps"].get<std::string>() << "\n";
  });
  session.out.flush();
  session.wait_for_stop ? session.wait_for_stop() : stop.wait();
  service->stop();
  return ExitCode::kOk;
}

Outcome<ExitCode> back_up(Session& session, const Place& place, const std::string& target) {
  TAILOR_TRY_ASSIGN(const UpdateServerSettings settings, read_settings(place));
  TAILOR_TRY(update_server::backup(settings.config, target));
  session.print({{"backup", target}}, [&](std::ostream& out) {
    out << target << ": store, images and envelopes of " << place.folder << " (keys and settings are not in it)\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> put_back(Session& session, const Place& place, const std::string& source) {
  TAILOR_TRY_ASSIGN(const UpdateServerSettings settings, read_settings(place));
  TAILOR_TRY(update_server::restore(settings.config, source));
  session.print({{"restored", source}},
                [&](std::ostream& out) { out << place.folder << " is what " << source << " kept\n"; });
  return ExitCode::kOk;
}

}  // namespace

Outcome<UpdateServerSettings> read_update_server_settings(Config& file, const std::filesystem::path& folder) {
  Config table = file.table("update_server");
  // Where 'tailor enrol' puts them, unless the settings say otherwise.
  const bool own_certificate = table.has("certificate"), own_key = table.has("key"),
             own_roots = table.has("authorities");
  UpdateServerSettings out{.config = update_server::read_update_config(table),
                           .log = read_log_config(file.table("log"))};
  TAILOR_TRY(file.finish());
  out.config.folder = folder;
  if (!own_certificate) out.config.certificate = folder / "cert.pem";
  if (!own_key) out.config.key = folder / "key.pem";
  if (!own_roots) out.config.authorities = folder / "ca.pem";
  return out;
}

void add_update_server_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("update-server", "run and back up an update server");
  family->require_subcommand(1);
  auto place = std::make_shared<Place>();

  auto serving = std::make_shared<ServeOptions>();
  CLI::App* run = family->add_subcommand("serve", "serve devices and operators until SIGINT or SIGTERM");
  add_place(run, place);
  run->add_option("--https", serving->https, "address and port of the operator API (default: by the settings)");
  run->add_option("--coaps", serving->coaps, "address and port for devices (default: by the settings)");
  run->callback([&session, place, serving] {
    session.action = [&session, place, serving] { return serve(session, *place, *serving); };
  });

  auto copy = std::make_shared<std::string>();
  CLI::App* save =
      family->add_subcommand("backup", "copy store, images and envelopes to a new folder; the server may run");
  add_place(save, place);
  save->add_option("--to", *copy, "the new folder")->required();
  save->callback([&session, place, copy] {
    session.action = [&session, place, copy] { return back_up(session, *place, *copy); };
  });
  CLI::App* load = family->add_subcommand("restore", "put a backup back; the server must not run");
  add_place(load, place);
  load->add_option("--from", *copy, "a folder that 'backup' wrote")->required();
  load->callback([&session, place, copy] {
    session.action = [&session, place, copy] { return put_back(session, *place, *copy); };
  });
}

}  // namespace tailor::cli
