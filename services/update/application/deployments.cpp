// SPDX-License-Identifier: Apache-2.0
// The use cases of operators around deployments.
#include "hosted/uuid_make.hpp"
#include "services/update/application/event_detail.hpp"
#include "services/update/application/updates.hpp"
#include "services/update/store/device_store.hpp"
#include "services/update/store/log_store.hpp"

namespace tailor::update_server {

using store::Session;

Outcome<DeploymentView> Updates::view(Session& session, const Deployment& deployment) {
  TAILOR_TRY_ASSIGN(StateCounts counts, DeploymentStore(session, deployment.tenant).count_targets(deployment.id));
  const DeploymentState state = state_of(deployment, now_ms(), open_targets(counts));
  return DeploymentView{deployment, state, std::move(counts)};
}

Outcome<Deployment> Updates::make_deployment(Session& session, const Actor& actor, const NewDeployment& wanted,
                                             const FilterNode* filter) {
  ArtifactStore artifacts(session, actor.tenant);
  DeploymentStore deployments(session, actor.tenant);
  TAILOR_TRY_ASSIGN(const auto manifest, artifacts.find_manifest(wanted.manifest));
  if (!manifest) return fail(Error::kNotFound, "manifest " + digest_text(wanted.manifest));
  for (const Digest& digest : manifest->manifest.facts.images()) {
    TAILOR_TRY_ASSIGN(const auto image, artifacts.find_image(digest));
    if (!image) return fail(Error::kImageMissing, "image " + digest_text(digest));
  }
  Deployment deployment;
  deployment.tenant = actor.tenant;
  TAILOR_TRY_ASSIGN(deployment.id, uuid4());
  deployment.manifest = wanted.manifest;
  deployment.filter = wanted.filter;
  deployment.mode = wanted.mode;
  deployment.priority = wanted.priority;
  deployment.skip_precheck = wanted.skip_precheck;
  deployment.hold = wanted.hold;
  deployment.expires_at_ms = wanted.expires_at_ms;
  deployment.created_by = actor.name;
  deployment.created_at_ms = now_ms();
  TAILOR_TRY(deployments.insert(deployment));
  if (filter != nullptr) {
    TAILOR_TRY(deployments.add_targets(deployment.id, *filter, now_ms()));
    return deployment;
  }
  DeviceStore devices(session, actor.tenant);
  for (const Uuid& id : wanted.devices) {
    TAILOR_TRY_ASSIGN(const std::optional<Device> device, devices.find(id));
    if (!device) return fail(Error::kNotFound, "device " + uuid_text(id));
    TAILOR_TRY(deployments.add_target(deployment.id, id, now_ms()));
  }
  return deployment;
}

Outcome<std::optional<DeploymentView>> Updates::made_before(Session& session, const Actor& actor,
                                                            const NewDeployment& wanted) {
  if (wanted.idempotency_key.empty()) return std::optional<DeploymentView>();
  TAILOR_TRY_ASSIGN(const auto before, LogStore(session, actor.tenant).find_answer(actor.name, wanted.idempotency_key));
  if (!before) return std::optional<DeploymentView>();
  if (before->fingerprint != wanted.fingerprint) {
    return fail(Error::kAlreadyExists, "this Idempotency-Key belongs to another request");
  }
  const auto id = Uuid::from_text(before->body);
  if (!id.ok()) return fail(Error::kRecordMalformed, "kept answer");
  TAILOR_TRY_ASSIGN(const auto deployment, DeploymentStore(session, actor.tenant).find(id.value()));
  if (!deployment) return fail(Error::kRecordMalformed, "kept answer without deployment");
  TAILOR_TRY_ASSIGN(DeploymentView again, view(session, *deployment));
  return std::optional(std::move(again));
}

Outcome<Uploaded<DeploymentView>> Updates::deploy(const Actor& actor, const NewDeployment& wanted, Precheck* found) {
  if (wanted.filter.empty() == wanted.devices.empty()) {
    return fail(Error::kUsageInvalid, "a deployment has either a filter or devices");
  }
  if (wanted.devices.size() > config_.max_devices_named) {
    return fail(Error::kUsageInvalid,
                "more than " + std::to_string(config_.max_devices_named) + " devices; use a filter");
  }
  std::optional<FilterNode> filter;
  if (!wanted.filter.empty()) {
    TAILOR_TRY_ASSIGN(FilterNode node, parse_filter(wanted.filter));
    filter = std::move(node);
  }
  TAILOR_TRY_ASSIGN(auto again,
                    store::read(database_, [&](Session& session) { return made_before(session, actor, wanted); }));
  if (again) return Uploaded<DeploymentView>{std::move(*again), false};
  if (!wanted.skip_precheck) {
    // Nothing is locked while manifests run; what changes in the meantime is judged when it is offered.
    TAILOR_TRY_ASSIGN(const Precheck checked, precheck(actor.tenant, wanted, filter ? &*filter : nullptr));
    if (found != nullptr) *found = checked;
    if (checked.all && checked.judged > 0 && checked.refusing == checked.judged) {
      const Precheck::Refusal& first = checked.refusals.front();
      return fail(first.objection.reason, "every device would refuse it (" + std::to_string(checked.judged) +
                                              "): device " + uuid_text(first.device) + ": " +
                                              first.objection.to_text());
    }
  }
  auto done = store::write(database_, [&](Session& session) -> Outcome<Uploaded<DeploymentView>> {
    LogStore log(session, actor.tenant);
    TAILOR_TRY_ASSIGN(auto before, made_before(session, actor, wanted));
    if (before) return Uploaded<DeploymentView>{std::move(*before), false};
    if (wanted.expires_at_ms && *wanted.expires_at_ms <= now_ms()) {
      return fail(Error::kValueOutOfRange, "expires_at lies in the past");
    }
    TAILOR_TRY_ASSIGN(const Deployment deployment,
                      make_deployment(session, actor, wanted, filter ? &*filter : nullptr));
    if (!wanted.idempotency_key.empty()) {
      TAILOR_TRY(log.keep_answer(actor.name, wanted.idempotency_key,
                                 {wanted.fingerprint, 201, uuid_text(deployment.id)}, now_ms()));
    }
    TAILOR_TRY(log.add_event(
        {0, now_ms(), "deployment.created", uuid_text(deployment.id), actor.name,
         detail_json({{"manifest", digest_text(deployment.manifest)},
                      {"filter", deployment.filter},
                      {"mode", deployment.mode ? std::string(update::name_of(*deployment.mode)) : std::string()}})}));
    TAILOR_TRY_ASSIGN(DeploymentView made, view(session, deployment));
    return Uploaded<DeploymentView>{std::move(made), true};
  });
  if (done.ok() && done->is_new) changed(actor.tenant, std::nullopt);
  return done;
}

Outcome<std::vector<DeploymentView>> Updates::list_deployments(const std::string& tenant,
                                                               const std::optional<DeploymentCursor>& after,
                                                               size_t limit) {
  return store::read(database_, [&](Session& session) -> Outcome<std::vector<DeploymentView>> {
    TAILOR_TRY_ASSIGN(const std::vector<Deployment> found, DeploymentStore(session, tenant).list(after, limit));
    std::vector<DeploymentView> views;
    for (const Deployment& deployment : found) {
      TAILOR_TRY_ASSIGN(DeploymentView item, view(session, deployment));
      views.push_back(std::move(item));
    }
    return views;
  });
}

Outcome<DeploymentView> Updates::find_deployment(const std::string& tenant, const Uuid& id) {
  return store::read(database_, [&](Session& session) -> Outcome<DeploymentView> {
    TAILOR_TRY_ASSIGN(const auto deployment, DeploymentStore(session, tenant).find(id));
    if (!deployment) return fail(Error::kNotFound, "deployment " + uuid_text(id));
    return view(session, *deployment);
  });
}

Outcome<std::vector<Target>> Updates::list_targets(const std::string& tenant, const Uuid& id,
                                                   const std::optional<Uuid>& after, size_t limit) {
  return store::read(database_, [&](Session& session) -> Outcome<std::vector<Target>> {
    DeploymentStore deployments(session, tenant);
    TAILOR_TRY_ASSIGN(const auto deployment, deployments.find(id));
    if (!deployment) return fail(Error::kNotFound, "deployment " + uuid_text(id));
    return deployments.list_targets(id, after, limit);
  });
}

Outcome<DeploymentView> Updates::trigger(const Actor& actor, const Uuid& id) {
  auto done = store::write(database_, [&](Session& session) -> Outcome<DeploymentView> {
    DeploymentStore deployments(session, actor.tenant);
    TAILOR_TRY_ASSIGN(auto deployment, deployments.find(id));
    if (!deployment) return fail(Error::kNotFound, "deployment " + uuid_text(id));
    if (!deployment->hold) return fail(Error::kStateConflict, "this deployment does not hold");
    TAILOR_TRY_ASSIGN(const StateCounts counts, deployments.count_targets(id));
    // What cannot be paused any more cannot be triggered either.
    TAILOR_TRY(update_server::give_order(*deployment, deployment->order, now_ms(), open_targets(counts)));
    if (!deployment->triggered_at_ms) {
      deployment->triggered_at_ms = now_ms();
      TAILOR_TRY(deployments.set_triggered(id, now_ms()));
      TAILOR_TRY(LogStore(session, actor.tenant)
                     .add_event({0, now_ms(), "deployment.triggered", uuid_text(id), actor.name, ""}));
    }
    return view(session, *deployment);
  });
  if (done.ok()) changed(actor.tenant, std::nullopt);
  return done;
}

Outcome<DeploymentView> Updates::give_order(const Actor& actor, const Uuid& id, Order order) {
  auto done = store::write(database_, [&](Session& session) -> Outcome<DeploymentView> {
    DeploymentStore deployments(session, actor.tenant);
    TAILOR_TRY_ASSIGN(auto deployment, deployments.find(id));
    if (!deployment) return fail(Error::kNotFound, "deployment " + uuid_text(id));
    TAILOR_TRY_ASSIGN(const StateCounts counts, deployments.count_targets(id));
    TAILOR_TRY_ASSIGN(const Order given, update_server::give_order(*deployment, order, now_ms(), open_targets(counts)));
    if (given != deployment->order) {
      TAILOR_TRY(deployments.set_order(id, given));
      deployment->order = given;
      const char* kind = given == Order::kActive   ? "deployment.resumed"
                         : given == Order::kPaused ? "deployment.paused"
                                                   : "deployment.cancelled";
      TAILOR_TRY(LogStore(session, actor.tenant).add_event({0, now_ms(), kind, uuid_text(id), actor.name, ""}));
    }
    return view(session, *deployment);
  });
  if (done.ok()) changed(actor.tenant, std::nullopt);
  return done;
}

}  // namespace tailor::update_server
