// SPDX-License-Identifier: Apache-2.0
// `tailor manifest create|import`: envelopes from flags, from a description, and from documents of the example
// generator.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/description_file.hpp"
#include "authoring/generator_json.hpp"
#include "authoring/manifest.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"
#include "cli/names.hpp"
#include "cli/whole_number.hpp"

namespace tailor::cli {
namespace {

struct CreateOptions {
  std::string file;  ///< description; empty: the flags say it
  std::string vendor, class_name;
  uint64_t sequence = 0;
  std::vector<std::string> images, components, uris;
  bool integrated = false, no_invoke = false;
  std::string version, description, update_description, vendor_name, model_name, language = "en";
  std::string key, out;
  bool key_id = false, has_sequence = false;
};

Outcome<authoring::ManifestDescription> describe(const CreateOptions& options) {
  if (options.images.empty()) {
    return fail(Error::kUsageInvalid, "--image, or the file of a description, says what the update is");
  }
  if (options.vendor.empty() || options.class_name.empty() || !options.has_sequence) {
    return fail(Error::kUsageInvalid, "--vendor, --class and --sequence are required beside --image");
  }
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

/// Encodes, signs if a key is given, writes the file and says what it is.
Outcome<ExitCode> write_envelope(Session& session, const authoring::ManifestDescription& description,
                                 const CreateOptions& options, const std::vector<std::string>& notes) {
  TAILOR_TRY_ASSIGN(Bytes envelope, authoring::create_envelope(description));
  if (!options.key.empty()) {
    TAILOR_TRY_ASSIGN(const std::unique_ptr<authoring::SigningKey> key, authoring::open_signing_key(options.key));
    const auto key_id = options.key_id ? authoring::KeyId::kThumbprint : authoring::KeyId::kOmit;
    TAILOR_TRY_ASSIGN(envelope, authoring::sign_envelope(envelope, *key, key_id));
  }
  TAILOR_TRY(write_output(options.out, envelope, FileMode::kPublic, Overwrite::kAllow));
  Json document = {{"file", options.out},
                   {"size_bytes", envelope.size()},
                   {"signed", !options.key.empty()},
                   {"sequence_number", description.sequence_number},
                   {"vendor", uuid_text(description.vendor)},
                   {"class", uuid_text(description.device_class)},
                   {"components", Json::array()},
                   {"notes", notes}};
  for (const auto& component : description.components) {
    document["components"].push_back({{"component", authoring::component_to_text(component.id)},
                                      {"digest", to_hex(component.digest.bytes)},
                                      {"size_bytes", component.size_bytes},
                                      {"uri", component.uri}});
  }
  session.print(document, [&](std::ostream& out) {
    for (const std::string& note : notes) out << "note: " << note << "\n";
    out << options.out << ": " << envelope.size() << " bytes, sequence number " << description.sequence_number << ", "
        << (options.key.empty() ? "not signed (tailor manifest sign)" : "signed") << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> create(Session& session, const CreateOptions& options) {
  if (!options.file.empty() && !options.images.empty()) {
    return fail(Error::kUsageInvalid, "either a description or --image says what the update is");
  }
  TAILOR_TRY_ASSIGN(const authoring::ManifestDescription description,
                    options.file.empty() ? describe(options) : authoring::read_description(options.file));
  return write_envelope(session, description, options, {});
}

Outcome<ExitCode> import_document(Session& session, const CreateOptions& options, bool all_texts) {
  TAILOR_TRY_ASSIGN(const Bytes document, read_input(options.file));
  TAILOR_TRY_ASSIGN(const authoring::ImportedDescription imported,
                    with_context(authoring::import_generator_json(
                                     as_text(document), std::filesystem::path(options.file).parent_path(),
                                     all_texts ? authoring::ImportTexts::kAll : authoring::ImportTexts::kAsGenerated),
                                 options.file));
  return write_envelope(session, imported.description, options, imported.notes);
}

void add_output(CLI::App& command, CreateOptions& options) {
  command.add_option("--key", options.key, "sign at once with this private key, as sign does");
  command.add_flag("--key-id", options.key_id, "name the key's thumbprint in the signature (36 bytes more)");
  command.add_option("-o,--out", options.out, "file to write")->required();
}

}  // namespace

void add_manifest_create(CLI::App& family, Session& session) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App* command = family.add_subcommand("create", "make an envelope from images, or from a description");
  command->add_option("DESCRIPTION", options->file, "description of the update: TOML, or JSON by its name");
  command->add_option("--image", options->images, "image file; may be repeated")->allow_extra_args(false);
  command->add_option("--vendor", options->vendor, "the vendor's domain, or its UUID");
  command->add_option("--class", options->class_name, "the device class, or its UUID");
  CLI::Option* sequence =
      command->add_option("--sequence", options->sequence, "sequence number; devices refuse a lower one")
          ->check(whole_number());
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
  add_output(*command, *options);
  command->callback([&session, options, sequence] {
    options->has_sequence = sequence->count() > 0;
    session.action = [&session, options] { return create(session, *options); };
  });
}

void add_manifest_import(CLI::App& family, Session& session) {
  auto options = std::make_shared<CreateOptions>();
  auto all_texts = std::make_shared<bool>(false);
  CLI::App* command = family.add_subcommand("import", "rebuild an envelope from a document of the example generator");
  command->add_option("FILE", options->file, "JSON, like those beside the examples of the manifest draft")->required();
  command->add_flag("--all-texts", *all_texts, "carry texts that the generator leaves out too");
  add_output(*command, *options);
  command->callback([&session, options, all_texts] {
    session.action = [&session, options, all_texts] { return import_document(session, *options, *all_texts); };
  });
}

}  // namespace tailor::cli
