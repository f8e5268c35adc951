// SPDX-License-Identifier: Apache-2.0
// `tailor manifest create|sign|verify|inspect`: the author's tool. Needs no network and no profile.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/diagnostic.hpp"
#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/manifest_view.hpp"
#include "cli/names.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

struct CreateOptions {
  std::string vendor, class_name;
  uint64_t sequence = 0;
  std::vector<std::string> images, components, uris;
  bool integrated = false, no_invoke = false;
  std::string version, description, update_description, vendor_name, model_name, language = "en";
  std::string key, out;
  bool key_id = false;
};

Outcome<authoring::ManifestDescription> describe(const CreateOptions& options) {
  if (!options.components.empty() && options.components.size() != options.images.size()) {
    return fail(Error::kUsageInvalid, "--component is given once for each --image");
  }
  if (options.components.empty() && options.images.size() > 1) {
    return fail(Error::kUsageInvalid, "several images need a --component each");
  }
  if (!options.uris.empty() && options.uris.size() != options.images.size()) {
    return fail(Error::kUsageInvalid, "--uri is given once for each --image");
  }
  authoring::ManifestDescription description;
  description.vendor = vendor_of(options.vendor);
  description.device_class = class_of(description.vendor, options.class_name);
  description.sequence_number = options.sequence;
  description.invoke = !options.no_invoke;
  for (size_t i = 0; i < options.images.size(); ++i) {
    const std::string name = options.components.empty() ? "app" : options.components[i];
    TAILOR_TRY_ASSIGN(authoring::ComponentParts id, authoring::component_from_text(name));
    TAILOR_TRY_ASSIGN(Bytes image, read_input(options.images[i]));
    TAILOR_TRY_ASSIGN(
        authoring::ComponentDescription component,
        with_context(authoring::describe_image(std::move(id), std::move(image),
                                               options.uris.empty() ? "" : options.uris[i], options.integrated),
                     options.images[i]));
    description.components.push_back(std::move(component));
  }
  const authoring::TextDescription text{.language = options.language,
                                        .description = options.description,
                                        .update_description = options.update_description,
                                        .vendor_name = options.vendor_name,
                                        .model_name = options.model_name,
                                        .vendor_domain = {},
                                        .version = options.version};
  if (!text.description.empty() || !text.update_description.empty() || !text.vendor_name.empty() ||
      !text.model_name.empty() || !text.version.empty()) {
    description.text = text;
  }
  return description;
}

Outcome<ExitCode> create(Session& session, const CreateOptions& options) {
  TAILOR_TRY_ASSIGN(const authoring::ManifestDescription description, describe(options));
  TAILOR_TRY_ASSIGN(Bytes envelope, authoring::create_envelope(description));
  if (!options.key.empty()) {
    TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(options.key));
    const auto key_id = options.key_id ? authoring::KeyId::kThumbprint : authoring::KeyId::kOmit;
    TAILOR_TRY_ASSIGN(envelope, authoring::sign_envelope(envelope, key, key_id));
  }
  TAILOR_TRY(write_output(options.out, envelope, FileMode::kPublic, Overwrite::kAllow));
  Json document = {{"file", options.out},
                   {"size_bytes", envelope.size()},
                   {"signed", !options.key.empty()},
                   {"sequence_number", description.sequence_number},
                   {"vendor", uuid_text(description.vendor)},
                   {"class", uuid_text(description.device_class)},
                   {"components", Json::array()}};
  for (const auto& component : description.components) {
    document["components"].push_back({{"component", authoring::component_to_text(component.id)},
                                      {"digest", to_hex(component.digest)},
                                      {"size_bytes", component.size_bytes},
                                      {"uri", component.uri}});
  }
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": " << envelope.size() << " bytes, sequence number " << description.sequence_number << ", "
        << (options.key.empty() ? "not signed (tailor manifest sign)" : "signed") << "\n";
  });
  return ExitCode::kOk;
}

struct SignOptions {
  std::string file, key, out;
  bool key_id = false;
};

Outcome<ExitCode> sign(Session& session, const SignOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(options.key));
  const auto key_id = options.key_id ? authoring::KeyId::kThumbprint : authoring::KeyId::kOmit;
  TAILOR_TRY_ASSIGN(const Bytes sealed, with_context(authoring::sign_envelope(envelope, key, key_id), options.file));
  const std::string out_file = options.out.empty() ? options.file : options.out;
  TAILOR_TRY(write_output(out_file, sealed, FileMode::kPublic, Overwrite::kAllow));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, with_context(crypto::public_key_of(key), options.key));
  const Json document = {
      {"file", out_file}, {"size_bytes", sealed.size()}, {"signer", to_hex(pki::thumbprint(public_key))}};
  session.print(document, [&](std::ostream& out) { out << out_file << ": " << sealed.size() << " bytes, signed\n"; });
  return ExitCode::kOk;
}

struct VerifyOptions {
  std::string file;
  std::vector<std::string> keys;
  std::vector<std::string> lenient;
};

struct Switch {
  const char* name;
  bool suit::Leniency::*member;
};
constexpr Switch kSwitches[] = {
    {"untagged-envelope", &suit::Leniency::untagged_envelope},
    {"legacy-algorithms", &suit::Leniency::legacy_algorithms},
    {"missing-dependency-integrity", &suit::Leniency::missing_dependency_integrity},
    {"index-beyond-components", &suit::Leniency::index_beyond_components},
};

std::vector<std::string> switch_names() {
  std::vector<std::string> names;
  for (const Switch& known : kSwitches) names.emplace_back(known.name);
  return names;
}

/// @pre the command line has refused other names
suit::Leniency leniency_of(const std::vector<std::string>& names) {
  suit::Leniency leniency;
  for (const Switch& known : kSwitches) {
    leniency.*known.member = std::find(names.begin(), names.end(), known.name) != names.end();
  }
  return leniency;
}

/// Not authentic is 1; whatever keeps the file from being judged is 2.
ExitCode verify_code(Error code) {
  return describe(code).error_class == ErrorClass::kUnauthentic ? ExitCode::kRefused : ExitCode::kUnusable;
}

Outcome<ExitCode> verify(Session& session, const VerifyOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  std::vector<cose::VerificationKey> keys;
  for (const std::string& file : options.keys) {
    const Outcome<crypto::P256PublicKey> key = read_public_key(file);
    // A key that cannot be read leaves the file unjudged.
    if (!key.ok()) {
      session.err << "tailor: " << name_of(key.error().code) << ": " << key.error().context << "\n";
      return ExitCode::kUnusable;
    }
    keys.emplace_back(key.value());
  }
  const auto verified = authoring::verify_envelope(envelope, keys, leniency_of(options.lenient));
  Json document = {{"file", options.file}, {"valid", verified.ok()}};
  if (!verified.ok()) {
    document["error"] = name_of(verified.error().code);
    document["detail"] = verified.error().context;
    session.print(document, [](std::ostream&) {});
    session.err << "tailor: " << name_of(verified.error().code) << ": " << options.file << ": "
                << verified.error().context << "\n";
    return verify_code(verified.error().code);
  }
  document["signer"] = to_hex(cose::thumbprint(keys[verified->key_index]).value());
  session.print(document, [&](std::ostream& out) {
    out << options.file << ": valid, signed by " << document["signer"].get<std::string>() << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> inspect(Session& session, const std::string& file) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(file));
  TAILOR_TRY_ASSIGN(const std::string diagnostic, with_context(authoring::envelope_diagnostic(envelope), file));
  const auto summary = authoring::summarize(envelope);
  Json document = {{"file", file}, {"size_bytes", envelope.size()}, {"understood", summary.ok()}};
  if (summary.ok()) {
    document.update(summary_to_json(summary.value()));
  } else {
    document["error"] = name_of(summary.error().code);
    document["detail"] = summary.error().context;
  }
  document["diagnostic"] = diagnostic;
  session.print(document, [&](std::ostream& out) {
    out << diagnostic << "\n";
    if (summary.ok()) write_summary(out, summary.value());
  });
  // What a decoder refuses was shown as far as it is CBOR; the exit code says that it is not a manifest of ours.
  if (!summary.ok()) return with_context(Outcome<ExitCode>(summary.error()), file);
  return ExitCode::kOk;
}

void add_create(CLI::App& family, Session& session) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App* command = family.add_subcommand("create", "make an envelope from an image");
  command->add_option("--image", options->images, "image file; may be repeated")->allow_extra_args(false)->required();
  command->add_option("--vendor", options->vendor, "the vendor's domain, or its UUID")->required();
  command->add_option("--class", options->class_name, "the device class, or its UUID")->required();
  command->add_option("--sequence", options->sequence, "sequence number; devices refuse a lower one")->required();
  command->add_option("--component", options->components, "component of each image (default: app), parts joined by '/'")
      ->allow_extra_args(false);
  command->add_option("--uri", options->uris, "where devices fetch each image (default: /img/<digest>, at the server)")
      ->allow_extra_args(false);
  command->add_flag("--integrated", options->integrated, "put the images into the envelope");
  command->add_flag("--no-invoke", options->no_invoke, "for data that is not started: leave the invoke section out");
  command->add_option("--version", options->version, "version text of the component");
  command->add_option("--description", options->description, "text: what this is");
  command->add_option("--update-description", options->update_description, "text: what is new");
  command->add_option("--vendor-name", options->vendor_name, "text: the vendor");
  command->add_option("--model", options->model_name, "text: the model");
  command->add_option("--language", options->language, "language of the texts (default: en)");
  command->add_option("--key", options->key, "sign at once with this private key (PEM)");
  command->add_flag("--key-id", options->key_id, "name the key's thumbprint in the signature (36 bytes more)");
  command->add_option("-o,--out", options->out, "file to write")->required();
  command->callback(
      [&session, options] { session.action = [&session, options] { return create(session, *options); }; });
}

}  // namespace

void add_manifest_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("manifest", "make, sign, verify and inspect SUIT manifests");
  family->require_subcommand(1);
  add_create(*family, session);

  auto signing = std::make_shared<SignOptions>();
  CLI::App* seal = family->add_subcommand("sign", "add a signature (COSE_Sign1, ESP256) to an envelope");
  seal->add_option("FILE", signing->file, "envelope")->required();
  seal->add_option("--key", signing->key, "private key (PEM)")->required();
  seal->add_flag("--key-id", signing->key_id, "name the key's thumbprint in the signature (36 bytes more)");
  seal->add_option("-o,--out", signing->out, "file to write (default: FILE is replaced)");
  seal->callback([&session, signing] { session.action = [&session, signing] { return sign(session, *signing); }; });

  auto checking = std::make_shared<VerifyOptions>();
  CLI::App* check = family->add_subcommand(
      "verify", "check signature, digests and that all is understood; exit code 0 valid, 1 not authentic, 2 unusable");
  check->add_option("FILE", checking->file, "envelope")->required();
  check->add_option("--key", checking->keys, "public key: PEM or COSE_Key; may be repeated, one has to match")
      ->allow_extra_args(false)
      ->required();
  check->add_option("--lenient", checking->lenient, "allow what the documents do not")
      ->check(CLI::IsMember(switch_names()));
  check->callback(
      [&session, checking] { session.action = [&session, checking] { return verify(session, *checking); }; });

  auto file = std::make_shared<std::string>();
  CLI::App* view = family->add_subcommand("inspect", "show an envelope in CBOR diagnostic notation, with a summary");
  view->add_option("FILE", *file, "envelope")->required();
  view->callback([&session, file] { session.action = [&session, file] { return inspect(session, *file); }; });
}

}  // namespace tailor::cli
