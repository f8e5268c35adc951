// SPDX-License-Identifier: Apache-2.0
// `tailor ca init|serve|code|devices|certificates|certificate|revoke|crl`: runs and administers a certificate authority
// in its folder. Administration works beside a running service: the database sees to that.
#include "cli/ca_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/factory.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/service_settings.hpp"
#include "cli/stop_signal.hpp"
#include "cli/table.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/issue.hpp"
#include "pki/key.hpp"
#include "services/ca/service.hpp"

namespace tailor::cli {
namespace {

/// A manufacturer's root for first looks: it signs the factory certificates of mode idevid.
constexpr const char* kFactoryRoot = "factory.pem";
constexpr const char* kFactoryKey = "factory.key";

/// What every command of the family takes.
struct Place {
  std::string folder, settings;
};

void add_place(CLI::App* command, const std::shared_ptr<Place>& place) {
  command->add_option("--dir", place->folder, "folder of the certificate authority")->required();
  command->add_option("--settings", place->settings, "settings (TOML; default: ca.toml in the folder, if it is there)");
}

/// The authority's configuration, and how its service logs.
struct Settings {
  ca::CaConfig config;
  LogConfig log;
};

Outcome<Settings> read_settings(const Place& place) {
  const std::filesystem::path folder = place.folder;
  TAILOR_TRY_ASSIGN(Config file, open_settings(place.settings, folder / "ca.toml"));
  Settings out{.config = ca::read_ca_config(file.table("ca")), .log = read_log_config(file.table("log"))};
  TAILOR_TRY(file.finish());
  out.config.folder = folder;
  if (out.config.factory_anchors.empty() && std::filesystem::exists(folder / kFactoryRoot)) {
    out.config.factory_anchors.push_back(folder / kFactoryRoot);
  }
  return out;
}

Outcome<std::unique_ptr<ca::OpenCa>> open_ca(const Place& place) {
  static const SystemUtcClock kClock;
  TAILOR_TRY_ASSIGN(const Settings settings, read_settings(place));
  // The command says what it did; the service's log lines would say it twice.
  LogConfig quiet;
  quiet.level = LogLevel::kWarning;
  TAILOR_TRY(configure_log(quiet));
  auto opened = ca::OpenCa::open(settings.config, kClock);
  if (!opened.ok() && opened.error().code == Error::kNotFound) {
    return fail(Error::kFileFailed, place.folder + " holds no certificate authority; 'tailor ca init' makes one");
  }
  return opened;
}

struct InitOptions {
  std::string folder, name = "Tailor", tenant = "default";
};

Outcome<ExitCode> init(Session& session, const InitOptions& options) {
  const SystemUtcClock clock;
  TAILOR_TRY_ASSIGN(const pki::Certificate root, init_ca_folder(options.folder, options.name, options.tenant, clock));
  const Json document = {{"folder", options.folder},
                         {"certificate", options.folder + "/ca.pem"},
                         {"not_after", to_rfc3339(root.not_after())}};
  session.print(document, [&](std::ostream& out) {
    out << "root certificate " << options.folder << "/ca.pem, valid until " << to_rfc3339(root.not_after()) << "\n"
        << "keep the *.key files in " << options.folder << " secret and backed up\n";
  });
  return ExitCode::kOk;
}

struct ServeOptions {
  std::string https, coaps;
};

Outcome<ExitCode> serve(Session& session, const Place& place, const ServeOptions& options) {
  const StopSignal stop;
  const SystemUtcClock clock;
  TAILOR_TRY_ASSIGN(Settings settings, read_settings(place));
  if (!options.https.empty()) {
    TAILOR_TRY_ASSIGN(const Listen listen, listen_from_text(options.https));
    settings.config.https_address = listen.address;
    settings.config.https_port = listen.port;
  }
  if (!options.coaps.empty()) {
    TAILOR_TRY_ASSIGN(const Listen listen, listen_from_text(options.coaps));
    settings.config.coaps_address = listen.address;
    settings.config.coaps_port = listen.port;
  }
  TAILOR_TRY(configure_log(settings.log));
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::CaService> service, ca::CaService::start(settings.config, clock));
  const Json document = {{"https", to_text(Listen{settings.config.https_address, service->https_port()})},
                         {"coaps", to_text(Listen{settings.config.coaps_address, service->coaps_port()})}};
  session.print(document, [&](std::ostream& out) {
    out << "CA serves EST at https://" << document["https"].get<std::string>() << " and EST-coaps at coaps://"
        << document["coaps"].get<std::string>() << "\n";
  });
  session.out.flush();
  session.wait_for_stop ? session.wait_for_stop() : stop.wait();
  service->stop();
  return ExitCode::kOk;
}

struct CodeOptions {
  std::string role, id, tenant = "default";
  std::vector<std::string> host_names;
  unsigned hours = 0;
};

Outcome<ExitCode> code(Session& session, const Place& place, const CodeOptions& options) {
  ca::NewCode wanted;
  wanted.role = *pki::role_from_text(options.role);
  wanted.tenant = options.tenant;
  if (!options.id.empty()) {
    TAILOR_TRY_ASSIGN(const Uuid id, with_context(Uuid::from_text(options.id), "--id"));
    wanted.id = id;
  }
  wanted.host_names = options.host_names;
  // A server whose names nobody gave is one for this machine.
  if (wanted.role == pki::Role::kUpdateServer && wanted.host_names.empty()) {
    wanted.host_names = {"localhost", "127.0.0.1", "::1"};
  }
  if (options.hours > 0) wanted.lifetime = std::chrono::hours(options.hours);
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  TAILOR_TRY_ASSIGN(const ca::IssuedCode issued, opened->authority().issue_code(wanted));
  const Json document = {{"code", issued.code.reveal()},       {"role", options.role},
                         {"id", uuid_text(issued.subject.id)}, {"tenant", issued.subject.tenant},
                         {"host_names", wanted.host_names},    {"expires_at", to_rfc3339(issued.expires_at)}};
  session.print(document, [&](std::ostream& out) {
    out << issued.code.reveal() << "\n"
        << "one certificate of role " << options.role << " for " << uuid_text(issued.subject.id) << ", until "
        << to_rfc3339(issued.expires_at) << "; shown once\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> add_devices(Session& session, const Place& place, const std::vector<std::string>& files) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  Json added = Json::array();
  for (const std::string& file : files) {
    TAILOR_TRY_ASSIGN(Bytes content, read_input(file));
    Outcome<authoring::FactoryRecord> record = authoring::record_from_json(as_text(content));
    wipe(content);
    if (!record.ok()) return fail(record.error().code, file + ": " + record.error().context);
    ca::NewDevice device;
    device.id = record->device;
    device.tenant = record->tenant;
    device.secret = std::move(record->factory_secret);
    device.key_pairs = record->key_pairs;
    TAILOR_TRY(with_context(opened->authority().register_device(device), file));
    added.push_back({{"device", uuid_text(device.id)}, {"file", file}});
  }
  session.print({{"items", added}}, [&](std::ostream& out) {
    for (const Json& item : added) out << "device " << item["device"].get<std::string>() << " may enrol\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> retire(Session& session, const Place& place, const std::string& text) {
  TAILOR_TRY_ASSIGN(const Uuid id, with_context(Uuid::from_text(text), "device"));
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  TAILOR_TRY(with_context(opened->authority().retire_device(id), "device " + text));
  session.print({{"device", uuid_text(id)}, {"retired", true}}, [&](std::ostream& out) {
    out << "device " << uuid_text(id) << " is retired: its certificates are revoked, it enrols no more\n";
  });
  return ExitCode::kOk;
}

Json to_json(const ca::CertificateRecord& record) {
  return {{"serial", record.serial},
          {"role", pki::to_text(record.subject.role)},
          {"id", uuid_text(record.subject.id)},
          {"tenant", record.subject.tenant},
          {"origin", ca::to_text(record.origin)},
          {"issued_at", to_rfc3339(record.issued_at)},
          {"not_after", to_rfc3339(record.not_after)},
          {"used_at", record.used_at ? Json(to_rfc3339(*record.used_at)) : Json(nullptr)},
          {"revoked_at", record.revoked_at ? Json(to_rfc3339(*record.revoked_at)) : Json(nullptr)},
          {"reason", record.revoked_at ? Json(pki::to_text(record.reason)) : Json(nullptr)}};
}

struct ListOptions {
  std::string role, id, tenant = "default";
};

Outcome<ExitCode> certificates(Session& session, const Place& place, const ListOptions& options) {
  constexpr size_t kPage = 500;
  ca::CertificateFilter filter;
  filter.tenant = options.tenant;
  if (!options.role.empty()) filter.role = pki::role_from_text(options.role);
  if (!options.id.empty()) {
    TAILOR_TRY_ASSIGN(const Uuid id, with_context(Uuid::from_text(options.id), "--id"));
    filter.id = id;
  }
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  Json items = Json::array();
  ca::CertificateCursor cursor;
  while (true) {
    TAILOR_TRY_ASSIGN(const std::vector<ca::CertificateRecord> page,
                      opened->authority().certificates(filter, cursor, kPage));
    for (const ca::CertificateRecord& record : page) items.push_back(to_json(record));
    if (page.size() < kPage) break;
    cursor = {to_unix_ms(page.back().issued_at), page.back().serial};
  }
  session.print({{"items", items}}, [&](std::ostream& out) {
    Table table({"SERIAL", "ROLE", "ID", "ORIGIN", "ISSUED", "UNTIL", "REVOKED"});
    for (const Json& item : items) {
      table.add({item["serial"], item["role"], item["id"], item["origin"], item["issued_at"], item["not_after"],
                 item["revoked_at"].is_null() ? std::string("-") : item["revoked_at"].get<std::string>()});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> export_certificate(Session& session, const Place& place, const std::string& serial,
                                     const std::string& file) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  TAILOR_TRY_ASSIGN(const ca::CertificateRecord record,
                    with_context(opened->authority().certificate(serial), "certificate " + serial));
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, pki::Certificate::from_der(record.der));
  TAILOR_TRY(write_output(file, as_bytes(certificate.to_pem()), FileMode::kPublic, Overwrite::kAllow));
  session.print({{"file", file}, {"serial", serial}, {"id", uuid_text(record.subject.id)}}, [&](std::ostream& out) {
    out << file << ": certificate " << serial << " of " << uuid_text(record.subject.id) << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> revoke(Session& session, const Place& place, const std::string& serial, const std::string& reason) {
  const auto known = pki::reason_from_text(reason);
  if (!known) return fail(Error::kUsageInvalid, "--reason: '" + reason + "' is none of RFC 5280 that we give");
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  TAILOR_TRY(with_context(opened->authority().revoke(serial, *known), "certificate " + serial));
  session.print({{"serial", serial}, {"reason", reason}}, [&](std::ostream& out) {
    out << "revoked " << serial << " (" << reason
        << "); servers learn it from the revocation list, devices from the next "
        << "trust store\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> crl(Session& session, const Place& place, const std::string& file) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<ca::OpenCa> opened, open_ca(place));
  TAILOR_TRY_ASSIGN(const pki::Crl list, opened->authority().crl());
  TAILOR_TRY(write_output(file, as_bytes(list.to_pem()), FileMode::kPublic, Overwrite::kAllow));
  session.print({{"file", file},
                 {"number", list.number()},
                 {"revoked", list.size()},
                 {"next_update", to_rfc3339(list.next_update())}},
                [&](std::ostream& out) {
                  out << file << ": revocation list " << list.number() << ", " << list.size()
                      << " certificates, next by " << to_rfc3339(list.next_update()) << "\n";
                });
  return ExitCode::kOk;
}

void add_device_records(CLI::App& family, Session& session) {
  CLI::App* devices = family.add_subcommand("devices", "devices that may enrol");
  devices->require_subcommand(1);
  auto place = std::make_shared<Place>();
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* add = devices->add_subcommand("add", "register devices by the records that 'tailor factory create' wrote");
  add_place(add, place);
  add->add_option("FILE", *files, "record; may be repeated")->required();
  add->callback([&session, place, files] {
    session.action = [&session, place, files] { return add_devices(session, *place, *files); };
  });
  auto id = std::make_shared<std::string>();
  CLI::App* end = devices->add_subcommand("retire", "revoke a device's certificates; it enrols no more");
  add_place(end, place);
  end->add_option("DEVICE", *id, "the device's UUID")->required();
  end->callback(
      [&session, place, id] { session.action = [&session, place, id] { return retire(session, *place, *id); }; });
}

void add_certificates(CLI::App& family, Session& session) {
  auto place = std::make_shared<Place>();
  auto options = std::make_shared<ListOptions>();
  CLI::App* list = family.add_subcommand("certificates", "list certificates, the oldest first");
  add_place(list, place);
  list->add_option("--role", options->role, "only this role")
      ->check(CLI::IsMember({"device", "update-server", "operator", "ca"}));
  list->add_option("--id", options->id, "only of this UUID");
  list->add_option("--tenant", options->tenant, "tenant (default: default)");
  list->callback([&session, place, options] {
    session.action = [&session, place, options] { return certificates(session, *place, *options); };
  });

  auto serial = std::make_shared<std::string>();
  auto exported = std::make_shared<std::string>();
  CLI::App* exporting = family.add_subcommand("certificate", "write one certificate, e.g. to encrypt for its holder");
  add_place(exporting, place);
  exporting->add_option("SERIAL", *serial, "serial number as 'certificates' shows it")->required();
  exporting->add_option("-o,--out", *exported, "file to write (PEM)")->required();
  exporting->callback([&session, place, serial, exported] {
    session.action = [&session, place, serial, exported] {
      return export_certificate(session, *place, *serial, *exported);
    };
  });

  auto reason = std::make_shared<std::string>("unspecified");
  CLI::App* revoking = family.add_subcommand("revoke", "revoke a certificate");
  add_place(revoking, place);
  revoking->add_option("SERIAL", *serial, "serial number as 'certificates' shows it")->required();
  revoking->add_option("--reason", *reason,
                       "key-compromise, superseded, cessation-of-operation, privilege-withdrawn, ...");
  revoking->callback([&session, place, serial, reason] {
    session.action = [&session, place, serial, reason] { return revoke(session, *place, *serial, *reason); };
  });

  auto file = std::make_shared<std::string>();
  CLI::App* list_file = family.add_subcommand("crl", "write the revocation list in force");
  add_place(list_file, place);
  list_file->add_option("-o,--out", *file, "file to write (PEM)")->required();
  list_file->callback(
      [&session, place, file] { session.action = [&session, place, file] { return crl(session, *place, *file); }; });
}

/// A root of our own in the place of a manufacturer's, so that mode idevid can be tried at once.
Outcome<void> make_factory_root(const std::filesystem::path& folder, const std::string& name, const std::string& tenant,
                                const UtcClock& clock) {
  constexpr std::chrono::hours kValidity{24 * 365 * 50};
  TAILOR_TRY_ASSIGN(const Uuid id, uuid4());
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(
      const pki::Issuer root,
      pki::make_root(key, {.tenant = tenant, .role = pki::Role::kCa, .id = id}, name + " factory",
                     {.not_before = clock.now() - std::chrono::hours(1), .not_after = clock.now() + kValidity}));
  TAILOR_TRY(key.write(folder / kFactoryKey));
  return write_output(folder / kFactoryRoot, as_bytes(root.certificate.to_pem()), FileMode::kPublic,
                      Overwrite::kRefuse);
}

}  // namespace

Outcome<pki::Certificate> init_ca_folder(const std::filesystem::path& folder, const std::string& name,
                                         const std::string& tenant, const UtcClock& clock) {
  ca::CaInit wanted;
  wanted.folder = folder;
  wanted.tenant = tenant;
  wanted.name = name;
  TAILOR_TRY_ASSIGN(pki::Certificate root, ca::init_ca(wanted, clock));
  TAILOR_TRY(make_factory_root(folder, name, tenant, clock));
  return root;
}

void add_ca_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("ca", "run and administer a certificate authority");
  family->require_subcommand(1);

  auto first = std::make_shared<InitOptions>();
  CLI::App* make = family->add_subcommand("init", "make a certificate authority in a new folder");
  make->add_option("--dir", first->folder, "the folder")->required();
  make->add_option("--name", first->name, "name in the root certificate, for people (default: Tailor)");
  make->add_option("--tenant", first->tenant, "tenant (default: default)");
  make->callback([&session, first] { session.action = [&session, first] { return init(session, *first); }; });

  auto place = std::make_shared<Place>();
  auto serving = std::make_shared<ServeOptions>();
  CLI::App* run = family->add_subcommand("serve", "serve EST over HTTPS and EST-coaps until SIGINT or SIGTERM");
  add_place(run, place);
  run->add_option("--https", serving->https, "address and port of EST over HTTPS (default: by the settings)");
  run->add_option("--coaps", serving->coaps, "address and port of EST-coaps (default: by the settings)");
  run->callback([&session, place, serving] {
    session.action = [&session, place, serving] { return serve(session, *place, *serving); };
  });

  auto options = std::make_shared<CodeOptions>();
  CLI::App* one_time = family->add_subcommand("code", "make a one-time code for a first certificate (tailor enrol)");
  add_place(one_time, place);
  one_time->add_option("--role", options->role, "operator or update-server")
      ->required()
      ->check(CLI::IsMember({"operator", "update-server"}));
  one_time
      ->add_option("--host", options->host_names,
                   "name or address of an update server; may be repeated (default: this machine)")
      ->allow_extra_args(false);
  one_time->add_option("--id", options->id, "UUID of the subject (default: a new one)");
  one_time->add_option("--tenant", options->tenant, "tenant (default: default)");
  one_time->add_option("--hours", options->hours, "lifetime of the code (default: by the settings)")
      ->check(CLI::NonNegativeNumber)
      ->check(CLI::Range(1, 720));
  one_time->callback([&session, place, options] {
    session.action = [&session, place, options] { return code(session, *place, *options); };
  });

  add_device_records(*family, session);
  add_certificates(*family, session);
}

}  // namespace tailor::cli
