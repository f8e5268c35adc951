// SPDX-License-Identifier: Apache-2.0
// `tailor deploy` and `tailor watch`: ordering updates and following them to their end.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "authoring/summary.hpp"
#include "cli/api_client.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/table.hpp"
#include "hosted/utc_clock.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::cli {
namespace {

struct CreateOptions {
  std::string manifest, filter, mode, expires_in, idempotency_key;
  std::vector<std::string> devices;
  int64_t priority = 0;
  bool skip_precheck = false;
  bool hold = false;
};

/// "90s", "15m", "12h" or "7d".
Outcome<std::chrono::seconds> duration_from_text(const std::string& text) {
  const auto refuse = [&] {
    return fail(Error::kUsageInvalid, "'" + text + "' is no duration like 90s, 15m, 12h or 7d");
  };
  const std::map<char, int64_t> units = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  if (text.size() < 2 || text.size() > 8 || !units.contains(text.back())) return refuse();
  int64_t number = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return refuse();
    number = number * 10 + (text[i] - '0');
  }
  if (number == 0) return refuse();
  return std::chrono::seconds(number * units.at(text.back()));
}

void write_deployments(std::ostream& out, const Json& items) {
  Table table({"DEPLOYMENT", "STATE", "HOLDS", "MANIFEST", "MODE", "PRIORITY", "FILTER", "EXPIRES"});
  for (const Json& item : items) {
    const bool holds = item.value("hold", false);
    table.add({cell(item, "id"), cell(item, "state"),
               holds ? (item.contains("triggered_at") ? "triggered" : "until its trigger") : "-",
               cell(item, "manifest").substr(0, 12), cell(item, "mode"), cell(item, "priority"), cell(item, "filter"),
               cell(item, "expires_at")});
  }
  table.write(out);
}

Outcome<ExitCode> print_deployment(Session& session, const Json& deployment) {
  session.print(deployment, [&](std::ostream& out) { write_deployments(out, Json::array({deployment})); });
  return ExitCode::kOk;
}

/// Says which devices the server expects to refuse.
void warn_of_refusals(Session& session, const Json& deployment) {
  const auto found = deployment.find("precheck");
  if (found == deployment.end() || !found->is_object() || found->value("refusing", 0U) == 0) return;
  session.err << "tailor: warning: " << cell(*found, "refusing") << " of " << cell(*found, "judged")
              << " devices would refuse this manifest\n";
  for (const Json& refusal : found->value("refusals", Json::array())) {
    session.err << "  " << printable(cell(refusal, "device")) << ": " << printable(cell(refusal, "reason")) << ": ";
    if (refusal.contains("offset")) session.err << "at byte " << cell(refusal, "offset") << ", ";
    session.err << printable(cell(refusal, "path")) << ": " << printable(cell(refusal, "rule")) << "\n";
  }
}

/// A digest as it stands, or that of the manifest in an envelope's file.
Outcome<std::string> manifest_digest(const std::string& digest_or_file) {
  if (!std::filesystem::exists(digest_or_file)) return digest_or_file;
  TAILOR_TRY_ASSIGN(const Bytes envelope, read_input(digest_or_file));
  TAILOR_TRY_ASSIGN(const authoring::EnvelopeSummary summary,
                    with_context(authoring::summarize(envelope), digest_or_file));
  return to_hex(summary.digest);
}

Outcome<ExitCode> create(Session& session, const CreateOptions& options) {
  if (options.filter.empty() == options.devices.empty()) {
    return fail(Error::kUsageInvalid, "say which devices: either --filter or --device");
  }
  TAILOR_TRY_ASSIGN(const std::string manifest, manifest_digest(options.manifest));
  Json body = {{"manifest", manifest}, {"priority", options.priority}};
  if (!options.filter.empty()) body["filter"] = options.filter;
  if (!options.devices.empty()) body["devices"] = options.devices;
  if (!options.mode.empty()) body["mode"] = options.mode;
  if (options.skip_precheck) body["skip_precheck"] = true;
  if (options.hold) body["hold"] = true;
  if (!options.expires_in.empty()) {
    TAILOR_TRY_ASSIGN(const std::chrono::seconds lifetime, duration_from_text(options.expires_in));
    const SystemUtcClock clock;
    body["expires_at"] = to_rfc3339(std::chrono::floor<std::chrono::seconds>(clock.now()) + lifetime);
  }
  std::string idempotency_key = options.idempotency_key;
  if (idempotency_key.empty()) {
    TAILOR_TRY_ASSIGN(const Uuid key, uuid4());
    idempotency_key = uuid_text(key);
  }
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json deployment, client.post("/v1/deployments", body, idempotency_key));
  warn_of_refusals(session, deployment);
  return print_deployment(session, deployment);
}

Outcome<ExitCode> list(Session& session) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json list, client.get_all("/v1/deployments", {}, 0));
  session.print(list, [&](std::ostream& out) { write_deployments(out, list["items"]); });
  return ExitCode::kOk;
}

std::string path_of(const std::string& id) {
  return "/v1/deployments/" + http::percent_encode(id);
}

void write_targets(std::ostream& out, const Json& targets) {
  Table table({"DEVICE", "STATE", "REASON", "DETAIL", "UPDATED"});
  for (const Json& target : targets) {
    table.add({cell(target, "device"), state_in_words(target, "state"), cell(target, "reason"), cell(target, "detail"),
               cell(target, "updated_at")});
  }
  table.write(out);
}

Outcome<ExitCode> show(Session& session, const std::string& id) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(Json deployment, client.get(path_of(id)));
  TAILOR_TRY_ASSIGN(const Json targets, client.get_all(path_of(id) + "/devices", {}, 0));
  deployment["devices"] = targets["items"];
  session.print(deployment, [&](std::ostream& out) {
    write_deployments(out, Json::array({deployment}));
    out << "\n";
    write_targets(out, deployment["devices"]);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> order(Session& session, const std::string& id, const char* verb) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json deployment, client.post(path_of(id) + "/" + verb, Json::object()));
  return print_deployment(session, deployment);
}

struct WatchOptions {
  std::string id;
  unsigned interval_ms = 1000;
  unsigned timeout_s = 0;
};

/// How far a deployment is, by the states of its devices.
struct Count {
  size_t devices = 0, confirmed = 0, failed = 0;
  std::map<std::string, size_t> by_state;
};

Count count(const Json& targets) {
  Count out;
  for (const Json& target : targets) {
    const std::string state = cell(target, "state");
    ++out.devices;
    ++out.by_state[state_in_words(target, "state")];
    if (state == "confirmed") ++out.confirmed;
    if (state == "refused" || state == "reverted") ++out.failed;
  }
  return out;
}

void write_bar(std::ostream& out, const Count& seen, bool in_place) {
  constexpr size_t kWidth = 30;
  const size_t ended = seen.confirmed + seen.failed;
  const size_t filled = seen.devices == 0 ? 0 : ended * kWidth / seen.devices;
  out << (in_place ? "\r\x1b[K[" : "[") << std::string(filled, '#') << std::string(kWidth - filled, '.') << "] "
      << ended << "/" << seen.devices;
  for (const auto& [state, number] : seen.by_state) out << "  " << printable(state) << " " << number;
  out << (in_place ? "" : "\n") << std::flush;
}

Outcome<ExitCode> watch(Session& session, const WatchOptions& options) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  const auto start = std::chrono::steady_clock::now();
  std::map<std::string, size_t> shown;
  while (true) {
    TAILOR_TRY_ASSIGN(Json deployment, client.get(path_of(options.id)));
    TAILOR_TRY_ASSIGN(const Json targets, client.get_all(path_of(options.id) + "/devices", {}, 0));
    const Count seen = count(targets["items"]);
    if (!session.json && (session.interactive || seen.by_state != shown))
      write_bar(session.out, seen, session.interactive);
    shown = seen.by_state;
    const std::string state = cell(deployment, "state");
    const bool all_ended = seen.devices > 0 && seen.confirmed + seen.failed == seen.devices;
    if (all_ended || (state != "active" && state != "paused")) {
      if (session.interactive && !session.json) session.out << "\n";
      deployment["devices"] = targets["items"];
      session.print(deployment, [&](std::ostream& out) {
        out << "deployment " << state << ": " << seen.confirmed << " confirmed, " << seen.failed << " failed, "
            << seen.devices - seen.confirmed - seen.failed << " open\n";
        if (seen.failed > 0) write_targets(out, targets["items"]);
      });
      return seen.confirmed == seen.devices && seen.devices > 0 ? ExitCode::kOk : ExitCode::kRefused;
    }
    const auto waited = std::chrono::steady_clock::now() - start;
    if (options.timeout_s > 0 && waited > std::chrono::seconds(options.timeout_s)) {
      return fail(Error::kTimeout, "the deployment has not ended after " + std::to_string(options.timeout_s) + " s");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(options.interval_ms));
  }
}

}  // namespace

void add_deployment_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("deploy", "order updates");
  family->require_subcommand(1);

  auto options = std::make_shared<CreateOptions>();
  CLI::App* make = family->add_subcommand("create", "order an update for some devices");
  make->add_option("--manifest", options->manifest, "digest of an uploaded manifest, or its envelope's file")
      ->required();
  make->add_option("--device", options->devices, "a device's UUID; may be repeated")->allow_extra_args(false);
  make->add_option("--filter", options->filter, "the devices that fit this RSQL filter, now and later");
  make->add_option("--mode", options->mode, "how it reaches them (default: what each device prefers)")
      ->check(CLI::IsMember({"pull", "push", "hybrid"}));
  make->add_option("--priority", options->priority,
                   "of two deployments for a device the higher goes first (default: 0)");
  make->add_flag("--skip-precheck", options->skip_precheck,
                 "offer it also where vendor, class or sequence number do not fit; devices judge for themselves");
  make->add_flag("--hold", options->hold, "devices stage the update and wait for 'tailor deploy trigger'");
  make->add_option("--expires-in", options->expires_in, "it ends after this time: 90s, 15m, 12h, 7d");
  make->add_option("--idempotency-key", options->idempotency_key, "repeat a command safely (default: a new key)");
  make->callback([&session, options] { session.action = [&session, options] { return create(session, *options); }; });

  family->add_subcommand("list", "list deployments")->callback([&session] {
    session.action = [&session] { return list(session); };
  });
  auto id = std::make_shared<std::string>();
  CLI::App* one = family->add_subcommand("show", "show a deployment and its devices");
  one->add_option("ID", *id, "the deployment's id")->required();
  one->callback([&session, id] { session.action = [&session, id] { return show(session, *id); }; });
  const std::pair<const char*, const char*> verbs[] = {{"pause", "offer it to no more devices for now"},
                                                       {"resume", "go on with a paused deployment"},
                                                       {"cancel", "end a deployment"},
                                                       {"trigger", "let devices that hold install the update"}};
  for (const auto& [verb, help] : verbs) {
    CLI::App* command = family->add_subcommand(verb, help);
    command->add_option("ID", *id, "the deployment's id")->required();
    command->callback(
        [&session, id, verb = verb] { session.action = [&session, id, verb] { return order(session, *id, verb); }; });
  }

  auto watching = std::make_shared<WatchOptions>();
  CLI::App* follow =
      app.add_subcommand("watch", "follow a deployment to its end; exit code 0 when every device confirmed");
  follow->add_option("ID", watching->id, "the deployment's id")->required();
  follow->add_option("--interval-ms", watching->interval_ms, "time between two looks (default: 1000)")
      ->check(CLI::NonNegativeNumber)
      ->check(CLI::Range(50, 60000));
  follow->add_option("--timeout", watching->timeout_s, "give up after this many seconds (default: never)")
      ->check(CLI::NonNegativeNumber);
  follow->callback(
      [&session, watching] { session.action = [&session, watching] { return watch(session, *watching); }; });
}

}  // namespace tailor::cli
