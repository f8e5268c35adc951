// SPDX-License-Identifier: Apache-2.0
// What a boot program links of the boot module: the decision, with the verifier's class between it and the processor
// left open, as the processor has a row of its own. tools/size.py links it for Cortex-M3 and counts what is there.
#include "device/boot/decision.hpp"

using namespace tailor;

extern "C" unsigned boot_program(const boot::Layout& layout, boot::ImageVerifier& verifier, unsigned reason) {
  boot::BootDecision decision(layout, verifier);
  const auto choice = decision.decide();
  if (!choice.ok()) return decision.end_trial(error_from_code(static_cast<uint8_t>(reason))).ok() ? 1U : 0U;
  return choice->verdict.passes() ? static_cast<unsigned>(choice->slot) : 0U;
}
