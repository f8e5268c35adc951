// SPDX-License-Identifier: Apache-2.0
// `tailor enrol` and `tailor renew`: certificates of operators and update servers, kept in a folder as key.pem,
// cert.pem and ca.pem. The private key is made here and never leaves.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/est_client.hpp"
#include "cli/files.hpp"
#include "cli/profile.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::cli {
namespace {

struct EnrolOptions {
  std::string ca, ca_certificate, code, code_file, role, name, server, out;
};

Json describe_certificate(const pki::Certificate& certificate, const std::string& folder) {
  Json document = {
      {"folder", folder}, {"serial", certificate.serial()}, {"not_after", to_rfc3339(certificate.not_after())}};
  if (certificate.identity()) {
    document["id"] = uuid_text(certificate.identity()->id);
    document["role"] = pki::to_text(certificate.identity()->role);
    document["tenant"] = certificate.identity()->tenant;
  }
  return document;
}

Outcome<SecretString> read_code(const EnrolOptions& options) {
  if (options.code.empty() == options.code_file.empty()) {
    return fail(Error::kUsageInvalid, "give the code by --code or by --code-file");
  }
  if (!options.code.empty()) return SecretString(options.code);
  TAILOR_TRY_ASSIGN(const Bytes content, read_input(options.code_file));
  std::string_view text = as_text(content);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return SecretString(text);
}

Outcome<ExitCode> enrol(Session& session, const EnrolOptions& options) {
  const std::filesystem::path folder = options.out;
  TAILOR_TRY_ASSIGN(const SecretString code, read_code(options));
  TAILOR_TRY_ASSIGN(const Bytes anchors, read_input(options.ca_certificate));
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const SecretString pem, key.to_pem());
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) return fail(Error::kFileFailed, folder.string() + ": " + made.message());
  // The key is on the disk before the code is spent: a code buys one certificate, and a certificate without its key is
  // lost.
  TAILOR_TRY(write_output(folder / "key.pem", as_bytes(pem.reveal()), FileMode::kPrivate, Overwrite::kRefuse));
  const EstServer server{.url = options.ca, .anchors_pem = std::string(as_text(anchors))};
  const auto certificate = est_enrol(server, options.role, code, key);
  if (!certificate.ok()) {
    std::error_code ignored;  // what is left behind is a key that no certificate names
    std::filesystem::remove(folder / "key.pem", ignored);
    return certificate.error();
  }
  TAILOR_TRY(write_output(folder / "cert.pem", as_bytes(certificate->to_pem()), FileMode::kPublic, Overwrite::kAllow));
  TAILOR_TRY(write_output(folder / "ca.pem", anchors, FileMode::kPublic, Overwrite::kAllow));
  Json document = describe_certificate(certificate.value(), folder.string());
  document["name"] = options.name;
  if (!options.server.empty()) {
    const Profile profile{.server_url = options.server,
                          .ca_url = options.ca,
                          .certificate = "cert.pem",
                          .key = "key.pem",
                          .authorities = "ca.pem"};
    TAILOR_TRY(
        write_output(folder / "tailor.toml", as_bytes(profile_to_toml(profile)), FileMode::kPublic, Overwrite::kAllow));
    document["profile"] = (folder / "tailor.toml").string();
  }
  session.print(document, [&](std::ostream& out) {
    out << options.name << " is " << options.role << " " << document["id"].get<std::string>() << " until "
        << document["not_after"].get<std::string>() << "\n"
        << "key, certificate and CA: " << folder.string() << "/{key,cert,ca}.pem\n";
    if (document.contains("profile")) {
      out << "profile: " << document["profile"].get<std::string>() << " (use it with --config)\n";
    }
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> renew(Session& session, const std::filesystem::path& folder, const std::string& ca) {
  TAILOR_TRY_ASSIGN(const Bytes anchors, read_input(folder / "ca.pem"));
  TAILOR_TRY_ASSIGN(const Bytes certificate_pem, read_input(folder / "cert.pem"));
  TAILOR_TRY_ASSIGN(const Bytes key_pem, read_input(folder / "key.pem"));
  TAILOR_TRY_ASSIGN(const pki::Certificate current, pki::Certificate::from_pem(as_text(certificate_pem)));
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::from_pem(as_text(key_pem)));
  const EstServer server{.url = ca, .anchors_pem = std::string(as_text(anchors))};
  TAILOR_TRY_ASSIGN(const pki::Certificate renewed, est_renew(server, current, key));
  TAILOR_TRY(write_output(folder / "cert.pem", as_bytes(renewed.to_pem()), FileMode::kPublic, Overwrite::kAllow));
  const Json document = describe_certificate(renewed, folder.string());
  session.print(document, [&](std::ostream& out) {
    out << "renewed until " << document["not_after"].get<std::string>() << ", serial number " << renewed.serial()
        << "\n";
  });
  return ExitCode::kOk;
}

}  // namespace

void add_enrol_commands(CLI::App& app, Session& session) {
  auto options = std::make_shared<EnrolOptions>();
  CLI::App* first = app.add_subcommand("enrol", "get a first certificate with a one-time code (tailor ca code)");
  first->add_option("--ca", options->ca, "the CA, https://host[:port]")->required();
  first->add_option("--ca-cert", options->ca_certificate, "the CA's certificate (PEM), got by a trusted way")
      ->required();
  first->add_option("--code", options->code, "the code; other users of this machine can see it in the process list");
  first->add_option("--code-file", options->code_file, "a file with the code");
  first->add_option("--role", options->role, "what the code is for")
      ->required()
      ->check(CLI::IsMember({"operator", "update-server"}));
  first->add_option("--name", options->name, "what people call it")->required();
  first->add_option("--server", options->server,
                    "also write a client profile for this update server, https://host[:port]");
  first->add_option("--out", options->out, "folder for key.pem, cert.pem, ca.pem")->required();
  first->callback([&session, options] { session.action = [&session, options] { return enrol(session, *options); }; });

  auto folder = std::make_shared<std::string>();
  auto ca = std::make_shared<std::string>();
  CLI::App* again = app.add_subcommand("renew", "renew the certificate in a folder that 'enrol' made");
  again->add_option("--dir", *folder, "the folder")->required();
  again->add_option("--ca", *ca, "the CA, https://host[:port]")->required();
  again->callback(
      [&session, folder, ca] { session.action = [&session, folder, ca] { return renew(session, *folder, *ca); }; });
}

}  // namespace tailor::cli
