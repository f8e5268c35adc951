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

}  // namespace

Result<ByteView> write_capabilities(ByteView image_component, MutableBytes out) noexcept {
  std::array<report::ComponentCapability, 2> components;
  TAILOR_TRY_ASSIGN(components[0].id, decode_component_id(image_component));
  TAILOR_TRY_ASSIGN(components[1].id, decode_component_id(trust::kTrustComponent));
  std::array<int32_t, 48> commands;
  size_t command_count = 0;
  for (const processor::Command& row : processor::kUpdateCommands.rows) {
    if (command_count < commands.size()) commands[command_count++] = row.label;
  }
  FixedList<int32_t, 32> parameters;
  for (int32_t label = parameter::kVendorIdentifier; label <= parameter::kComponentMetadata; ++label) {
    if (processor::supports_parameter(label)) TAILOR_TRY(parameters.push_back(label, Error::kInternal));
  }
  FixedList<int32_t, 9> algorithms;
  for (const auto hash :
       {crypto::HashAlgorithm::kSha256, crypto::HashAlgorithm::kShake128, crypto::HashAlgorithm::kSha384,
        crypto::HashAlgorithm::kSha512, crypto::HashAlgorithm::kShake256}) {
    if (has_hash(hash)) TAILOR_TRY(algorithms.push_back(static_cast<int32_t>(hash), Error::kInternal));
  }
  // Encryption is not among them: the agent has no keys for it.
  const std::pair<int32_t, bool> signatures[] = {{cose::algorithm::kEsp256, cose::options::kEsp256},
                                                 {cose::algorithm::kEd25519, has_ed25519()},
                                                 {cose::algorithm::kHssLms, cose::options::kHssLms},
                                                 {cose::algorithm::kHmac256, cose::options::kMac}};
  for (const auto& [algorithm, built_in] : signatures) {
    if (built_in) TAILOR_TRY(algorithms.push_back(algorithm, Error::kInternal));
  }
  report::Capabilities capabilities;
  capabilities.components = components;
  capabilities.lists[report::list_index(capability_key::kCommands)] = std::span(commands).first(command_count);
  capabilities.lists[report::list_index(capability_key::kParameters)] = parameters.view();
  capabilities.lists[report::list_index(capability_key::kCryptoAlgorithms)] = algorithms.view();
  return report::encode(capabilities, out);
}

}  // namespace tailor::agent
