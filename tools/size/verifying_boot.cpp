// SPDX-License-Identifier: Apache-2.0
// What a verifying boot program links: trust store, records and manifest read in place, and the decision.
// tools/size.py links it for Cortex-M3, without crypto backend, start-up and the flash driver, and counts what is
// there.
#include "device/boot/decision.hpp"
#include "device/boot/mapped/mapped_verifier.hpp"

using namespace tailor;

extern "C" unsigned verifying_boot(const boot::Layout& layout, const boot::mapped::MappedFlash& flash,
                                   const FlashRegion& records, ByteView component) {
  const ByteView store = flash.view(records);
  const auto bundle = boot::mapped::find_record(store, 4, 1);
  const auto sealed = boot::mapped::find_record(store, 4, 2);
  boot::mapped::Trust trust;
  if (!bundle.ok() || !sealed.ok() || !trust.open(boot::mapped::kEsp256, *bundle, *sealed).ok()) return 0;
  boot::mapped::MappedVerifier verifier({flash, trust, component, layout.slots[1].base()});
  boot::BootDecision decision(layout, verifier);
  const auto choice = decision.decide();
  return choice.ok() && choice->verdict.passes() ? static_cast<unsigned>(choice->slot) : 0U;
}
