// SPDX-License-Identifier: Apache-2.0
// Any bytes: a trust store, bundle or identity that is accepted is written again, byte for byte; and whatever rights
// and policies say, who has not signed may do nothing, and the anchor nothing but replace the trust store.
#include <array>

#include "core/trust/factory_bundle.hpp"
#include "core/trust/psk.hpp"
#include "core/trust/trust_policy.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  std::array<uint8_t, 16384> buffer;
  if (const auto store = trust::decode_trust_store(bytes); store.ok()) {
    const auto written = trust::encode(*store, buffer);
    if (!written.ok() || !equal(*written, bytes)) __builtin_trap();
    const trust::Key anchor;
    const trust::Key* const by_anchor[] = {&anchor};
    const trust::TrustPolicy policy(*store, anchor);
    constexpr auto kImage = "81 41 00"_hex;
    if (policy.permits({}, kImage, {}).ok() || !policy.permits(by_anchor, trust::kTrustComponent, {}).ok())
      __builtin_trap();
    for (const trust::Signer& signer : store->signers) {
      const trust::Key* const signed_by[] = {&signer.key};
      static_cast<void>(policy.permits(signed_by, kImage, {processor::Action::Kind::kParameter, 21}));
      if (signer.key != anchor && policy.permits(signed_by, trust::kTrustComponent, {}).ok()) __builtin_trap();
    }
  }
  if (const auto bundle = trust::decode_factory_bundle(bytes); bundle.ok()) {
    const auto written = trust::encode(*bundle, buffer);
    if (!written.ok() || !equal(*written, bytes)) __builtin_trap();
  }
  if (const auto identity = trust::read_psk_identity(bytes); identity.ok()) {
    std::array<char, trust::kPskIdentityBytes> text{};
    if (trust::write_psk_identity(identity->device, identity->generation, text) != as_text(bytes)) __builtin_trap();
  }
  static_cast<void>(trust::open_trust_store(bytes, {}, 0));
  return 0;
}
