// SPDX-License-Identifier: Apache-2.0
// `tailor trust create|sign|show|keygen`: the offline work of the trust provisioning authority. Needs no network and no
// profile.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/trust.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/key_commands.hpp"
#include "core/cose/sign1.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

struct Options {
  std::string in, out, key;
};

std::string rights_text(const authoring::ComponentParts& prefix) {
  return prefix.empty() ? "*" : authoring::component_to_text(prefix);
}

Json to_json(const authoring::TrustDescription& store) {
  Json document = {{"version", store.version},         {"signers", Json::array()},   {"servers", Json::array()},
                   {"server_uris", store.server_uris}, {"operators", Json::array()}, {"authorities", Json::array()},
                   {"revoked", Json::array()}};
  for (const auto& signer : store.signers) {
    Json components = Json::array();
    for (const auto& prefix : signer.rights) components.push_back(rights_text(prefix.prefix));
    document["signers"].push_back(
        {{"thumbprint", to_hex(cose::thumbprint(signer.key).value())}, {"components", components}});
  }
  for (const Uuid& id : store.servers) document["servers"].push_back(uuid_text(id));
  for (const Uuid& id : store.operators) document["operators"].push_back(uuid_text(id));
  for (const Bytes& der : store.authorities) {
    const auto certificate = pki::Certificate::from_der(der);
    document["authorities"].push_back(
        certificate.ok()
            ? Json{{"subject", certificate->common_name()}, {"not_after", to_rfc3339(certificate->not_after())}}
            : Json{{"subject", "unreadable: " + certificate.error().context}, {"not_after", ""}});
  }
  for (const Bytes& serial : store.revoked_serials) document["revoked"].push_back(to_hex(serial));
  return document;
}

void write_text(std::ostream& out, const Json& document) {
  out << "version     " << document["version"] << "\n";
  for (const auto& signer : document["signers"]) {
    std::string components;
    for (const auto& component : signer["components"]) components += " " + component.get<std::string>();
    out << "signer      " << signer["thumbprint"].get<std::string>() << " may write" << components << "\n";
  }
  for (const auto& id : document["servers"]) out << "server      " << id.get<std::string>() << "\n";
  for (const auto& uri : document["server_uris"]) out << "server URI  " << uri.get<std::string>() << "\n";
  for (const auto& id : document["operators"]) out << "operator    " << id.get<std::string>() << "\n";
  for (const auto& authority : document["authorities"]) {
    out << "authority   " << authority["subject"].get<std::string>() << ", until "
        << authority["not_after"].get<std::string>() << "\n";
  }
  for (const auto& serial : document["revoked"]) out << "revoked     " << serial.get<std::string>() << "\n";
  out << "signature   " << document["signature"].get<std::string>() << "\n";
}

Outcome<ExitCode> finish(Session& session, const Options& options, const Bytes& bytes,
                         const authoring::TrustDescription& store, const char* signature) {
  TAILOR_TRY(write_output(options.out, bytes, FileMode::kPublic, Overwrite::kAllow));
  Json document = to_json(store);
  document["signature"] = signature;
  document["file"] = options.out;
  document["size_bytes"] = bytes.size();
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": trust store version " << store.version << ", " << bytes.size() << " bytes, " << signature
        << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> create(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription store, authoring::read_trust_description(options.in));
  TAILOR_TRY_ASSIGN(const Bytes document, authoring::encode_trust_store(store));
  if (options.key.empty()) return finish(session, options, document, store, "not signed");
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(options.key));
  TAILOR_TRY_ASSIGN(const Bytes sealed, authoring::seal_trust_store(document, key));
  return finish(session, options, sealed, store, "signed");
}

Outcome<ExitCode> sign(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Bytes document, read_input(options.in));
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription store, authoring::decode_trust_store(document));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(options.key));
  TAILOR_TRY_ASSIGN(const Bytes sealed, authoring::seal_trust_store(document, key));
  return finish(session, options, sealed, store, "signed");
}

Outcome<ExitCode> show(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Bytes bytes, read_input(options.in));
  const auto message = cose::decode_sign1(bytes);
  const ByteView document = message.ok() ? message->payload : ByteView(bytes);
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription store, authoring::decode_trust_store(document));
  Json out = to_json(store);
  out["signature"] = message.ok() ? "not checked (no --key)" : "none";
  ExitCode code = ExitCode::kOk;
  if (!options.key.empty()) {
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey anchor, read_public_key(options.key));
    const auto opened = authoring::open_trust_store(bytes, anchor);
    out["signature"] = opened.ok() ? "valid" : "INVALID under this key";
    if (!opened.ok()) code = ExitCode::kRefused;
  }
  session.print(out, [&](std::ostream& text) { write_text(text, out); });
  return code;
}

using Action = Outcome<ExitCode> (*)(Session&, const Options&);

void set_action(CLI::App* command, Session& session, const std::shared_ptr<Options>& options, Action action) {
  command->callback([&session, options, action] {
    session.action = [&session, options, action] { return action(session, *options); };
  });
}

}  // namespace

void add_trust_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("trust", "make, sign and show trust stores (offline)");
  family->require_subcommand(1);
  add_key_generate(*family, "keygen", session);

  auto options = std::make_shared<Options>();
  CLI::App* make = family->add_subcommand("create", "encode a trust store from its TOML description");
  make->add_option("DESCRIPTION", options->in, "TOML: version, signers, servers, operators, authorities, revoked")
      ->required();
  make->add_option("--key", options->key, "sign at once with the authority's private key");
  make->add_option("-o,--out", options->out, "file to write")->required();
  set_action(make, session, options, create);

  options = std::make_shared<Options>();
  CLI::App* seal = family->add_subcommand("sign", "sign an encoded trust store with the authority's key");
  seal->add_option("FILE", options->in, "what 'create' wrote without --key")->required();
  seal->add_option("--key", options->key, "the authority's private key (PEM)")->required();
  seal->add_option("-o,--out", options->out, "file to write")->required();
  set_action(seal, session, options, sign);

  options = std::make_shared<Options>();
  CLI::App* view = family->add_subcommand("show", "show a trust store; exit code 1 when the signature does not hold");
  view->add_option("FILE", options->in, "trust store, signed or not")->required();
  view->add_option("--key", options->key, "check the signature under this public key");
  set_action(view, session, options, show);
}

}  // namespace tailor::cli
