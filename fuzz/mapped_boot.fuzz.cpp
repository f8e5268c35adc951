// SPDX-License-Identifier: Apache-2.0
// A command sequence in a manifest that a trusted author signs anew each time, for the boot program that reads in
// place: what it passes, the one over the processor passes too. The first octet chooses the section.
#include "device/boot/manifest_area.hpp"
#include "device/boot/mapped/mapped_verifier.hpp"
#include "device/boot/mapped/trusted.test.hpp"
#include "device/boot/suit_verifier.hpp"
#include "fuzz/command_mutator.hpp"
#include "testing/fake_flash.hpp"
#include "testing/suit/author.hpp"

using namespace tailor;
using tailor::testing::Octets;
using namespace tailor::boot::mapped;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const tailor::testing::Author signer;
  static const auto everything = "80"_hex;
  static Trusted trusted;
  static const bool trusts =
      (trusted.add(Trusted::public_key(signer.key()), trust::Role::kAuthor, {{everything, {}, {}}}), true);
  static const Octets sealed = trusted.sealed(), bundle = trusted.bundle(sealed),
                      component = tailor::testing::component_id(0);
  if (!trusts || size < 2 || size > 1500) return 0;
  tailor::testing::FakeFlash flash({8192, 1024, 4, 0xff});
  const FlashRegion area(flash.port(), 0, 4096), image(flash.port(), 4096, 1024);
  tailor::testing::Author author = signer;
  author.shared(tailor::testing::sequence([](suit::SequenceWriter& s) {
    s.override_parameters({.digest = crypto::sha256(Octets(1024, 0xff)).value(), .image_size = 1024});
  }));
  const Octets chosen(data + 1, data + size);
  if (data[0] % 4 == 0) author.shared(chosen);
  author.member(7, data[0] % 4 == 1 ? chosen : Octets{0x82, 0x03, 0x0f});
  if (data[0] % 4 > 1) author.member(data[0] % 4 + 6, chosen);
  const Octets envelope = author.envelope();
  const ByteView pieces[] = {envelope};
  if (!boot::ManifestArea(area).store(1, pieces).ok()) return 0;
  Trust trust;
  const cose::VerificationKey anchor = Trusted::public_key(trusted.authority());
  const trust::TrustPolicy policy(trusted.store(), anchor);
  if (!trust.open(kEsp256, bundle, sealed).ok()) __builtin_trap();
  MappedVerifier in_place({{flash.cells().data()}, trust, component, 0});
  boot::SuitVerifier by_processor({trusted.identity(), policy, policy, component});
  if (in_place.verify(area, image).verdict.passes() && !by_processor.verify(area, image).verdict.passes())
    __builtin_trap();
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  return fuzzing::mutate_commands(data, size, capacity, seed);
}
