// SPDX-License-Identifier: Apache-2.0
// `tailor manifest try`: runs an envelope against a device that is only declared, so that authors find out before the
// fleet does. What runs is the device's own processor.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/component_text.hpp"
#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "authoring/trial_state.hpp"
#include "authoring/trial_view.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"
#include "cli/table.hpp"
#include "core/suit/component_id.hpp"
#include "core/trust/trust_policy.hpp"
#include "trial/device_state.hpp"
#include "trial/report.hpp"
#include "trial/report_json.hpp"

namespace tailor::cli {
namespace {

using trial::TraceStep;
using trial::Verdict;

struct TryOptions {
  std::string file, device, trust, authority, report;
  std::vector<std::string> keys, images, payloads, procedures, lenient;
  bool assume = false;
};

/// A trust store in force, with what it refers to.
struct Trust {
  Bytes sealed;
  trust::TrustStore store;
  trust::Key authority;
  trust::TrustPolicy policy{store, authority};
};

Outcome<std::unique_ptr<Trust>> read_trust(const TryOptions& options) {
  if (options.authority.empty()) return fail(Error::kUsageInvalid, "--trust needs --authority, the key that signed it");
  auto trust = std::make_unique<Trust>();
  TAILOR_TRY_ASSIGN(trust->sealed, read_input(options.trust));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey anchor, read_public_key(options.authority));
  trust->authority = trust::Key(anchor);
  TAILOR_TRY_ASSIGN(trust->store, with_context(trust::open_trust_store(trust->sealed, anchor, 0), options.trust));
  return trust;
}

Outcome<void> add_payloads(const TryOptions& options, trial::Recipient& recipient) {
  for (const std::string& file : options.images) {
    TAILOR_TRY_ASSIGN(Bytes image, read_input(file));
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(image), file));
    recipient.payloads.payloads[authoring::image_uri(digest)] = std::move(image);
  }
  for (const std::string& pair : options.payloads) {
    const size_t equals = pair.rfind('=');
    if (equals == std::string::npos) return fail(Error::kUsageInvalid, "--payload is URI=FILE, not '" + pair + "'");
    TAILOR_TRY_ASSIGN(recipient.payloads.payloads[pair.substr(0, equals)], read_input(pair.substr(equals + 1)));
  }
  return kOk;
}

/// What a device with this manifest would do: update, then start what it installed.
std::vector<std::string> procedures_of(const authoring::Walked& walked) {
  using namespace suit::manifest_key;
  const auto has = [&](int64_t key) { return walked.manifest().find(key) != nullptr; };
  std::vector<std::string> out;
  if (has(kDependencyResolution) || has(kPayloadFetch) || has(kCandidateVerification) || has(kInstall)) {
    out.emplace_back("update");
  }
  if (has(kInvoke)) out.emplace_back("invoke");
  if (out.empty()) out.emplace_back(has(kUninstall) ? "uninstall" : has(kValidate) ? "validate" : "update");
  return out;
}

const char* word_of(TraceStep::Result result) {
  switch (result) {
    case TraceStep::Result::kHeld:
      return "ok";
    case TraceStep::Result::kAssumed:
      return "assumed";
    case TraceStep::Result::kFailed:
      return "fails";
    case TraceStep::Result::kError:
      return "refused";
    case TraceStep::Result::kWaits:
      return "waits";
  }
  return "";
}

std::string component_text(ByteView encoded) {
  authoring::ComponentParts parts;
  if (const auto id = suit::decode_component_id(encoded); id.ok()) {
    for (const ByteView part : *id) parts.emplace_back(part.begin(), part.end());
  }
  return authoring::component_to_text(parts);
}

Json step_json(const TraceStep& step, authoring::TrialView& view) {
  const authoring::TrialPlace place = view.place_of(step);
  Json out = {{"procedure", step.procedure},
              {"checking", step.checking},
              {"manifest", std::vector<int>(step.manifest.begin(), step.manifest.end())},
              {"section", trial::section_name(step.section == 0 ? report::kSharedSection : step.section)},
              {"section_offset", step.offset},
              {"path", place.path},
              {"offset", place.offset ? Json(*place.offset) : Json(nullptr)},
              {"component", step.component},
              {"command", view.name_of(step)},
              {"label", step.command},
              {"text", view.words_of(step)},
              {"result", word_of(step.result)}};
  const bool wrong = step.result == TraceStep::Result::kFailed || step.result == TraceStep::Result::kError;
  if (wrong) out["error"] = name_of(step.error);
  return out;
}

Json components_json(const trial::Recipient& recipient) {
  Json out = Json::array();
  for (const auto& component : recipient.device.components()) {
    Json item = {{"component", component_text(component->id)}, {"changed", component->touched}};
    if (component->content_unknown) {
      if (component->known_size) item["size_bytes"] = *component->known_size;
      if (component->known_digest) item["digest"] = to_hex(*component->known_digest);
    } else {
      item["size_bytes"] = component->content.size();
      const auto digest = crypto::sha256(component->content);
      if (digest.ok()) item["digest"] = to_hex(*digest);
    }
    out.push_back(std::move(item));
  }
  return out;
}

/// Every command once: the shared sequence is run again before each section, which is only told when it goes otherwise.
void write_trace(std::ostream& out, const Json& trace) {
  std::string heading;
  Table table({"RESULT", "BYTE", "PATH", "WHAT"});
  const auto flush = [&] {
    if (table.empty()) return;
    out << heading << "\n";
    table.write(out);
    out << "\n";
    table = Table({"RESULT", "BYTE", "PATH", "WHAT"});
  };
  for (const Json& step : trace) {
    const bool again = step["section"] == "shared" && !step["checking"].get<bool>() && step["manifest"].empty();
    if (again && (step["result"] == "ok" || step["result"] == "assumed")) continue;
    const std::string of = step["checking"].get<bool>()
                               ? step["procedure"].get<std::string>() + ": whether it applies"
                               : step["procedure"].get<std::string>() + ": " + step["section"].get<std::string>();
    if (of != heading) flush();
    heading = of;
    table.add({step["result"], step["offset"].is_null() ? "" : step["offset"].dump(), step["path"], step["text"]});
  }
  flush();
}

void write_outcome(std::ostream& out, const Json& document) {
  Table table({"COMPONENT", "CHANGED", "SIZE", "SHA-256"});
  for (const Json& item : document["components"]) {
    table.add({item["component"], item["changed"].get<bool>() ? "yes" : "no",
               item.contains("size_bytes") ? item["size_bytes"].dump() : "-", item.value("digest", "-")});
  }
  if (!table.empty()) {
    table.write(out);
    out << "\n";
  }
  for (const Json& started : document["invoked"]) {
    out << "starts " << printable(started["component"].get<std::string>());
    if (started["arguments"] != "") out << " with arguments 0x" << started["arguments"].get<std::string>();
    out << "\n";
  }
  const Json& report = document["report"];
  if (report.is_null()) {
    out << "report: none\n";
  } else if (report["success"].get<bool>()) {
    out << "report: success, " << report["records"].size() << " records\n";
  } else {
    const Json& failure = report["failure"];
    const Json& record = failure["record"];
    out << "report: " << failure["reason"].get<std::string>() << ", " << failure.value("error", "") << " ("
        << failure["code"] << ")";
    if (record["section"] != "none") {
      out << ": " << record["section"].get<std::string>() << ", byte " << record["offset"] << ", component "
          << record["component"];
    }
    out << "; " << report["records"].size() << " records\n";
  }
  out << "verdict: " << document["verdict"].get<std::string>() << "\n";
}

/// The parts of a run that have to outlive the recipient.
struct Trial {
  Bytes envelope;
  std::unique_ptr<Trust> trust;
  std::unique_ptr<trial::Recipient> recipient;
};

Outcome<Trial> prepare(const TryOptions& options) {
  Trial out;
  TAILOR_TRY_ASSIGN(out.envelope, read_input(options.file));
  TAILOR_TRY_ASSIGN(out.recipient, authoring::read_device_state(options.device));
  trial::Recipient& recipient = *out.recipient;
  const suit::Leniency more = leniency_of(options.lenient);
  if (!options.lenient.empty()) recipient.leniency = more;
  TAILOR_TRY(add_payloads(options, recipient));
  if (!options.keys.empty()) recipient.signers.signers.clear();
  for (const std::string& file : options.keys) {
    TAILOR_TRY_ASSIGN(const cose::VerificationKey key, authoring::read_key_to_verify(file));
    recipient.signers.signers.push_back({key, {}, {{}}, std::nullopt, std::nullopt});
  }
  if (!options.trust.empty()) {
    TAILOR_TRY_ASSIGN(out.trust, read_trust(options));
    recipient.anchors = &out.trust->policy;
    recipient.authorization = &out.trust->policy;
  }
  if (recipient.signers.signers.empty() && options.trust.empty()) {
    return fail(Error::kUsageInvalid, "say whom the device trusts: --key, --trust, or 'trusted' in " + options.device);
  }
  return out;
}

Outcome<ExitCode> try_manifest(Session& session, const TryOptions& options) {
  TAILOR_TRY_ASSIGN(const Trial run, prepare(options));
  trial::Recipient& recipient = *run.recipient;
  const authoring::Walked walked = authoring::walk_envelope(run.envelope, recipient.leniency);
  std::vector<std::string> procedures = options.procedures;
  if (procedures.empty() && !recipient.procedure.empty()) procedures.push_back(recipient.procedure);
  if (procedures.empty()) procedures = procedures_of(walked);

  trial::Tracer tracer(recipient, options.assume);
  trial::Ending ending;
  std::optional<Bytes> report;
  Failure no_report;
  for (const std::string& procedure : procedures) {
    ending = tracer.receive(run.envelope, procedure);
    if (const bool first = &procedure == &procedures.front(); first || ending.verdict != Verdict::kDone) {
      auto made = trial::report_of(recipient, ending);
      if (made.ok()) {
        report = std::move(made).value();
      } else {
        report.reset();
        no_report = made.error();
      }
    }
    if (ending.verdict != Verdict::kDone) break;
  }

  authoring::TrialView view(walked, recipient);
  Json document = {{"file", options.file}, {"device", options.device}, {"verdict", trial::name_of(ending.verdict)}};
  std::string told;
  if (ending.verdict != Verdict::kDone) {
    const authoring::TrialCause cause = view.cause_of(ending, tracer.steps());
    told = cause.to_text();
    if (ending.verdict == Verdict::kRefused) document["error"] = name_of(ending.error);
    document["detail"] = told;
    document["path"] = cause.place.path;
    document["offset"] = cause.place.offset ? Json(*cause.place.offset) : Json(nullptr);
    document["rule"] = cause.rule;
  }
  document["trace"] = Json::array();
  for (const TraceStep& step : tracer.steps()) document["trace"].push_back(step_json(step, view));
  document["components"] = components_json(recipient);
  document["invoked"] = Json::array();
  for (const auto& one : recipient.device.invoked) {
    document["invoked"].push_back({{"component", component_text(one.component)}, {"arguments", to_hex(one.arguments)}});
  }
  const auto decoded = report ? report::decode_suit_report(*report) : Result<report::SuitReport>(Error::kNotFound);
  document["report"] = decoded.ok() ? trial::report_json(*decoded) : Json(nullptr);
  if (!options.report.empty() && report) {
    TAILOR_TRY(write_output(options.report, *report, FileMode::kPublic, Overwrite::kAllow));
  }
  session.print(document, [&](std::ostream& out) {
    write_trace(out, document["trace"]);
    write_outcome(out, document);
  });
  if (!options.report.empty() && !report) session.err << "tailor: nothing was written: " << no_report.context << "\n";
  if (ending.verdict == Verdict::kDone) return ExitCode::kOk;
  const bool refused = ending.verdict == Verdict::kRefused;
  session.err << "tailor: " << (refused ? name_of(ending.error) : std::string_view("waiting")) << ": " << options.file
              << ": " << printable(told) << "\n";
  return refused ? exit_code_of(ending.error) : ExitCode::kRefused;
}

}  // namespace

void add_manifest_try(CLI::App& family, Session& session) {
  auto options = std::make_shared<TryOptions>();
  CLI::App* command = family.add_subcommand(
      "try", "run an envelope against a declared device; exit code 0 done, 1 refused or waiting, 2 not understood");
  command->add_option("FILE", options->file, "signed envelope")->required();
  command->add_option("--device", options->device, "state of the device, JSON (docs/formats/device-state.md)")
      ->required();
  const auto list = [&](const char* name, std::vector<std::string>& into, const char* help) {
    return command->add_option(name, into, help)->allow_extra_args(false);
  };
  list("--key", options->keys,
       "whose signature counts, for everything, instead of 'trusted' of the state; may be repeated");
  command->add_option("--trust", options->trust, "signed trust store that is in force on the device");
  command->add_option("--authority", options->authority, "the key that signed the trust store");
  list("--image", options->images, "a file that the update server has, by its digest; may be repeated");
  list("--payload", options->payloads, "URI=FILE: what is to be had there; may be repeated");
  list("--procedure", options->procedures, "update, validate, invoke or uninstall; may be repeated, in order")
      ->check(CLI::IsMember({"update", "validate", "invoke", "uninstall"}));
  command->add_flag("--assume", options->assume,
                    "take what the state does not say (payloads, contents, battery ...) to be as the manifest wants");
  command->add_option("--report", options->report,
                      "write the SUIT_Report that the device would send (CBOR, not sealed)");
  list("--lenient", options->lenient, "allow what the documents do not; may be repeated")
      ->check(CLI::IsMember(leniency_names()));
  command->callback(
      [&session, options] { session.action = [&session, options] { return try_manifest(session, *options); }; });
}

}  // namespace tailor::cli
