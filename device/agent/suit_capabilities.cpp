// SPDX-License-Identifier: Apache-2.0
// What this build's processor and crypto backend have, asked of them where they can tell.
#include "core/cose/algorithms.hpp"
#include "core/cose/options.hpp"
#include "core/processor/machine.hpp"
#include "device/agent/suit_reporting.hpp"

namespace tailor::agent {
namespace {

using namespace suit;

bool has_hash(crypto::HashAlgorithm algorithm) noexcept {
  std::array<uint8_t, crypto::kMaxHashBytes> digest;
  crypto::Hash hash(algorithm);
  return hash.finish(digest).ok();
}

bool has_ed25519() noexcept {
  if (!cose::options::kEd25519) return false;
  const Status verified = crypto::verify_ed25519({}, {}, {});
  return verified.ok() || verified.error() != Error::kAlgorithmUnsupported;
}

/// Commands for dependencies need a place to keep one.
bool is_of_dependencies(int32_t label) noexcept {
  return label == command::kDependencyIntegrity || label == command::kProcessDependency;
}

Status add_encryption([[maybe_unused]] FixedList<int32_t, 24>& algorithms) noexcept {
#if TAILOR_SUIT_ENCRYPTION
  using crypto::ContentAlgorithm;
  for (const auto algorithm : {ContentAlgorithm::kA128Gcm, ContentAlgorithm::kA192Gcm, ContentAlgorithm::kA256Gcm,
                               ContentAlgorithm::kChaCha20Poly1305, ContentAlgorithm::kA128Ctr,
                               ContentAlgorithm::kA192Ctr, ContentAlgorithm::kA256Ctr}) {
    const crypto::ContentSizes sizes = crypto::content_sizes(algorithm);
    const std::array<uint8_t, 32> zeros{};
    crypto::ContentDecryption decryption;
    const Status started =
        decryption.start(algorithm, ByteView(zeros).first(sizes.key), ByteView(zeros).first(sizes.iv), {});
    if (started.ok()) TAILOR_TRY(algorithms.push_back(static_cast<int32_t>(algorithm), Error::kInternal));
  }
  // What the device has keys for: device_keys.hpp.
  for (const int32_t algorithm : {cose::algorithm::kA128Kw, cose::algorithm::kEcdhEsA128Kw}) {
    TAILOR_TRY(algorithms.push_back(algorithm, Error::kInternal));
  }
#endif
  return kOk;
}

}  // namespace

Result<ByteView> write_capabilities(const AgentSettings& settings, MutableBytes out) noexcept {
  FixedList<report::ComponentCapability, 4> components;
  const bool has_dependencies = TAILOR_AGENT_DEPENDENCIES != 0 && !settings.extra.dependency.empty();
  const bool has_staging = TAILOR_AGENT_STAGING != 0 && settings.extra.regions.slot.size() != 0;
  for (const ByteView id :
       {settings.image_component, ByteView(trust::kTrustComponent),
        has_dependencies ? settings.extra.dependency : ByteView(), has_staging ? settings.extra.staging : ByteView()}) {
    if (id.empty()) continue;
    report::ComponentCapability component;
    TAILOR_TRY_ASSIGN(component.id, decode_component_id(id));
    TAILOR_TRY(components.push_back(component, Error::kInternal));
  }
  std::array<int32_t, 48> commands;
  size_t command_count = 0;
  for (const processor::Command& row : processor::kUpdateCommands.rows) {
    if (is_of_dependencies(row.label) && !has_dependencies) continue;
    if (command_count < commands.size()) commands[command_count++] = row.label;
  }
  FixedList<int32_t, 32> parameters;
  for (int32_t label = parameter::kVendorIdentifier; label <= parameter::kComponentMetadata; ++label) {
    if (processor::supports_parameter(label)) TAILOR_TRY(parameters.push_back(label, Error::kInternal));
  }
  FixedList<int32_t, 24> algorithms;
  for (const auto hash :
       {crypto::HashAlgorithm::kSha256, crypto::HashAlgorithm::kShake128, crypto::HashAlgorithm::kSha384,
        crypto::HashAlgorithm::kSha512, crypto::HashAlgorithm::kShake256}) {
    if (has_hash(hash)) TAILOR_TRY(algorithms.push_back(static_cast<int32_t>(hash), Error::kInternal));
  }
  const std::pair<int32_t, bool> signatures[] = {{cose::algorithm::kEsp256, cose::options::kEsp256},
                                                 {cose::algorithm::kEd25519, has_ed25519()},
                                                 {cose::algorithm::kHssLms, cose::options::kHssLms},
                                                 {cose::algorithm::kHmac256, cose::options::kMac}};
  for (const auto& [algorithm, built_in] : signatures) {
    if (built_in) TAILOR_TRY(algorithms.push_back(algorithm, Error::kInternal));
  }
  TAILOR_TRY(add_encryption(algorithms));
  report::Capabilities capabilities;
  capabilities.components = components.view();
  capabilities.lists[report::list_index(capability_key::kCommands)] = std::span(commands).first(command_count);
  capabilities.lists[report::list_index(capability_key::kParameters)] = parameters.view();
  capabilities.lists[report::list_index(capability_key::kCryptoAlgorithms)] = algorithms.view();
  return report::encode(capabilities, out);
}

}  // namespace tailor::agent
