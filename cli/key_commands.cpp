// SPDX-License-Identifier: Apache-2.0
// `tailor key generate|show` and its short form `tailor keygen`: P-256 keys of authors and authorities.
#include "cli/key_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

Json describe_key(const std::string& file, const crypto::P256PublicKey& key) {
  return {{"file", file},
          {"type", "P-256"},
          {"thumbprint", to_hex(pki::thumbprint(key))},
          {"x", to_hex(ByteView(key.xy).first(32))},
          {"y", to_hex(ByteView(key.xy).last(32))}};
}

void write_key(std::ostream& out, const Json& key) {
  out << "thumbprint  " << key["thumbprint"].get<std::string>() << "\n";
}

struct GenerateOptions {
  std::string out, public_out;
};

Outcome<ExitCode> generate(Session& session, const GenerateOptions& options) {
  const std::filesystem::path out = options.out;
  std::filesystem::path public_out = options.public_out;
  if (public_out.empty()) public_out = std::filesystem::path(out).replace_extension(".pub");
  if (public_out == out) return fail(Error::kUsageInvalid, "public and private key would be the same file");
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const SecretString pem, key.to_pem());
  TAILOR_TRY_ASSIGN(const std::string public_pem, pki::public_key_to_pem(key.public_key()));
  TAILOR_TRY(write_output(out, as_bytes(pem.reveal()), FileMode::kPrivate, Overwrite::kRefuse));
  TAILOR_TRY(write_output(public_out, as_bytes(public_pem), FileMode::kPublic, Overwrite::kRefuse));
  Json document = describe_key(out.string(), key.public_key());
  document["public_file"] = public_out.string();
  session.print(document, [&](std::ostream& text) {
    text << "private key " << out.string() << " (keep it secret)\npublic key  " << public_out.string() << "\n";
    write_key(text, document);
  });
  return ExitCode::kOk;
}

}  // namespace

void add_key_generate(CLI::App& parent, const char* name, Session& session) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command = parent.add_subcommand(name, "make a P-256 key pair (PEM)");
  command->add_option("-o,--out", options->out, "file of the private key, readable by you alone")->required();
  command->add_option("--public", options->public_out, "file of the public key (default: the same name with .pub)");
  command->callback(
      [&session, options] { session.action = [&session, options] { return generate(session, *options); }; });
}

void add_key_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("key", "make and show signing keys");
  family->require_subcommand(1);
  add_key_generate(*family, "generate", session);
  add_key_generate(app, "keygen", session);

  auto file = std::make_shared<std::string>();
  CLI::App* show = family->add_subcommand("show", "show the thumbprint (COSE key id) of a key");
  show->add_option("FILE", *file, "PEM (public key, private key, certificate) or COSE_Key")->required();
  show->callback([&session, file] {
    session.action = [&session, file]() -> Outcome<ExitCode> {
      TAILOR_TRY_ASSIGN(const crypto::P256PublicKey key, read_public_key(*file));
      TAILOR_TRY_ASSIGN(const std::string pem, pki::public_key_to_pem(key));
      Json document = describe_key(*file, key);
      document["pem"] = pem;
      session.print(document, [&](std::ostream& out) {
        write_key(out, document);
        out << pem;
      });
      return ExitCode::kOk;
    };
  });
}

}  // namespace tailor::cli
