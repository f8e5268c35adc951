// SPDX-License-Identifier: Apache-2.0
// `tailor devices`, `tailor reports` and `tailor events`: what the update server knows of the fleet.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/api_client.hpp"
#include "cli/capability_view.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/names.hpp"
#include "cli/table.hpp"
#include "core/report/encrypted.hpp"
#include "hosted/encoding.hpp"
#include "hosted/uuid_make.hpp"
#include "services/update/service.hpp"

namespace tailor::cli {
namespace {

struct ListOptions {
  std::string filter, vendor, device_class, version, state;
  size_t limit = 0;
};

/// Shorthands are RSQL comparisons; a value is quoted, so that it stays one value. Vendor and class may be given by the
/// names that their UUIDs are derived from.
Outcome<std::string> filter_of(ListOptions options) {
  if (!options.device_class.empty() && !Uuid::from_text(options.device_class).ok()) {
    if (options.vendor.empty()) return fail(Error::kUsageInvalid, "--class by name needs --vendor");
    options.device_class = uuid_text(class_of(vendor_of(options.vendor), options.device_class));
  }
  if (!options.vendor.empty()) options.vendor = uuid_text(vendor_of(options.vendor));
  std::string filter = options.filter.empty() ? "" : "(" + options.filter + ")";
  const std::pair<const char*, const std::string*> shorthands[] = {{"vendor", &options.vendor},
                                                                   {"class", &options.device_class},
                                                                   {"version", &options.version},
                                                                   {"state", &options.state}};
  for (const auto& [name, value] : shorthands) {
    if (value->empty()) continue;
    std::string quoted;
    for (const char c : *value) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    filter += (filter.empty() ? "" : ";") + std::string(name) + "==\"" + quoted + "\"";
  }
  return filter;
}

const Json& main_component(const Json& device) {
  static const Json kNone = Json::object();
  const auto found = device.find("components");
  return found == device.end() || !found->is_array() || found->empty() ? kNone : found->front();
}

Outcome<ExitCode> list(Session& session, const ListOptions& options) {
  TAILOR_TRY_ASSIGN(const std::string filter, filter_of(options));
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json devices, client.get_all("/v1/devices", {{"filter", filter}}, options.limit));
  session.print(devices, [&](std::ostream& out) {
    Table table({"DEVICE", "CLASS", "VERSION", "SEQUENCE", "DIGEST", "LIFE CYCLE", "UPDATE", "LAST SEEN"});
    for (const Json& device : devices["items"]) {
      const Json& component = main_component(device);
      table.add({cell(device, "id"), cell(device, "class").substr(0, 8), cell(component, "version"),
                 cell(component, "sequence_number"), cell(component, "digest").substr(0, 12),
                 cell(device, "life_cycle"), state_in_words(device, "update_state"), cell(device, "last_seen")});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> show(Session& session, const std::string& id) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json device, client.get("/v1/devices/" + http::percent_encode(id)));
  session.print(device, [&](std::ostream& out) { write_members(out, device); });
  return ExitCode::kOk;
}

Outcome<ExitCode> capabilities(Session& session, const std::string& id) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json told, client.get("/v1/devices/" + http::percent_encode(id) + "/capabilities"));
  session.print(told, [&](std::ostream& out) {
    out << "received     " << printable(cell(told, "received_at")) << "\n";
    write_capability(out, told);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> retire(Session& session, const std::string& id) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json device,
                    client.post("/v1/devices/" + http::percent_encode(id) + "/retire", Json::object()));
  session.print(device, [&](std::ostream& out) {
    out << "device " << printable(id) << " is retired at this update server; 'tailor ca devices retire' revokes its "
        << "certificates\n";
  });
  return ExitCode::kOk;
}

/// What is to be known beside the result: records that are missing, a seal that does not hold.
std::string remarks_on(const Json& suit_report) {
  std::string remarks;
  if (suit_report.contains("records_missing")) {
    remarks += " (" + cell(suit_report, "records_missing") + " older records are missing)";
  }
  if (!suit_report.value("verified", false)) remarks += " (not verified: " + cell(suit_report, "seal_error") + ")";
  return remarks;
}

/// "condition failed: install, byte 14, component 0", and the remarks.
std::string suit_report_in_words(const Json& report) {
  const auto found = report.find("suit_report");
  if (found == report.end() || !found->is_object()) return "-";
  const std::string remarks = remarks_on(*found);
  const auto failure = found->find("failure");
  if (failure == found->end()) {
    const char* unread = found->value("encrypted", false) ? "encrypted" : "unreadable";
    return (found->value("success", false) ? "success" : unread) + remarks;
  }
  const Json record = failure->value("record", Json::object());
  const std::string section = cell(record, "section");
  std::string place = section == "none" ? ": before any command" : ": " + section + ", byte " + cell(record, "offset");
  if (section != "none") place += ", component " + cell(record, "component");
  return cell(*failure, "reason") + place + remarks;
}

Outcome<ExitCode> reports(Session& session, const std::string& id, size_t limit) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json list, client.get_all("/v1/devices/" + http::percent_encode(id) + "/reports", {}, limit));
  session.print(list, [&](std::ostream& out) {
    Table table({"NUMBER", "RECEIVED", "SEQUENCE", "STATE", "REASON", "MEANING", "WHERE", "SUIT REPORT"});
    for (const Json& report : list["items"]) {
      table.add({cell(report, "number"), cell(report, "received_at"), cell(report, "sequence_number"),
                 state_in_words(report, "state"), cell(report, "reason"), cell(report, "meaning"),
                 cell(report, "where"), suit_report_in_words(report)});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> report_key(Session& session, const std::string& id, const std::string& secret_file,
                             const std::string& out_file) {
  TAILOR_TRY_ASSIGN(const Uuid device, with_context(Uuid::from_text(id), "ID"));
  TAILOR_TRY_ASSIGN(const SecretBytes secret, update_server::read_report_secret(secret_file));
  TAILOR_TRY_ASSIGN(auto key, with_context(report::derive_report_key(secret.reveal(), device), "report key"));
  std::string text = to_hex(key) + "\n";
  wipe(key);
  const Outcome<void> written = write_output(out_file, as_bytes(text), FileMode::kPrivate, Overwrite::kRefuse);
  wipe(MutableBytes(reinterpret_cast<uint8_t*>(text.data()), text.size()));
  if (!written.ok()) return written.error();
  session.print({{"device", uuid_text(device)}, {"file", out_file}}, [&](std::ostream& out) {
    out << "report key of " << uuid_text(device) << " in " << out_file << " (keep it secret)\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> events(Session& session, const std::string& after, size_t limit) {
  TAILOR_TRY_ASSIGN(const ApiClient client, ApiClient::open(session));
  TAILOR_TRY_ASSIGN(const Json list, client.get_all("/v1/events", {{"after", after}}, limit));
  session.print(list, [&](std::ostream& out) {
    Table table({"NUMBER", "AT", "KIND", "SUBJECT", "ACTOR", "DETAIL"});
    for (const Json& event : list["items"]) {
      table.add({cell(event, "number"), cell(event, "at"), cell(event, "kind"), cell(event, "subject"),
                 cell(event, "actor"), cell(event, "detail")});
    }
    table.write(out);
  });
  return ExitCode::kOk;
}

}  // namespace

void add_device_commands(CLI::App& app, Session& session) {
  CLI::App* family = app.add_subcommand("devices", "devices that are registered at the update server");
  family->require_subcommand(1);
  auto options = std::make_shared<ListOptions>();
  CLI::App* all = family->add_subcommand("list", "list devices");
  all->add_option("--filter", options->filter, "RSQL, e.g. 'state==refused;version!=2.0.0'");
  all->add_option("--vendor", options->vendor, "only this vendor: domain or UUID");
  all->add_option("--class", options->device_class, "only this class: name (with --vendor) or UUID");
  all->add_option("--version", options->version, "only this version; '*' at the end stands for any rest");
  all->add_option("--state", options->state, "only this update state");
  all->add_option("--limit", options->limit, "at most this many (default: all)")->check(CLI::NonNegativeNumber);
  all->callback([&session, options] { session.action = [&session, options] { return list(session, *options); }; });

  auto id = std::make_shared<std::string>();
  CLI::App* one = family->add_subcommand("show", "show a device's profile");
  one->add_option("ID", *id, "the device's UUID")->required();
  one->callback([&session, id] { session.action = [&session, id] { return show(session, *id); }; });

  CLI::App* able = family->add_subcommand("capabilities", "show what a device said last that it can do");
  able->add_option("ID", *id, "the device's UUID")->required();
  able->callback([&session, id] { session.action = [&session, id] { return capabilities(session, *id); }; });

  CLI::App* end = family->add_subcommand("retire", "end a device's service: it is offered nothing any more");
  end->add_option("ID", *id, "the device's UUID")->required();
  end->callback([&session, id] { session.action = [&session, id] { return retire(session, *id); }; });

  auto secret = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  CLI::App* key = family->add_subcommand("report-key", "derive the key with which a device encrypts its SUIT_Reports");
  key->add_option("ID", *id, "the device's UUID")->required();
  key->add_option("--secret", *secret, "the update server's report_secret: a file of hexadecimal digits")->required();
  key->add_option("-o,--out", *out, "file for 'tailor-device run --report-key'; refused when it is there")->required();
  key->callback([&session, id, secret, out] {
    session.action = [&session, id, secret, out] { return report_key(session, *id, *secret, *out); };
  });

  auto limit = std::make_shared<size_t>(50);
  CLI::App* history = app.add_subcommand("reports", "what a device reported, the newest first");
  history->add_option("DEVICE", *id, "the device's UUID")->required();
  history->add_option("--limit", *limit, "at most this many (default: 50; 0: all)")->check(CLI::NonNegativeNumber);
  history->callback(
      [&session, id, limit] { session.action = [&session, id, limit] { return reports(session, *id, *limit); }; });

  auto after = std::make_shared<std::string>();
  auto count = std::make_shared<size_t>(0);
  CLI::App* log = app.add_subcommand("events", "the update server's event log");
  log->add_option("--after", *after, "only events after this number");
  log->add_option("--limit", *count, "at most this many (default: all)")->check(CLI::NonNegativeNumber);
  log->callback([&session, after, count] {
    session.action = [&session, after, count] { return events(session, *after, *count); };
  });
}

}  // namespace tailor::cli
