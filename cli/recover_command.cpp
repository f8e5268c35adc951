// SPDX-License-Identifier: Apache-2.0
// `tailor recover`: brings a board that has no valid image back, over its serial line.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/summary.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/recovery_client.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::cli {
namespace {

struct Options {
  std::string line;
  std::string file;
  unsigned baud = 115'200;
  unsigned timeout_ms = 500;
  bool status_only = false;
};

Json to_json(const RecoveryStatus& status) {
  return {{"device", uuid_text(status.device)},
          {"vendor", uuid_text(status.vendor)},
          {"class", uuid_text(status.device_class)},
          {"reason", status.reason ? Json(name_of(*status.reason)) : Json("requested")},
          {"slot", status.slot}};
}

void tell(std::ostream& out, const RecoveryStatus& status) {
  out << "board " << uuid_text(status.device) << " is in recovery: "
      << (status.reason ? std::string(describe(*status.reason).meaning) : "somebody asked for it") << "\n";
}

/// Says how far it is: in place for a person, in tenths otherwise.
class Progress {
 public:
  Progress(const Session& session, size_t total) : session_(session), total_(total) {}
  void operator()(size_t done) {
    const size_t percent = done * 100 / total_;
    const size_t step = session_.interactive ? 1 : 10;
    if (session_.json || percent / step == shown_ / step) return;
    shown_ = percent;
    session_.out << (session_.interactive ? "\r" : "") << "sent " << done << " of " << total_ << " bytes (" << percent
                 << " %)" << (session_.interactive && percent < 100 ? "" : "\n") << std::flush;
  }

 private:
  const Session& session_;
  const size_t total_;
  size_t shown_ = 0;
};

Outcome<ExitCode> recover(Session& session, const Options& options) {
  Bytes envelope;
  Json document;
  if (!options.status_only) {
    if (options.file.empty()) return fail(Error::kUsageInvalid, "FILE is needed, or --status");
    TAILOR_TRY_ASSIGN(envelope, read_input(options.file));
    TAILOR_TRY_ASSIGN(const authoring::EnvelopeSummary summary,
                      with_context(authoring::summarize(envelope), options.file));
    if (summary.payloads.empty()) {
      return fail(Error::kPayloadUnavailable, options.file +
                                                  " carries no image: recovery needs one inside the envelope "
                                                  "(tailor manifest create --integrated)");
    }
    document = {{"manifest", to_hex(summary.digest)}, {"sequence_number", summary.sequence_number}};
  }
  TAILOR_TRY_ASSIGN(SerialLine line, SerialLine::open(options.line, options.baud));
  const std::chrono::milliseconds answer(options.timeout_ms);
  RecoveryClient client(std::move(line), {.answer = answer, .verdict = answer * 10});
  TAILOR_TRY_ASSIGN(const RecoveryStatus status, client.status());
  document.update(to_json(status));
  if (!session.json) tell(session.out, status);
  if (!options.status_only) {
    Progress progress(session, envelope.size());
    const Outcome<void> sent = client.send(envelope, status.block_szx, [&progress](size_t done) { progress(done); });
    if (!sent.ok() && session.interactive) session.out << "\n";
    TAILOR_TRY(sent);
    document["bytes"] = envelope.size();
    document["repeats"] = client.repeats();
  }
  session.print(document, [&](std::ostream& out) {
    if (options.status_only) {
      for (const auto& [name, value] : document.items()) {
        out << name << std::string(10 - name.size(), ' ')
            << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
      }
      return;
    }
    out << "the board has verified the image in slot " << status.slot << " and restarts to try it\n";
  });
  return ExitCode::kOk;
}

}  // namespace

void add_recover_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("recover", "bring a board without a valid image back, over its serial line");
  command->add_option("--serial", options->line, "serial port, pseudo-terminal, or Unix socket of an emulator")
      ->required();
  command->add_option("--baud", options->baud, "rate of a serial port (default: 115200)");
  command
      ->add_option("--timeout-ms", options->timeout_ms,
                   "before a request is sent again, ten times at most (default: 500)")
      ->check(CLI::Range(10, 60'000));
  command->add_flag("--status", options->status_only, "ask who is there, and send nothing");
  command->add_option("FILE", options->file, "signed envelope with the image inside");
  command->callback(
      [&session, options] { session.action = [&session, options] { return recover(session, *options); }; });
}

}  // namespace tailor::cli
