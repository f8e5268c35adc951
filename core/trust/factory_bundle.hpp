// SPDX-License-Identifier: Apache-2.0
// The factory bundle: what a device is born with. `tailor factory` writes it, the device reads it once when it is
// provisioned. Encoder and decoder side by side; docs/formats/factory-bundle.md has the format. It holds secrets.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/uuid.hpp"
#include "core/cose/verification_key.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::trust {

inline constexpr uint64_t kFactoryBundleFormat = 1;
/// The factory secret: at least 128 random bits.
inline constexpr size_t kMinFactorySecretBytes = 16;
inline constexpr size_t kMaxFactorySecretBytes = 64;
/// Bytes of the tenant's name.
inline constexpr size_t kTenantBytes = 32;

/// How a device proves itself at its first enrolment.
enum class BootstrapMode : uint8_t {
  kIdevid = 0,  ///< a factory certificate, RFC 9148 as written
  kPsk = 1,     ///< a key from the factory secret; our extension, not RFC 9148
};
/// "idevid" or "psk".
[[nodiscard]] std::string_view name_of(BootstrapMode mode) noexcept;
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<BootstrapMode> bootstrap_mode_from_name(std::string_view name) noexcept;

/// Views point into the bytes it was decoded from, or into the caller's values when it is encoded.
struct FactoryBundle {
  Uuid device;
  Uuid vendor;
  Uuid device_class;
  std::string_view tenant;
  ByteView factory_secret;
  cose::VerificationKey anchor;  ///< the trust provisioning authority's key: P-256, or HSS/LMS
  ByteView trust_store;          ///< signed, version 1 or higher
  std::string_view ca_uri;       ///< "coaps://host[:port]"
  BootstrapMode mode = BootstrapMode::kPsk;
  uint8_t key_pairs = 1;                              ///< 1: one for everything; 2: updates, and everything else
  ByteView factory_certificate;                       ///< DER; only with kIdevid
  std::optional<crypto::P256PrivateKey> factory_key;  ///< only with kIdevid
};

/// Writes the bundle in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a bundle that decode would refuse
[[nodiscard]] Result<ByteView> encode(const FactoryBundle& bundle, MutableBytes out) noexcept;

/// Reads the bundle; anything that encode would not have written is refused. Does not open the trust store.
[[nodiscard]] Result<FactoryBundle> decode_factory_bundle(ByteView bytes) noexcept;

}  // namespace tailor::trust
