// SPDX-License-Identifier: Apache-2.0
// What a boot program over the manifest processor links: the decision, and the verifier with the processor under it.
// tools/size.py links it for Cortex-M3, without crypto backend, start-up and the key's place, and counts what is there.
#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"

using namespace tailor;

extern "C" unsigned processor_boot(const boot::Layout& layout, const boot::SuitVerifier::Settings& settings) {
  boot::SuitVerifier verifier(settings);
  boot::BootDecision decision(layout, verifier);
  const auto choice = decision.decide();
  return choice.ok() && choice->verdict.passes() ? static_cast<unsigned>(choice->slot) : 0U;
}
