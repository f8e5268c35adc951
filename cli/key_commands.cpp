// SPDX-License-Identifier: Apache-2.0
// `tailor key generate|show` and its short form `tailor keygen`: keys of authors and authorities, of every kind that
// SUIT's algorithm profiles sign with.
#include "cli/key_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/hss/hss_key.hpp"
#include "authoring/signing/key_formats.hpp"
#include "authoring/signing/pkcs11_key.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "core/cose/key.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

constexpr size_t kHmacBytes = 32;  // as long as the tag, RFC 2104 3

/// What a person or a program is told of a key; of a secret one nothing that helps to guess it.
Outcome<Json> describe_key(const std::string& file, const cose::VerificationKey& key) {
  Json document{{"file", file}};
  if (key.kind() == cose::KeyKind::kHmac256) {
    document["type"] = "HMAC-256";
    document["bits"] = key.bytes().size() * 8;
    return document;
  }
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest thumbprint, with_context(cose::thumbprint(key), file));
  document["thumbprint"] = to_hex(thumbprint);
  switch (key.kind()) {
    case cose::KeyKind::kP256:
      document["type"] = "P-256";
      document["x"] = to_hex(key.bytes().first(32));
      document["y"] = to_hex(key.bytes().last(32));
      break;
    case cose::KeyKind::kEd25519:
      document["type"] = "Ed25519";
      document["public_key"] = to_hex(key.bytes());
      break;
    case cose::KeyKind::kHssLms:
      document["type"] = "HSS-LMS";
      document["public_key"] = to_hex(key.bytes());
      break;
    default:
      return fail(Error::kAlgorithmUnsupported, file + ": signs nothing");
  }
  return document;
}

void write_key(std::ostream& out, const Json& key) {
  if (key["type"] != "P-256") out << "type        " << key["type"].get<std::string>() << "\n";
  if (key.contains("thumbprint")) out << "thumbprint  " << key["thumbprint"].get<std::string>() << "\n";
  if (key.contains("bits")) out << "length      " << key["bits"] << " bits\n";
  if (key.contains("parameters")) {
    out << "parameters  " << key["parameters"].get<std::string>() << "\nsignatures  " << key["left"] << " of "
        << key["capacity"] << " left\n";
  }
}

/// Adds what only the holder of an HSS/LMS key file sees.
Outcome<void> add_hss_status(const std::string& file, ByteView content, Json& document) {
  TAILOR_TRY_ASSIGN(const authoring::HssKeyStatus status, authoring::hss_key_status(file, content));
  document["parameters"] = status.parameters;
  document["capacity"] = status.capacity;
  document["left"] = status.left;
  return kOk;
}

Outcome<void> write_cose_key(const std::filesystem::path& path, const cose::VerificationKey& key, FileMode mode) {
  std::array<uint8_t, cose::kMaxKeyBytes> buffer{};
  TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(cose::encode_key(cose::Key{key, {}, 0}, buffer), "COSE_Key"));
  auto written = write_output(path, encoded, mode, Overwrite::kRefuse);
  wipe(buffer);
  return written;
}

struct GenerateOptions {
  std::string type = "p256";
  std::string parameters = "H10/W8";
  bool parameters_given = false;
  std::string out, public_out;
};

Outcome<cose::VerificationKey> make_p256(const std::filesystem::path& out, const std::filesystem::path& public_out) {
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key, pki::PrivateKey::generate());
  TAILOR_TRY_ASSIGN(const SecretString pem, key.to_pem());
  TAILOR_TRY_ASSIGN(const std::string public_pem, pki::public_key_to_pem(key.public_key()));
  TAILOR_TRY(write_outputs({{out, as_bytes(pem.reveal()), FileMode::kPrivate}, {public_out, as_bytes(public_pem)}},
                           Overwrite::kRefuse));
  return cose::VerificationKey(key.public_key());
}

Outcome<cose::VerificationKey> make_ed25519(const std::filesystem::path& out, const std::filesystem::path& public_out) {
  TAILOR_TRY_ASSIGN(const crypto::Ed25519PrivateKey key, with_context(crypto::generate_ed25519(), "key"));
  TAILOR_TRY_ASSIGN(const crypto::Ed25519PublicKey public_key, with_context(crypto::public_key_of(key), "key"));
  TAILOR_TRY_ASSIGN(const SecretString pem, authoring::private_key_to_pem(key));
  TAILOR_TRY_ASSIGN(const std::string public_pem, authoring::public_key_to_pem(public_key));
  TAILOR_TRY(write_outputs({{out, as_bytes(pem.reveal()), FileMode::kPrivate}, {public_out, as_bytes(public_pem)}},
                           Overwrite::kRefuse));
  return with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kEd25519, public_key.bytes), "key");
}

Outcome<cose::VerificationKey> make_hss(const std::string& parameters, const std::filesystem::path& out,
                                        const std::filesystem::path& public_out) {
  TAILOR_TRY_ASSIGN(const std::vector<hss::Parameters> levels, authoring::parse_levels(parameters));
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key, authoring::create_hss_key(out, levels));
  TAILOR_TRY(write_cose_key(public_out, key, FileMode::kPublic));
  return key;
}

Outcome<cose::VerificationKey> make_hmac(const std::filesystem::path& out) {
  SecretBytes secret = SecretBytes::of_size(kHmacBytes);
  TAILOR_TRY(with_context(crypto::random(secret.reveal_mutable()), "key"));
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key,
                    with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, secret.reveal()), "key"));
  TAILOR_TRY(write_cose_key(out, key, FileMode::kPrivate));
  return key;
}

Outcome<ExitCode> generate(Session& session, const GenerateOptions& options) {
  const bool secret_only = options.type == "hmac";
  if (secret_only && !options.public_out.empty()) return fail(Error::kUsageInvalid, "a HMAC key has no public half");
  if (options.parameters_given && options.type != "hss") {
    return fail(Error::kUsageInvalid, "--parameters is for --type hss");
  }
  const std::filesystem::path out = options.out;
  std::filesystem::path public_out = options.public_out;
  if (public_out.empty()) public_out = std::filesystem::path(out).replace_extension(".pub");
  if (public_out == out && !secret_only) {
    return fail(Error::kUsageInvalid, "public and private key would be the same file");
  }
  const auto make = [&]() -> Outcome<cose::VerificationKey> {
    if (options.type == "ed25519") return make_ed25519(out, public_out);
    if (options.type == "hss") return make_hss(options.parameters, out, public_out);
    if (options.type == "hmac") return make_hmac(out);
    return make_p256(out, public_out);
  };
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key, make());
  TAILOR_TRY_ASSIGN(Json document, describe_key(out.string(), key));
  if (!secret_only) document["public_file"] = public_out.string();
  if (options.type == "hss") {
    TAILOR_TRY_ASSIGN(const Bytes content, read_input(out));
    TAILOR_TRY(add_hss_status(out.string(), content, document));
  }
  session.print(document, [&](std::ostream& text) {
    text << (secret_only ? "secret key  " : "private key ") << out.string() << " (keep it secret)\n";
    if (!secret_only) text << "public key  " << public_out.string() << "\n";
    write_key(text, document);
    if (options.type == "hss") {
      text << "Never copy or restore " << out.string() << ".state: a number that is used twice lets others sign.\n";
    }
  });
  return ExitCode::kOk;
}

Outcome<cose::VerificationKey> find_key(const std::string& name) {
  if (!authoring::is_pkcs11_uri(name)) return authoring::read_verification_key(name);
  TAILOR_TRY_ASSIGN(const std::unique_ptr<authoring::SigningKey> key, authoring::open_pkcs11_key(name));
  return key->verification_key();
}

/// A PKCS#11 URI without its query, which may hold the PIN.
std::string shown_name(const std::string& name) {
  return authoring::is_pkcs11_uri(name) ? name.substr(0, name.find('?')) : name;
}

Outcome<ExitCode> show(Session& session, const std::string& file) {
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key, find_key(file));
  TAILOR_TRY_ASSIGN(Json document, describe_key(shown_name(file), key));
  std::string pem;
  if (key.kind() == cose::KeyKind::kP256) {
    TAILOR_TRY_ASSIGN(pem, pki::public_key_to_pem(key.p256()));
  } else if (key.kind() == cose::KeyKind::kEd25519) {
    crypto::Ed25519PublicKey point;
    std::copy(key.bytes().begin(), key.bytes().end(), point.bytes.begin());
    TAILOR_TRY_ASSIGN(pem, authoring::public_key_to_pem(point));
  } else if (key.kind() == cose::KeyKind::kHssLms) {
    TAILOR_TRY_ASSIGN(const Bytes content, read_input(file));
    if (authoring::is_hss_key_file(content)) TAILOR_TRY(add_hss_status(file, content, document));
  }
  if (!pem.empty()) document["pem"] = pem;
  session.print(document, [&](std::ostream& out) {
    write_key(out, document);
    out << pem;
  });
  return ExitCode::kOk;
}

CLI::App* add_generate(CLI::App& parent, const char* name, const char* words, Session& session,
                       const std::shared_ptr<GenerateOptions>& options) {
  CLI::App* command = parent.add_subcommand(name, words);
  command->add_option("-o,--out", options->out, "file of the private key, readable by you alone")->required();
  command->add_option("--public", options->public_out, "file of the public key (default: the same name with .pub)");
  command->callback(
      [&session, options] { session.action = [&session, options] { return generate(session, *options); }; });
  return command;
}

/// `generate` with a choice of kinds.
void add_generate_any(CLI::App& parent, const char* name, Session& session) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command = add_generate(parent, name, "make a signing key", session, options);
  command->add_option("--type", options->type, "p256 (default), ed25519, hss or hmac")
      ->check(CLI::IsMember({"p256", "ed25519", "hss", "hmac"}));
  CLI::Option* parameters =
      command->add_option("--parameters", options->parameters,
                          "trees of an hss key from the top: H10/W8 (default), H5/W8,H10/W4, H10/W8/192");
  command->parse_complete_callback([options, parameters] { options->parameters_given = parameters->count() > 0; });
}

}  // namespace

void add_key_generate(CLI::App& parent, const char* name, Session& session) {
  add_generate(parent, name, "make a P-256 key pair (PEM)", session, std::make_shared<GenerateOptions>());
}

void add_key_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("key", "make and show signing keys");
  family->require_subcommand(1);
  add_generate_any(*family, "generate", session);
  add_generate_any(app, "keygen", session);

  auto file = std::make_shared<std::string>();
  CLI::App* command = family->add_subcommand("show", "show kind and thumbprint (COSE key id) of a key");
  command
      ->add_option("FILE", *file,
                   "PEM (public key, private key, certificate), COSE_Key, HSS/LMS key, or \"pkcs11:...\"")
      ->required();
  command->callback([&session, file] { session.action = [&session, file] { return show(session, *file); }; });
}

}  // namespace tailor::cli
