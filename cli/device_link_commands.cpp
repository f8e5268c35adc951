// SPDX-License-Identifier: Apache-2.0
// `tailor push-manifest`, `device-trigger`, `device-status` and `device-capabilities`: straight from the operator to a
// device that listens, over DTLS; the image still comes from the update server.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/component_text.hpp"
#include "authoring/summary.hpp"
#include "cli/capability_view.hpp"
#include "cli/commands.hpp"
#include "cli/device_link.hpp"
#include "cli/files.hpp"
#include "cli/table.hpp"
#include "core/report/capabilities.hpp"
#include "core/update/status.hpp"
#include "hosted/uuid_make.hpp"
#include "trial/report_json.hpp"

namespace tailor::cli {
namespace {

Outcome<ExitCode> push_manifest(Session& session, const std::string& uri, const std::string& file) {
  TAILOR_TRY_ASSIGN(Bytes envelope, read_input(file));
  TAILOR_TRY_ASSIGN(const authoring::EnvelopeSummary summary, with_context(authoring::summarize(envelope), file));
  TAILOR_TRY_ASSIGN(const std::unique_ptr<DeviceLink> link, DeviceLink::open(session, uri));
  TAILOR_TRY(link->request({.method = coap::Code::kPut,
                            .uri = "/manifest",
                            .body = std::move(envelope),
                            .content_format = update::kFormatEnvelope}));
  const Json document = {{"device", uuid_text(link->device())},
                         {"manifest", to_hex(summary.digest)},
                         {"sequence_number", summary.sequence_number}};
  session.print(document, [&](std::ostream& out) {
    out << "device " << uuid_text(link->device()) << " has accepted manifest " << to_hex(summary.digest) << "\n";
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> trigger(Session& session, const std::string& uri) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<DeviceLink> link, DeviceLink::open(session, uri));
  TAILOR_TRY(link->request({.method = coap::Code::kPost, .uri = "/trigger"}));
  session.print({{"device", uuid_text(link->device())}, {"triggered", true}},
                [&](std::ostream& out) { out << "device " << uuid_text(link->device()) << " was told to go on\n"; });
  return ExitCode::kOk;
}

Json to_json(const update::DeviceStatus& status) {
  Json components = Json::array();
  for (const update::InstalledComponent& component : status.components) {
    authoring::ComponentParts parts;
    for (const ByteView part : component.id) parts.emplace_back(part.begin(), part.end());
    components.push_back({{"component", authoring::component_to_text(parts)},
                          {"version", component.version},
                          {"sequence_number", component.sequence_number},
                          {"digest", to_hex(component.digest)},
                          {"size_bytes", component.size_bytes}});
  }
  return {{"device", uuid_text(status.device)},
          {"vendor", uuid_text(status.vendor)},
          {"class", uuid_text(status.device_class)},
          {"life_cycle", update::name_of(status.life_cycle)},
          {"update_state", update::name_of(status.update.state())},
          {"awaits", status.update.awaited() ? Json(update::words_of(*status.update.awaited())) : Json(nullptr)},
          {"reason", status.update.reason() ? Json(name_of(*status.update.reason())) : Json(nullptr)},
          {"manifest", status.manifest_digest ? Json(to_hex(*status.manifest_digest)) : Json(nullptr)},
          {"received_bytes", status.received_bytes},
          {"expected_bytes", status.expected_bytes},
          {"trust_store_version", status.trust_store_version},
          {"running_slot", status.boot.running_slot},
          {"trial", status.boot.trial},
          {"components", components}};
}

Outcome<ExitCode> status(Session& session, const std::string& uri) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<DeviceLink> link, DeviceLink::open(session, uri));
  TAILOR_TRY_ASSIGN(const net::CoapResponse response,
                    link->request({.method = coap::Code::kGet, .uri = "/status", .accept = update::kFormatStatus}));
  TAILOR_TRY_ASSIGN(const update::DeviceStatus decoded,
                    with_context(update::decode_status(response.body), "the device's status"));
  const Json document = to_json(decoded);
  session.print(document, [&](std::ostream& out) {
    for (const auto& [name, value] : document.items()) {
      if (name == "components" || value.is_null()) continue;
      out << name << std::string(21 - name.size(), ' ')
          << printable(value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
    }
    Table table({"COMPONENT", "VERSION", "SEQUENCE", "SIZE", "DIGEST"});
    for (const Json& component : document["components"]) {
      table.add({component["component"], component["version"], component["sequence_number"].dump(),
                 component["size_bytes"].dump(), component["digest"]});
    }
    out << "\n";
    table.write(out);
  });
  return ExitCode::kOk;
}

Outcome<ExitCode> capabilities(Session& session, const std::string& uri) {
  TAILOR_TRY_ASSIGN(const std::unique_ptr<DeviceLink> link, DeviceLink::open(session, uri));
  TAILOR_TRY_ASSIGN(
      const net::CoapResponse response,
      link->request({.method = coap::Code::kGet, .uri = "/capabilities", .accept = coap::format::kCapabilities}));
  TAILOR_TRY_ASSIGN(const report::CapabilityView view,
                    with_context(report::decode_capabilities(response.body), "the device's capability report"));
  Json document = {{"device", uuid_text(link->device())}, {"encoded", to_hex(response.body)}};
  document.update(trial::capabilities_json(view));
  session.print(document, [&](std::ostream& out) { write_capability(out, document); });
  return ExitCode::kOk;
}

}  // namespace

void add_device_link_commands(CLI::App& app, Session& session) {
  auto uri = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  CLI::App* push = app.add_subcommand("push-manifest", "send a signed envelope straight to a device that listens");
  push->add_option("--device", *uri, "coaps://host[:port]")->required();
  push->add_option("FILE", *file, "signed envelope")->required();
  push->callback([&session, uri, file] {
    session.action = [&session, uri, file] { return push_manifest(session, *uri, *file); };
  });

  CLI::App* go = app.add_subcommand("device-trigger", "tell a device that waits for a trigger to install now");
  go->add_option("--device", *uri, "coaps://host[:port]")->required();
  go->callback([&session, uri] { session.action = [&session, uri] { return trigger(session, *uri); }; });

  CLI::App* able = app.add_subcommand("device-capabilities", "ask a device that listens what it can do");
  able->add_option("--device", *uri, "coaps://host[:port]")->required();
  able->callback([&session, uri] { session.action = [&session, uri] { return capabilities(session, *uri); }; });

  CLI::App* look = app.add_subcommand("device-status", "ask a device that listens for its status");
  look->add_option("--device", *uri, "coaps://host[:port]")->required();
  look->callback([&session, uri] { session.action = [&session, uri] { return status(session, *uri); }; });
}

}  // namespace tailor::cli
