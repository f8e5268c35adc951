// SPDX-License-Identifier: Apache-2.0
// `tailor manifest verify`: whether an envelope is authentic and everything in it understood, as an exit code.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/key_file.hpp"
#include "authoring/manifest.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"

namespace tailor::cli {
namespace {

struct VerifyOptions {
  std::string file;
  std::vector<std::string> keys, lenient;
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

/// Not authentic is 1; whatever keeps the file from being judged is 2.
ExitCode verify_code(Error code) {
  return describe(code).error_class == ErrorClass::kUnauthentic ? ExitCode::kRefused : ExitCode::kUnusable;
}

/// How people tell keys apart; a secret's thumbprint is not shown (RFC 9679 7).
std::string name_of_key(const cose::VerificationKey& key, const std::string& file) {
  const auto thumbprint = cose::thumbprint(key);
  return key.is_secret() || !thumbprint.ok() ? "the key in " + file : to_hex(*thumbprint);
}

Outcome<ExitCode> verify(Session& session, const VerifyOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  std::vector<cose::VerificationKey> keys;
  for (const std::string& file : options.keys) {
    const auto key = authoring::read_key_to_verify(file);
    // A key that cannot be read leaves the file unjudged.
    if (!key.ok()) {
      session.err << "tailor: " << name_of(key.error().code) << ": " << key.error().context << "\n";
      return ExitCode::kUnusable;
    }
    keys.push_back(*key);
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
  document["signers"] = Json::array();
  for (const size_t index : verified->key_indices)
    document["signers"].push_back(name_of_key(keys[index], options.keys[index]));
  document["signer"] = document["signers"].front();
  document["notes"] = verified->notes;
  session.print(document, [&](std::ostream& out) {
    out << options.file << ": valid, signed by ";
    const char* between = "";
    for (const Json& signer : document["signers"]) {
      out << between << signer.get<std::string>();
      between = ", ";
    }
    out << "\n";
    for (const std::string& note : verified->notes) out << "note: " << note << "\n";
  });
  return ExitCode::kOk;
}

}  // namespace

std::vector<std::string> leniency_names() {
  std::vector<std::string> names;
  for (const Switch& known : kSwitches) names.emplace_back(known.name);
  return names;
}

suit::Leniency leniency_of(const std::vector<std::string>& names) {
  suit::Leniency leniency;
  for (const Switch& known : kSwitches) {
    leniency.*known.member = std::find(names.begin(), names.end(), known.name) != names.end();
  }
  return leniency;
}

void add_manifest_verify(CLI::App& family, Session& session) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = family.add_subcommand(
      "verify", "check signature, digests and that all is understood; exit code 0 valid, 1 not authentic, 2 unusable");
  command->add_option("FILE", options->file, "envelope")->required();
  command
      ->add_option("--key", options->keys,
                   "key: PEM or COSE_Key, symmetric too, or HSS/LMS; may be repeated, one has to match")
      ->allow_extra_args(false)
      ->required();
  command->add_option("--lenient", options->lenient, "allow what the documents do not; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(leniency_names()));
  command->callback(
      [&session, options] { session.action = [&session, options] { return verify(session, *options); }; });
}

}  // namespace tailor::cli
