// SPDX-License-Identifier: Apache-2.0
// The agent and a trust store that replaces another: what it must not do, and what follows from it at once.
#include "device/agent/agent.hpp"

namespace tailor::agent {

/// A trust store that knows the running image's signer no more would leave a device that does not start; so would an
/// address that the agent cannot read. What does not verify today is no reason to refuse the store that may mend it.
Status Agent::may_trust(const trust::TrustStore& offered) noexcept {
  for (const std::string_view uri : offered.server_uris) TAILOR_TRY(parse_coaps_uri(uri));
  if (has_installed_ && !verify_running(offered).verdict.passes()) return Error::kTrustStoreLocksOut;
  return kOk;
}

/// Takes over the list of servers: who is out loses its session, who is new gets a registration, and who stays keeps
/// its profile. Everybody is told anew what the device is.
void Agent::on_trust_changed(bool authorities_kept) noexcept {
  core_.info("trust.changed").number("version", identity_.trust().version);
  std::array<CoapsUri, kServers> listed{};
  for (size_t server = 0; server < servers(); ++server) {
    if (const auto uri = parse_coaps_uri(identity_.trust().server_uris[server]); uri.ok()) listed[server] = *uri;
  }
  ServerSet known = 0;
  for (size_t server = 0; server < servers(); ++server) {
    for (size_t old = 0; old < kServers; ++old) {
      const ServerTask& task = task_of(old);
      const bool same = task.configured() && task.uri().same_server(listed[server]);
      if (same && (known_ >> old & 1U) != 0) known = static_cast<ServerSet>(known | 1U << server);
    }
  }
  for (size_t server = 0; server < kServers; ++server) {
    ServerTask& task = task_of(server);
    const bool stays = server < servers() && task.configured() && task.uri().same_server(listed[server]);
    if (stays || lent(server)) {
      task.link().trust_changed(authorities_kept);
    } else {
      task.link().fail(Error::kServerNotListed);
      backoff_[server].succeeded();
    }
    task.forget();
    if (server >= servers()) continue;
    if (const Status named = task.configure(identity_.trust().server_uris[server]); !named.ok()) {
      core_.error("trust.server").number("server", server).error(named.error());
    }
  }
  for (size_t index = kServers; index < kLinks; ++index) links_[index]->trust_changed(authorities_kept);

  known_ = known;
  registered_ = 0;
  tried_ = 0;
  poll_turn_ = 0;
  poll_due_ = now_;
  more_to_do_ = true;
  if (const Status readdressed = reporter_.readdress(all_servers()); !readdressed.ok()) {
    core_.error("report.lost").error(readdressed.error());
  }
  if (const Status saved = save_life(); !saved.ok()) core_.error("life.not-saved").error(saved.error());
}

}  // namespace tailor::agent
