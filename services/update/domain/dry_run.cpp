// SPDX-License-Identifier: Apache-2.0
// See dry_run.hpp.
#include "services/update/domain/dry_run.hpp"

#include <algorithm>

#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "authoring/trial_view.hpp"
#include "authoring/version_text.hpp"
#include "core/report/capabilities.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::update_server {
namespace {

using authoring::Node;
using authoring::Walked;

/// Refusals that a profile can tell. Every other depends on what only the device knows, or on whom it trusts.
bool is_certain(Error error) {
  constexpr Error kCertain[] = {
      Error::kSequenceNumberTooLow,     Error::kVendorMismatch,       Error::kClassMismatch,
      Error::kDeviceMismatch,           Error::kCommandUnsupported,   Error::kCommandNotAllowed,
      Error::kParameterMissing,         Error::kParameterUnsupported, Error::kComponentUnknown,
      Error::kImageDigestMismatch,      Error::kImageSizeMismatch,    Error::kConditionFailed,
      Error::kTryEachExhausted,         Error::kManifestAborted,      Error::kSequenceMissing,
      Error::kComponentVersionMismatch, Error::kAlgorithmUnsupported};
  return std::find(std::begin(kCertain), std::end(kCertain), error) != std::end(kCertain) ||
         describe(error).error_class == ErrorClass::kMalformed;
}

std::set<int64_t> numbers_of(ByteView list) {
  std::set<int64_t> out;
  cbor::Reader reader(list);
  const auto count = reader.take_array();
  for (size_t i = 0; count.ok() && i < *count; ++i) {
    if (const auto number = reader.take_int(); number.ok()) out.insert(*number);
  }
  return out;
}

std::vector<Capability::ComponentRange> components_of(ByteView list) {
  std::vector<Capability::ComponentRange> out;
  cbor::Reader reader(list);
  const auto count = reader.take_array();
  for (size_t i = 0; count.ok() && i < *count; ++i) {
    Capability::ComponentRange& range = out.emplace_back();
    const auto parts = reader.take_array();
    for (size_t k = 0; parts.ok() && k < *parts; ++k) {
      if (!reader.next_is(cbor::Type::kBytes)) {
        range.any_below = reader.take_bool().ok();
      } else if (const auto part = reader.take_bytes(); part.ok()) {
        range.id.emplace_back(part->begin(), part->end());
      }
    }
  }
  return out;
}

/// A device of which the profile is all that is known.
void declare(const Device& device, trial::Recipient& recipient) {
  recipient.device.who = {device.vendor, device.device_class, device.id, {}};
  for (const Component& installed : device.components) {
    auto component = std::make_unique<trial::DeclaredComponent>(authoring::encode_component(installed.id));
    component->content_unknown = true;
    component->known_digest = installed.digest;
    if (installed.size_bytes < UINT32_MAX) component->known_size = static_cast<uint32_t>(installed.size_bytes);
    component->sequence_number = installed.sequence_number;
    component->present_slot.reset();
    component->capacity = UINT32_MAX;
    if (auto version = authoring::version_from_text(installed.version); version.ok()) {
      component->version = std::move(version).value();
    }
    recipient.device.add(std::move(component));
  }
}

}  // namespace

bool Capability::has_component(const std::vector<Bytes>& id) const {
  return std::any_of(components.begin(), components.end(), [&](const ComponentRange& range) {
    const bool begins = id.size() >= range.id.size() && std::equal(range.id.begin(), range.id.end(), id.begin());
    return begins && (range.any_below || id.size() == range.id.size());
  });
}

Outcome<Capability> capability_from(ByteView encoded) {
  TAILOR_TRY_ASSIGN(const report::CapabilityView view,
                    with_context(report::decode_capabilities(encoded), "capability report"));
  const auto list = [&](int64_t key) { return numbers_of(view.lists[report::list_index(key)]); };
  return Capability{list(suit::capability_key::kCommands), list(suit::capability_key::kParameters),
                    list(suit::capability_key::kCryptoAlgorithms), components_of(view.components)};
}

std::string Objection::to_text() const {
  authoring::TrialCause cause;
  cause.place = {path, offset ? std::optional<size_t>(*offset) : std::nullopt, ""};
  cause.rule = rule;
  return cause.to_text();
}

struct DryRun::Parts {
  Bytes original;
  Walked walked;  ///< of `original`
  authoring::Flow flow;
  std::vector<authoring::ComponentParts> components;
  bool asks_who = false;  ///< a device identifier is compared
  Bytes signed_anew;
  cose::VerificationKey key;
  int64_t now_s = 0;

  [[nodiscard]] std::optional<Objection> beyond(const Capability& capability) const;
};

DryRun::DryRun(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DryRun::DryRun(DryRun&&) noexcept = default;
DryRun& DryRun::operator=(DryRun&&) noexcept = default;
DryRun::~DryRun() = default;

Outcome<DryRun> DryRun::prepare(ByteView envelope, int64_t now_ms) {
  auto parts = std::make_unique<Parts>();
  parts->original.assign(envelope.begin(), envelope.end());
  parts->walked = authoring::walk_envelope(parts->original);
  parts->flow = authoring::flow_of(parts->walked);
  parts->components = authoring::components_of(parts->walked);
  parts->asks_who = std::any_of(parts->flow.steps.begin(), parts->flow.steps.end(), [](const authoring::Step& step) {
    return step.command->key == suit::command::kDeviceIdentifier;
  });
  TAILOR_TRY_ASSIGN(const crypto::P256PrivateKey key, with_context(crypto::generate_p256(), "key of the dry run"));
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey open, with_context(crypto::public_key_of(key), "key of the dry run"));
  parts->key = cose::VerificationKey(open);
  TAILOR_TRY_ASSIGN(parts->signed_anew, authoring::sign_envelope(parts->original, key, authoring::KeyId::kOmit));
  parts->now_s = now_ms / 1000;
  return DryRun(std::move(parts));
}

std::string DryRun::kind_of(const Device& device) const {
  std::string out = uuid_text(device.vendor) + uuid_text(device.device_class);
  if (parts_->asks_who) out += uuid_text(device.id);
  for (const Component& installed : device.components) {
    out += component_text(installed.id) + " " + std::to_string(installed.sequence_number) + " " +
           digest_text(installed.digest) + " " + std::to_string(installed.size_bytes) + " " + installed.version + "\n";
  }
  return out;
}

/// Parameters, algorithms and commands of the device's own stand in no table of commands.
std::optional<Objection> DryRun::Parts::beyond(const Capability& capability) const {
  const auto objection = [](Error reason, const Node& node, size_t offset, const std::string& name) {
    return Objection{
        reason, "", node.path, offset,
        name + ": " + std::string(describe(reason).meaning) + "; the device's capability report does not have it"};
  };
  for (const authoring::Step& step : flow.steps) {
    const int64_t label = step.command->key;
    if (!capability.commands.contains(label)) {
      Objection found =
          objection(Error::kCommandUnsupported, *step.command, step.command->key_offset, step.command->name());
      found.command = step.command->name();
      return found;
    }
    for (const auto& [parameter, node] : step.parameters) {
      // Strict order and soft failure belong to the commands that have sequences.
      const bool of_sequences =
          parameter == suit::parameter::kStrictOrder || parameter == suit::parameter::kSoftFailure;
      if (of_sequences || capability.parameters.contains(parameter)) continue;
      return objection(Error::kParameterUnsupported, *node, node->offset, node->name());
    }
  }
  const auto blocks = authoring::blocks_of(walked);
  const bool verifies = std::any_of(blocks.begin(), blocks.end(), [&](const authoring::AuthenticationBlock& block) {
    return block.algorithm == 0 || capability.algorithms.contains(block.algorithm);
  });
  const Node* wrapper = walked.envelope().find(suit::envelope_key::kAuthentication);
  if (!verifies && wrapper != nullptr) {
    return objection(Error::kAlgorithmUnsupported, *wrapper, wrapper->offset, "no signature that it can verify");
  }
  return std::nullopt;
}

std::optional<Objection> DryRun::run(const Device& device, const Capability* capability) const {
  trial::Recipient recipient;
  declare(device, recipient);
  recipient.device.now = {processor::Time::Kind::kSynced, static_cast<uint64_t>(parts_->now_s)};
  recipient.signers.signers.push_back({parts_->key, {}, {{}}, std::nullopt, std::nullopt});
  for (const authoring::ComponentParts& id : parts_->components) {
    const Bytes encoded = authoring::encode_component(id);
    if (recipient.device.component(encoded) != nullptr) continue;
    if (capability != nullptr && !capability->has_component(id)) continue;
    auto component = std::make_unique<trial::DeclaredComponent>(encoded);
    component->content_unknown = true;
    component->present_slot.reset();
    component->capacity = UINT32_MAX;
    recipient.device.add(std::move(component));
  }
  for (const authoring::Step& step : parts_->flow.steps) {
    const bool own = step.command->key < -256 && capability == nullptr;
    if (own) recipient.custom[step.command->key] = processor::Answer::kYes;
  }
  constexpr bool kAssume = true;
  trial::Tracer tracer(recipient, kAssume);
  const trial::Ending ending = tracer.receive(parts_->signed_anew, "update");
  const bool refused = ending.verdict == trial::Verdict::kRefused && is_certain(ending.error);
  const bool in_dependency = !tracer.steps().empty() && !tracer.steps().back().manifest.empty();
  if (refused && !in_dependency) {
    authoring::TrialView view(parts_->walked, recipient);
    const authoring::TrialCause cause = view.cause_of(ending, tracer.steps());
    Objection found{ending.error, "", cause.place.path, std::nullopt, cause.rule};
    if (cause.place.offset) found.offset = *cause.place.offset;
    for (const trial::TraceStep& step : tracer.steps()) {
      if (view.place_of(step).path == cause.place.path) found.command = view.name_of(step);
    }
    return found;
  }
  return capability == nullptr ? std::nullopt : parts_->beyond(*capability);
}

}  // namespace tailor::update_server
