// SPDX-License-Identifier: Apache-2.0
// `tailor manifest sever|add-payload|extract`: parts of envelopes that exist; signatures stay as they are.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/envelope_edit.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"

namespace tailor::cli {
namespace {

struct EditOptions {
  std::string file, out, uri, payload, part;
  std::vector<std::string> members;
  bool remove = false;
};

Outcome<ExitCode> write_edited(Session& session, const EditOptions& options, const Bytes& envelope, Json document,
                               const std::string& what) {
  const std::string out_file = options.out.empty() ? options.file : options.out;
  TAILOR_TRY(write_output(out_file, envelope, FileMode::kPublic, Overwrite::kAllow));
  document["file"] = out_file;
  document["size_bytes"] = envelope.size();
  session.print(document,
                [&](std::ostream& out) { out << out_file << ": " << envelope.size() << " bytes, " << what << "\n"; });
  return ExitCode::kOk;
}

Outcome<ExitCode> sever(Session& session, const EditOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  std::vector<int64_t> keys;
  for (const std::string& name : options.members) {
    const int64_t key = authoring::severable_key(name);
    if (key == 0) return fail(Error::kUsageInvalid, "'" + name + "' cannot be severed");
    keys.push_back(key);
  }
  TAILOR_TRY_ASSIGN(const authoring::Severed severed, with_context(authoring::sever(envelope, keys), options.file));
  std::string names;
  for (const std::string& name : severed.members) names += (names.empty() ? "" : ", ") + name;
  return write_edited(session, options, severed.envelope, {{"severed", severed.members}},
                      names.empty() ? "nothing to sever" : "without " + names);
}

Outcome<ExitCode> add_payload(Session& session, const EditOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(const Bytes payload, read_input(options.payload));
  TAILOR_TRY_ASSIGN(const Bytes changed,
                    with_context(authoring::add_payload(envelope, options.uri, payload), options.file));
  return write_edited(session, options, changed, {{"uri", options.uri}}, "with " + options.uri);
}

Outcome<ExitCode> extract(Session& session, const EditOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(const Bytes part, with_context(authoring::extract(envelope, options.part), options.file));
  TAILOR_TRY(write_output(options.out, part, FileMode::kPublic, Overwrite::kAllow));
  Json document = {{"file", options.out}, {"size_bytes", part.size()}, {"part", options.part}};
  if (options.remove) {
    TAILOR_TRY_ASSIGN(const Bytes rest, with_context(authoring::remove_payload(envelope, options.part), options.file));
    TAILOR_TRY(write_output(options.file, rest, FileMode::kPublic, Overwrite::kAllow));
    document["removed"] = true;
  }
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": " << part.size() << " bytes, " << options.part << "\n";
  });
  return ExitCode::kOk;
}

}  // namespace

void add_manifest_edit(CLI::App& family, Session& session) {
  auto severing = std::make_shared<EditOptions>();
  CLI::App* command = family.add_subcommand("sever", "take severable members out of an envelope");
  command->add_option("FILE", severing->file, "envelope")->required();
  command
      ->add_option("--member", severing->members,
                   "install, text, payload-fetch …; default: all that the manifest has by digest")
      ->allow_extra_args(false);
  command->add_option("-o,--out", severing->out, "file to write (default: FILE is replaced)");
  command->callback(
      [&session, severing] { session.action = [&session, severing] { return sever(session, *severing); }; });

  auto adding = std::make_shared<EditOptions>();
  command = family.add_subcommand("add-payload", "put a payload into an envelope that fetches it");
  command->add_option("FILE", adding->file, "envelope")->required();
  command->add_option("--uri", adding->uri, "as the manifest names it: \"#name\"")->required();
  command->add_option("--payload", adding->payload, "file of the payload")->required();
  command->add_option("-o,--out", adding->out, "file to write (default: FILE is replaced)");
  command->callback(
      [&session, adding] { session.action = [&session, adding] { return add_payload(session, *adding); }; });

  auto extracting = std::make_shared<EditOptions>();
  command = family.add_subcommand("extract", "copy a part of an envelope into a file");
  command->add_option("FILE", extracting->file, "envelope")->required();
  command->add_option("PART", extracting->part, "manifest, install, text, coswid …, or the URI of a payload")
      ->required();
  command->add_flag("--remove", extracting->remove, "take the payload out of FILE as well");
  command->add_option("-o,--out", extracting->out, "file to write")->required();
  command->callback(
      [&session, extracting] { session.action = [&session, extracting] { return extract(session, *extracting); }; });
}

}  // namespace tailor::cli
