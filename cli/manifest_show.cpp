// SPDX-License-Identifier: Apache-2.0
// `tailor manifest inspect|explain|diff|lint`: envelopes for people.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/diagnostic.hpp"
#include "authoring/difference.hpp"
#include "authoring/explain.hpp"
#include "authoring/lint.hpp"
#include "authoring/summary.hpp"
#include "cli/files.hpp"
#include "cli/manifest_family.hpp"
#include "cli/manifest_view.hpp"
#include "cli/table.hpp"

namespace tailor::cli {
namespace {

struct ShowOptions {
  std::string file, other;
  std::vector<std::string> lenient;
  bool diagnostic = false, explain = false;
};

Json to_json(const std::vector<authoring::Paragraph>& paragraphs) {
  Json out = Json::array();
  for (const authoring::Paragraph& paragraph : paragraphs) {
    out.push_back({{"heading", paragraph.heading}, {"lines", paragraph.lines}});
  }
  return out;
}

void write_explanation(std::ostream& out, const std::vector<authoring::Paragraph>& paragraphs) {
  const char* before = "";
  for (const authoring::Paragraph& paragraph : paragraphs) {
    out << before << paragraph.heading << "\n";
    for (const std::string& line : paragraph.lines) out << "  " << printable(line) << "\n";
    before = "\n";
  }
}

Json to_json(const std::vector<authoring::Finding>& findings) {
  Json out = Json::array();
  for (const authoring::Finding& finding : findings) {
    out.push_back(
        {{"error", name_of(finding.code)}, {"offset", finding.offset}, {"path", finding.path}, {"rule", finding.rule}});
  }
  return out;
}

/// What a decoder refuses was shown as far as it is CBOR; the exit code says that devices refuse it.
Outcome<ExitCode> judged(const authoring::Walked& walked, const std::string& file) {
  TAILOR_TRY(with_context(walked.check(), file));
  return ExitCode::kOk;
}

Outcome<ExitCode> inspect(Session& session, const ShowOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  const authoring::Walked walked = authoring::walk_envelope(envelope, leniency_of(options.lenient));
  if (!walked.readable()) return with_context(Outcome<ExitCode>(walked.check().error()), options.file);
  const std::string diagnostic = authoring::walked_diagnostic(walked);
  const auto paragraphs = authoring::explain(walked);
  const bool understood = walked.findings().empty();
  const authoring::EnvelopeSummary summary = authoring::summary_of(walked);
  Json document = {{"file", options.file}, {"size_bytes", envelope.size()}, {"understood", understood}};
  document.update(summary_to_json(summary));
  document["findings"] = to_json(walked.findings());
  if (!understood) {
    document["error"] = name_of(walked.findings().front().code);
    document["detail"] = walked.findings().front().to_failure().context;
  }
  document["explanation"] = to_json(paragraphs);
  document["diagnostic"] = diagnostic;
  session.print(document, [&](std::ostream& out) {
    if (options.explain) {
      write_explanation(out, paragraphs);
    } else if (options.diagnostic) {
      out << diagnostic;
    } else {
      out << diagnostic << "\n";
      write_summary(out, summary);
    }
  });
  return judged(walked, options.file);
}

Outcome<ExitCode> diff(Session& session, const ShowOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes before, read_input(options.file));
  TAILOR_TRY_ASSIGN(const Bytes after, read_input(options.other));
  const authoring::Walked old_walked = authoring::walk_envelope(before), new_walked = authoring::walk_envelope(after);
  for (const auto* side : {&old_walked, &new_walked}) {
    const std::string& file = side == &old_walked ? options.file : options.other;
    if (!side->readable()) return with_context(Outcome<ExitCode>(side->check().error()), file);
  }
  const auto changes = authoring::differences(old_walked, new_walked);
  Json document = {{"before", options.file}, {"after", options.other}, {"differences", Json::array()}};
  for (const authoring::Difference& change : changes) {
    document["differences"].push_back({{"path", change.path},
                                       {"before", change.before.empty() ? Json(nullptr) : Json(change.before)},
                                       {"after", change.after.empty() ? Json(nullptr) : Json(change.after)}});
  }
  session.print(document, [&](std::ostream& out) {
    for (const authoring::Difference& change : changes) {
      if (change.before.empty()) {
        out << "+ " << printable(change.path) << ": " << printable(change.after) << "\n";
      } else if (change.after.empty()) {
        out << "- " << printable(change.path) << ": " << printable(change.before) << "\n";
      } else {
        out << "~ " << printable(change.path) << ": " << printable(change.before) << " -> " << printable(change.after)
            << "\n";
      }
    }
    if (changes.empty()) out << "no differences\n";
  });
  return changes.empty() ? ExitCode::kOk : ExitCode::kRefused;
}

const char* word_of(authoring::Severity severity) {
  switch (severity) {
    case authoring::Severity::kNote:
      return "note";
    case authoring::Severity::kWarning:
      return "warning";
    case authoring::Severity::kError:
      return "error";
  }
  return "";
}

Outcome<ExitCode> lint(Session& session, const ShowOptions& options) {
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(options.file));
  const authoring::Walked walked = authoring::walk_envelope(envelope, leniency_of(options.lenient));
  if (!walked.readable()) return with_context(Outcome<ExitCode>(walked.check().error()), options.file);
  const auto remarks = authoring::lint(walked);
  Json document = {{"file", options.file}, {"remarks", Json::array()}};
  bool clean = true;
  for (const authoring::Remark& remark : remarks) {
    clean = clean && remark.severity == authoring::Severity::kNote;
    document["remarks"].push_back({{"rule", remark.rule},
                                   {"severity", word_of(remark.severity)},
                                   {"path", remark.path},
                                   {"offset", remark.offset},
                                   {"text", remark.text}});
  }
  session.print(document, [&](std::ostream& out) {
    for (const authoring::Remark& remark : remarks) {
      out << word_of(remark.severity) << ": " << remark.rule << ": ";
      if (!remark.path.empty()) out << printable(remark.path) << ": ";
      out << printable(remark.text) << "\n";
    }
    if (remarks.empty()) out << options.file << ": nothing to remark\n";
  });
  return clean ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace

void add_manifest_show(CLI::App& family, Session& session) {
  const auto add = [&](const char* name, const char* help, bool explained, auto run) {
    auto options = std::make_shared<ShowOptions>();
    options->explain = explained;
    CLI::App* command = family.add_subcommand(name, help);
    command->add_option("FILE", options->file, "envelope")->required();
    command->add_option("--lenient", options->lenient, "allow what the documents do not; may be repeated")
        ->allow_extra_args(false)
        ->check(CLI::IsMember(leniency_names()));
    command->callback(
        [&session, options, run] { session.action = [&session, options, run] { return run(session, *options); }; });
    return std::pair(command, options);
  };
  const auto [show, shown] =
      add("inspect", "show an envelope in CBOR diagnostic notation, with a summary", false, inspect);
  show->add_flag("--diag", shown->diagnostic, "the notation alone");
  show->add_flag("--explain", shown->explain, "plain language instead");
  add("explain", "say in plain language what an envelope will do", true, inspect);
  add("lint", "look for what an author should not want; exit code 1 when there is something", false, lint);

  auto options = std::make_shared<ShowOptions>();
  CLI::App* command =
      family.add_subcommand("diff", "show what changed from one envelope to another; exit code 1 when something did");
  command->add_option("OLD", options->file, "envelope")->required();
  command->add_option("NEW", options->other, "envelope")->required();
  command->callback([&session, options] { session.action = [&session, options] { return diff(session, *options); }; });
}

}  // namespace tailor::cli
