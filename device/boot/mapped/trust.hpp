// SPDX-License-Identifier: Apache-2.0
// Bundle and trust store for boot programs, where they lie in flash: who the device is, whose signatures count, and
// what those who signed may do with the image. Read one key at a time; nothing is copied. core/trust has the rules
// (docs/formats/trust-store.md), and wrote what is read here.
#pragma once

#include "core/base/limits.hpp"
#include "device/boot/mapped/sign1.hpp"

namespace tailor::boot::mapped {

/// Labels of the commands that were run and of the parameters that were set, a bit each; none that a boot program knows
/// is beyond 31.
struct Needs {
  uint32_t commands = 0;
  uint32_t parameters = 0;
};

/// Keys by their place in the trust store, a bit each; the anchor stands behind the last one.
using SignerSet = uint32_t;

class Trust {
 public:
  /// Takes up the factory bundle, and the trust store once its signature holds under the bundle's anchor.
  ///
  /// @param bundle, sealed  stay where they are
  /// @returns kSignatureInvalid, kAlgorithmUnsupported; kCoseUnsupported; - what Reader gives
  [[nodiscard]] Status open(const Scheme& scheme, ByteView bundle, ByteView sealed) noexcept;

  [[nodiscard]] const Scheme& scheme() const noexcept { return *scheme_; }
  /// The device's own identifier by the label of condition and parameter: 1 vendor, 2 class, 24 device; 16 octets.
  [[nodiscard]] const uint8_t* identifier(uint32_t label) const noexcept;
  /// The nth encoded COSE_Key, the anchor behind the signers'; empty behind it.
  [[nodiscard]] ByteView key(unsigned nth) const noexcept;
  /// Decides whether those who signed may do all that was done to the component (trust::check_permitted()).
  /// @returns kSignerUnknown: nobody signed; - kSignerNotPermitted
  [[nodiscard]] Status check_permitted(SignerSet signed_by, ByteView component, const Needs& needs) const noexcept;

 private:
  const Scheme* scheme_ = nullptr;
  const uint8_t* device_ = nullptr;
  const uint8_t* vendor_ = nullptr;
  const uint8_t* class_ = nullptr;
  ByteView anchor_;
  ByteView signers_;   ///< encoded array
  ByteView policies_;  ///< encoded array
};

}  // namespace tailor::boot::mapped
