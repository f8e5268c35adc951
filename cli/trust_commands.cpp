// SPDX-License-Identifier: Apache-2.0
// `tailor trust create|sign|show|diff|check|update|keygen`: the offline work of the trust provisioning authority. Needs
// no network and no profile.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/signing/key_formats.hpp"
#include "authoring/trust.hpp"
#include "authoring/trust_check.hpp"
#include "authoring/trust_text.hpp"
#include "authoring/trust_update.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/key_commands.hpp"
#include "cli/names.hpp"
#include "cli/trust_view.hpp"
#include "cli/whole_number.hpp"
#include "core/cose/sign1.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

struct Options {
  std::string in, other, out, key, vendor, class_name;
  uint64_t sequence = 0;
  bool separate = false;
};

/// A trust store from a file, and whether it is signed.
struct Read {
  authoring::TrustDescription store;
  Bytes bytes;
  bool sealed = false;
};

/// Reads a trust store, signed or not; no signature is checked.
Outcome<Read> read_store(const std::string& file) {
  Read read;
  TAILOR_TRY_ASSIGN(read.bytes, read_input(file));
  const auto message = cose::decode_sign1(read.bytes);
  read.sealed = message.ok();
  const ByteView document = read.sealed ? message->payload : ByteView(read.bytes);
  auto store = authoring::decode_trust_store(document);
  if (!store.ok() && store.error().code == Error::kUnsupportedVersion) {
    return fail(Error::kUnsupportedVersion,
                file + ": a trust store of another format than 2, which this version reads");
  }
  TAILOR_TRY_ASSIGN(read.store, with_context(std::move(store), file));
  return read;
}

Outcome<ExitCode> finish(Session& session, const Options& options, const Bytes& bytes,
                         const authoring::TrustDescription& store, const char* signature) {
  TAILOR_TRY(write_output(options.out, bytes, FileMode::kPublic, Overwrite::kAllow));
  Json document = trust_to_json(store);
  document["signature"] = signature;
  document["file"] = options.out;
  document["size_bytes"] = bytes.size();
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": trust store version " << store.version << ", " << bytes.size() << " bytes, " << signature
        << "\n";
    for (const std::string& doubt : authoring::doubts_about(store)) out << "warning: " << doubt << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> create(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription store, authoring::read_trust_description(options.in));
  TAILOR_TRY_ASSIGN(const Bytes document, authoring::encode_trust_store(store));
  if (options.key.empty()) return finish(session, options, document, store, "not signed");
  TAILOR_TRY_ASSIGN(const auto key, authoring::open_signing_key(options.key));
  TAILOR_TRY_ASSIGN(const Bytes sealed, authoring::seal_trust_store(document, *key));
  return finish(session, options, sealed, store, "signed");
}

Outcome<ExitCode> sign(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Bytes document, read_input(options.in));
  TAILOR_TRY_ASSIGN(const authoring::TrustDescription store, authoring::decode_trust_store(document));
  TAILOR_TRY_ASSIGN(const auto key, authoring::open_signing_key(options.key));
  TAILOR_TRY_ASSIGN(const Bytes sealed, authoring::seal_trust_store(document, *key));
  return finish(session, options, sealed, store, "signed");
}

Outcome<ExitCode> show(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Read read, read_store(options.in));
  Json out = trust_to_json(read.store);
  out["signature"] = read.sealed ? "not checked (no --key)" : "none";
  ExitCode code = ExitCode::kOk;
  if (!options.key.empty()) {
    TAILOR_TRY_ASSIGN(const cose::VerificationKey anchor, authoring::read_verification_key(options.key));
    const auto opened = authoring::open_trust_store(read.bytes, anchor);
    out["signature"] = opened.ok() ? "valid" : "INVALID under this key";
    if (!opened.ok()) code = ExitCode::kRefused;
  }
  session.print(out, [&](std::ostream& text) { write_trust(text, out); });
  return code;
}

Outcome<ExitCode> diff(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Read before, read_store(options.in));
  TAILOR_TRY_ASSIGN(const Read after, read_store(options.other));
  const std::vector<authoring::TrustChange> changes = authoring::diff_trust(before.store, after.store);
  Json out = {{"same", changes.empty()}, {"changes", Json::array()}};
  for (const auto& change : changes) {
    const char* kind = change.before.empty() ? "added" : change.after.empty() ? "removed" : "changed";
    out["changes"].push_back(
        {{"change", kind}, {"what", change.what}, {"before", change.before}, {"after", change.after}});
  }
  if (after.store.version <= before.store.version && !changes.empty()) {
    out["warning"] = "devices that have version " + std::to_string(before.store.version) + " refuse version " +
                     std::to_string(after.store.version);
  }
  session.print(out, [&](std::ostream& text) {
    for (const auto& change : changes) {
      if (change.before.empty()) {
        text << "+ " << change.what << ": " << change.after << "\n";
      } else if (change.after.empty()) {
        text << "- " << change.what << ": " << change.before << "\n";
      } else {
        text << "~ " << change.what << ": " << change.before << " -> " << change.after << "\n";
      }
    }
    if (out.contains("warning")) text << "warning: " << out["warning"].get<std::string>() << "\n";
  });
  return changes.empty() ? ExitCode::kOk : ExitCode::kRefused;
}

Outcome<ExitCode> check(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(const Bytes store, read_input(options.in));
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.other));
  TAILOR_TRY_ASSIGN(const cose::VerificationKey anchor, authoring::read_verification_key(options.key));
  TAILOR_TRY_ASSIGN(const std::vector<authoring::TrustVerdict> verdicts,
                    with_context(authoring::check_under_trust(envelope, store, anchor), options.other));
  Json out = {{"permitted", true}, {"components", Json::array()}};
  for (const auto& verdict : verdicts) {
    const std::string says = verdict.refused ? std::string(name_of(*verdict.refused)) : "permitted";
    if (verdict.refused) out["permitted"] = false;
    out["components"].push_back({{"component", verdict.component}, {"verdict", says}});
  }
  session.print(out, [&](std::ostream& text) {
    for (const Json& entry : out["components"]) {
      text << entry["component"].get<std::string>() << ": " << entry["verdict"].get<std::string>() << "\n";
    }
  });
  return out["permitted"].get<bool>() ? ExitCode::kOk : ExitCode::kRefused;
}

Outcome<ExitCode> update(Session& session, const Options& options) {
  TAILOR_TRY_ASSIGN(Read read, read_store(options.in));
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, read_private_key(options.key));
  if (read.sealed) {
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey anchor, with_context(crypto::public_key_of(key), options.key));
    TAILOR_TRY(with_context(authoring::open_trust_store(read.bytes, anchor), options.in + ": not of this authority"));
  } else {
    TAILOR_TRY_ASSIGN(read.bytes, authoring::seal_trust_store(read.bytes, key));
  }
  if (options.vendor.empty() && !options.class_name.empty()) {
    return fail(Error::kUsageInvalid, "--class needs its --vendor");
  }
  authoring::TrustUpdate wanted;
  wanted.sequence_number = options.sequence != 0 ? options.sequence : read.store.version;
  if (!options.vendor.empty()) wanted.vendor = vendor_of(options.vendor);
  if (!options.class_name.empty()) wanted.device_class = class_of(*wanted.vendor, options.class_name);
  wanted.integrated = !options.separate;
  wanted.sealed = read.bytes;
  TAILOR_TRY_ASSIGN(const Bytes envelope, authoring::make_trust_update(wanted, key));
  if (options.separate)
    TAILOR_TRY(write_output(options.out + ".image", read.bytes, FileMode::kPublic, Overwrite::kAllow));
  TAILOR_TRY(write_output(options.out, envelope, FileMode::kPublic, Overwrite::kAllow));
  Json document = {{"file", options.out},
                   {"size_bytes", envelope.size()},
                   {"version", read.store.version},
                   {"sequence_number", wanted.sequence_number},
                   {"warnings", authoring::doubts_about(read.store)}};
  if (options.separate) document["image"] = options.out + ".image";
  session.print(document, [&](std::ostream& out) {
    out << options.out << ": update to trust store version " << read.store.version << ", " << envelope.size()
        << " bytes, sequence number " << wanted.sequence_number << ", signed\n";
    if (options.separate) out << options.out << ".image: the trust store, to be uploaded as an image\n";
    for (const std::string& doubt : authoring::doubts_about(read.store)) out << "warning: " << doubt << "\n";
  });
  return ExitCode::kOk;
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
  make->add_option("DESCRIPTION", options->in,
                   "TOML: version, signers, policies, servers, operators, authorities, revoked")
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

  options = std::make_shared<Options>();
  CLI::App* compare = family->add_subcommand("diff", "what another trust store changes; exit code 1 when they differ");
  compare->add_option("OLD", options->in, "trust store, signed or not; no signature is checked")->required();
  compare->add_option("NEW", options->other, "trust store, signed or not")->required();
  set_action(compare, session, options, diff);

  options = std::make_shared<Options>();
  CLI::App* judge = family->add_subcommand("check", "whether devices with this trust store would take an update");
  judge->add_option("STORE", options->in, "signed trust store")->required();
  judge->add_option("ENVELOPE", options->other, "signed update")->required();
  judge->add_option("--key", options->key, "the authority's public key")->required();
  set_action(judge, session, options, check);

  options = std::make_shared<Options>();
  CLI::App* ship = family->add_subcommand("update", "make the update that brings devices a trust store");
  ship->add_option("STORE", options->in, "trust store; one that is not signed is signed at once")->required();
  ship->add_option("--key", options->key, "the authority's private key (PEM)")->required();
  ship->add_option("--sequence", options->sequence, "sequence number of the manifest (default: the store's version)")
      ->check(whole_number());
  ship->add_option("--vendor", options->vendor, "for devices of this vendor only: domain or UUID");
  ship->add_option("--class", options->class_name, "for devices of this class only: name or UUID");
  ship->add_flag("--separate", options->separate, "leave the store out of the envelope: devices fetch it as an image");
  ship->add_option("-o,--out", options->out, "file to write")->required();
  set_action(ship, session, options, update);
}

}  // namespace tailor::cli
