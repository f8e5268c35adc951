// SPDX-License-Identifier: Apache-2.0
// `tailor manifest encrypt`: ciphertext and encryption info of an image, as files that a description names.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/encryption.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"
#include "core/cose/verification_key.hpp"

namespace tailor::cli {
namespace {

struct CipherName {
  const char* name;
  crypto::ContentAlgorithm algorithm;
};
constexpr CipherName kCiphers[] = {
    {"A128CTR", crypto::ContentAlgorithm::kA128Ctr},
    {"A192CTR", crypto::ContentAlgorithm::kA192Ctr},
    {"A256CTR", crypto::ContentAlgorithm::kA256Ctr},
    {"A128GCM", crypto::ContentAlgorithm::kA128Gcm},
    {"A192GCM", crypto::ContentAlgorithm::kA192Gcm},
    {"A256GCM", crypto::ContentAlgorithm::kA256Gcm},
    {"ChaCha20-Poly1305", crypto::ContentAlgorithm::kChaCha20Poly1305},
};

struct EncryptOptions {
  std::string image, out, info, algorithm = "A128GCM";
  std::vector<std::string> recipients;
  bool key_id = false;
};

Outcome<ExitCode> encrypt(Session& session, const EncryptOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes image, read_input(options.image));
  std::vector<authoring::RecipientKey> recipients;
  for (const std::string& file : options.recipients) {
    TAILOR_TRY_ASSIGN(authoring::RecipientKey key, authoring::read_recipient_key(file));
    if (options.key_id && key.key_id.empty() && key.kind == suit::DecryptionKeyKind::kP256) {
      crypto::P256PublicKey point;
      std::copy_n(key.key.reveal().begin(), point.xy.size(), point.xy.begin());
      TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name,
                        with_context(cose::thumbprint(cose::VerificationKey(point)), file));
      key.key_id.assign(name.begin(), name.end());
    }
    recipients.push_back(std::move(key));
  }
  auto algorithm = crypto::ContentAlgorithm::kA128Gcm;
  for (const CipherName& known : kCiphers) {
    if (options.algorithm == known.name) algorithm = known.algorithm;
  }
  TAILOR_TRY_ASSIGN(const authoring::EncryptedImage encrypted,
                    with_context(authoring::encrypt_image(algorithm, recipients, image), options.image));
  TAILOR_TRY(write_outputs({{options.out, encrypted.ciphertext}, {options.info, encrypted.info}}, Overwrite::kAllow));
  const Json document = {{"ciphertext", options.out},
                         {"ciphertext_bytes", encrypted.ciphertext.size()},
                         {"encryption_info", options.info},
                         {"encryption_info_bytes", encrypted.info.size()},
                         {"algorithm", options.algorithm}};
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": " << encrypted.ciphertext.size() << " bytes, ciphertext (" << options.algorithm << ")\n"
        << options.info << ": " << encrypted.info.size() << " bytes, encryption info\n";
  });
  return ExitCode::kOk;
}

}  // namespace

void add_manifest_encrypt(CLI::App& family, Session& session) {
  auto options = std::make_shared<EncryptOptions>();
  std::vector<std::string> names;
  for (const CipherName& known : kCiphers) names.emplace_back(known.name);
  CLI::App* command = family.add_subcommand("encrypt", "encrypt an image for devices, before create");
  command->add_option("--image", options->image, "image file")->required();
  command
      ->add_option("--recipient", options->recipients,
                   "public key of devices (PEM, COSE_Key), or a shared symmetric COSE_Key; may be repeated")
      ->allow_extra_args(false)
      ->required();
  command->add_flag("--key-id", options->key_id,
                    "name each P-256 recipient by the RFC 9679 thumbprint of its key: others know at once");
  command->add_option("--algorithm", options->algorithm, "cipher (default: A128GCM)")->check(CLI::IsMember(names));
  command->add_option("-o,--out", options->out, "file of the ciphertext")->required();
  command->add_option("--info", options->info, "file of the encryption info")->required();
  command->callback(
      [&session, options] { session.action = [&session, options] { return encrypt(session, *options); }; });
}

}  // namespace tailor::cli
