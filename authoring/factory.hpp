// SPDX-License-Identifier: Apache-2.0
// Gives a device its beginning: a factory bundle for the device, and the record by which the CA will know it. Both hold
// the factory secret; callers write them with FileMode::kPrivate and nowhere else.
#pragma once

#include <optional>
#include <string>

#include "core/trust/factory_bundle.hpp"
#include "hosted/encoding.hpp"
#include "hosted/secret.hpp"

namespace tailor::authoring {

/// The factory certificate of `idevid` mode and its key.
struct FactoryIdentity {
  Bytes certificate;  ///< DER
  crypto::P256PrivateKey key;
};

struct FactoryRequest {
  std::optional<Uuid> device;  ///< none: a new version 4 UUID
  std::string vendor_domain;
  std::string class_name;
  std::string tenant = "default";
  std::string ca_uri;
  cose::VerificationKey anchor;  ///< the trust provisioning authority's
  Bytes trust_store;             ///< sealed
  trust::BootstrapMode mode = trust::BootstrapMode::kPsk;
  uint8_t key_pairs = 1;
  std::optional<FactoryIdentity> identity;  ///< with kIdevid, and only then
};

/// What the CA has to know of a device before its first enrolment.
struct FactoryRecord {
  Uuid device, vendor, device_class;
  std::string tenant;
  trust::BootstrapMode mode = trust::BootstrapMode::kPsk;
  uint8_t key_pairs = 1;
  SecretBytes factory_secret;  ///< empty with kIdevid
};

struct FactoryDevice {
  SecretBytes bundle;
  FactoryRecord record;
};

/// Makes a bundle with a fresh 256-bit factory secret.
///
/// @returns kSignatureInvalid when the trust store does not open under the anchor: such a device could never be used;
///          kUsageInvalid when identity and mode disagree
[[nodiscard]] Outcome<FactoryDevice> make_factory_device(const FactoryRequest& request);

/// Writes the record as the JSON text that `tailor ca devices add` reads.
[[nodiscard]] SecretString record_to_json(const FactoryRecord& record);
/// @returns kJsonMalformed with the member that is missing, unknown or wrong
[[nodiscard]] Outcome<FactoryRecord> record_from_json(std::string_view text);

}  // namespace tailor::authoring
