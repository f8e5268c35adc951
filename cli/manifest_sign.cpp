// SPDX-License-Identifier: Apache-2.0
// `tailor manifest sign|attach-signature`: signatures by any kind of key, at once or in two steps.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/key_file.hpp"
#include "authoring/manifest.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"
#include "core/cose/algorithms.hpp"

namespace tailor::cli {
namespace {

struct AlgorithmName {
  const char* name;
  int64_t algorithm;
};
constexpr AlgorithmName kAlgorithms[] = {{"ESP256", cose::algorithm::kEsp256},
                                         {"Ed25519", cose::algorithm::kEd25519},
                                         {"HSS-LMS", cose::algorithm::kHssLms},
                                         {"HMAC-256", cose::algorithm::kHmac256}};

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const AlgorithmName& known : kAlgorithms) names.emplace_back(known.name);
  return names;
}

/// @pre the command line has refused other names
int64_t algorithm_of(const std::string& name) {
  for (const AlgorithmName& known : kAlgorithms) {
    if (name == known.name) return known.algorithm;
  }
  return 0;
}

struct SignOptions {
  std::string file, out, algorithm = "ESP256", signature, key_id_text;
  std::vector<std::string> keys;
  bool key_id = false, digest_only = false;
};

/// The first step: what the signer has to sign, as bytes in a file and as the digest that some signers take.
Outcome<ExitCode> write_digest(Session& session, const SignOptions& options) {
  if (!options.keys.empty()) return fail(Error::kUsageInvalid, "--digest-only signs nothing: leave --key out");
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(const Bytes message,
                    with_context(authoring::to_be_signed(envelope, algorithm_of(options.algorithm)), options.file));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(message), options.file));
  if (!options.out.empty()) TAILOR_TRY(write_output(options.out, message, FileMode::kPublic, Overwrite::kAllow));
  const Json document = {{"file", options.file},
                         {"algorithm", options.algorithm},
                         {"to_be_signed", to_hex(message)},
                         {"sha256", to_hex(digest)},
                         {"out", options.out.empty() ? Json(nullptr) : Json(options.out)}};
  session.print(document, [&](std::ostream& out) {
    if (!options.out.empty())
      out << options.out << ": " << message.size() << " bytes to be signed with " << options.algorithm << "\n";
    out << "sha256 " << to_hex(digest) << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> sign(Session& session, const SignOptions& options) {
  if (options.digest_only) return write_digest(session, options);
  if (options.keys.empty())
    return fail(Error::kUsageInvalid, "--key names what signs; --digest-only prepares another signer");
  TAILOR_TRY_ASSIGN(Bytes envelope, read_input(options.file));
  Json signers = Json::array();
  for (const std::string& name : options.keys) {
    TAILOR_TRY_ASSIGN(const std::unique_ptr<authoring::SigningKey> key, authoring::open_signing_key(name));
    const auto key_id = options.key_id ? authoring::KeyId::kThumbprint : authoring::KeyId::kOmit;
    TAILOR_TRY_ASSIGN(envelope, with_context(authoring::sign_envelope(envelope, *key, key_id), options.file));
    if (key->verification_key().is_secret()) {
      signers.push_back(nullptr);  // its thumbprint lets guesses be checked (RFC 9679 7)
      continue;
    }
    TAILOR_TRY_ASSIGN(const Bytes thumbprint, key->key_id());
    signers.push_back(to_hex(thumbprint));
  }
  const std::string out_file = options.out.empty() ? options.file : options.out;
  TAILOR_TRY(write_output(out_file, envelope, FileMode::kPublic, Overwrite::kAllow));
  const Json document = {
      {"file", out_file}, {"size_bytes", envelope.size()}, {"signer", signers.back()}, {"signers", signers}};
  session.print(document, [&](std::ostream& out) { out << out_file << ": " << envelope.size() << " bytes, signed\n"; });
  return ExitCode::kOk;
}

/// r and s as COSE has them, from those or from DER, in which many signers write ECDSA (RFC 3279 2.2.3).
Outcome<Bytes> ecdsa_signature(const Bytes& bytes) {
  if (bytes.size() == 64) return bytes;
  const auto refuse = [] { return fail(Error::kDerMalformed, "neither 64 bytes of r and s nor their DER form"); };
  Bytes out;
  if (bytes.size() < 8 || bytes[0] != 0x30 || bytes[1] != bytes.size() - 2) return refuse();
  size_t at = 2;
  for (int i = 0; i < 2; ++i) {
    if (at + 2 > bytes.size() || bytes[at] != 0x02) return refuse();
    size_t length = bytes[at + 1];
    at += 2;
    if (length == 0 || length > 33 || at + length > bytes.size()) return refuse();
    if (length == 33 && bytes[at] != 0) return refuse();
    if (length == 33) ++at, --length;
    out.insert(out.end(), 32 - length, 0);
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
               bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
    at += length;
  }
  return at == bytes.size() ? Outcome<Bytes>(out) : Outcome<Bytes>(refuse());
}

Outcome<ExitCode> attach(Session& session, const SignOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(Bytes signature, read_input(options.signature));
  const int64_t algorithm = algorithm_of(options.algorithm);
  if (algorithm == cose::algorithm::kEsp256) {
    TAILOR_TRY_ASSIGN(signature, with_context(ecdsa_signature(signature), options.signature));
  }
  TAILOR_TRY_ASSIGN(const Bytes key_id, with_context(from_hex(options.key_id_text), "--key-id"));
  TAILOR_TRY_ASSIGN(const Bytes sealed,
                    with_context(authoring::attach_signature(envelope, algorithm, signature, key_id), options.file));
  // A signature that does not hold is found here and not on the devices.
  for (const std::string& name : options.keys) {
    TAILOR_TRY_ASSIGN(const cose::VerificationKey key, authoring::read_key_to_verify(name));
    const auto verified = authoring::verify_envelope(sealed, {&key, 1}, suit::kStrict);
    if (!verified.ok()) return with_context(Outcome<ExitCode>(verified.error()), options.signature + ", under " + name);
  }
  const std::string out_file = options.out.empty() ? options.file : options.out;
  TAILOR_TRY(write_output(out_file, sealed, FileMode::kPublic, Overwrite::kAllow));
  session.print({{"file", out_file}, {"size_bytes", sealed.size()}, {"verified", !options.keys.empty()}},
                [&](std::ostream& out) {
                  out << out_file << ": " << sealed.size() << " bytes, signature attached"
                      << (options.keys.empty() ? " (not checked: give --key)" : " and valid") << "\n";
                });
  return ExitCode::kOk;
}

}  // namespace

void add_manifest_sign(CLI::App& family, Session& session) {
  auto options = std::make_shared<SignOptions>();
  CLI::App* command = family.add_subcommand("sign", "add a signature or MAC to an envelope; those that are there stay");
  command->add_option("FILE", options->file, "envelope")->required();
  command
      ->add_option("--key", options->keys,
                   "private key: PEM, COSE_Key, HSS/LMS key file or pkcs11: URI; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--key-id", options->key_id, "name the key's thumbprint in the signature (36 bytes more)");
  command->add_flag("--digest-only", options->digest_only,
                    "write what has to be signed elsewhere (-o) and its SHA-256");
  command
      ->add_option("--algorithm", options->algorithm,
                   "with --digest-only: what the other signer uses (default: ESP256)")
      ->check(CLI::IsMember(algorithm_names()));
  command->add_option("-o,--out", options->out, "file to write (default: FILE is replaced)");
  command->callback([&session, options] { session.action = [&session, options] { return sign(session, *options); }; });
}

void add_manifest_attach_signature(CLI::App& family, Session& session) {
  auto options = std::make_shared<SignOptions>();
  CLI::App* command =
      family.add_subcommand("attach-signature", "add a signature that was made elsewhere (sign --digest-only)");
  command->add_option("FILE", options->file, "envelope")->required();
  command->add_option("--signature", options->signature, "file of the signature; ECDSA as r and s or as DER")
      ->required();
  command->add_option("--algorithm", options->algorithm, "of the signature (default: ESP256)")
      ->check(CLI::IsMember(algorithm_names()));
  command->add_option("--key-id", options->key_id_text, "key id to name in the signature, in hexadecimal");
  command->add_option("--key", options->keys, "public key: nothing is written unless the signature holds under it")
      ->allow_extra_args(false);
  command->add_option("-o,--out", options->out, "file to write (default: FILE is replaced)");
  command->callback(
      [&session, options] { session.action = [&session, options] { return attach(session, *options); }; });
}

}  // namespace tailor::cli
