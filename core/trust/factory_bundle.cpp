// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the factory bundle, from one list of keys. docs/formats/factory-bundle.md.
#include "core/trust/factory_bundle.hpp"

#include <algorithm>

#include "core/cose/key.hpp"
#include "core/update/fields.hpp"

namespace tailor::trust {
namespace {

namespace fields = update::fields;

enum Key : int64_t {
  kFormat = 0,
  kDevice = 1,
  kVendor = 2,
  kClass = 3,
  kTenant = 4,
  kFactorySecret = 5,
  kAnchor = 6,
  kTrustStore = 7,
  kCaUri = 8,
  kMode = 9,
  kKeyPairs = 10,
  kFactoryCertificate = 11,
  kFactoryKey = 12,
};
constexpr uint32_t kOptional = fields::Keys::bit(kFactoryCertificate) | fields::Keys::bit(kFactoryKey);

constexpr std::string_view kScheme = "coaps://";

/// A signed trust store: the document, its COSE_Sign1 and the key id.
constexpr size_t kMaxSealedBytes = limits::kTrustStoreBytes;

Status check(const FactoryBundle& bundle) noexcept {
  if (bundle.device.is_nil()) return Error::kValueOutOfRange;
  const bool signs = bundle.anchor.kind() == cose::KeyKind::kP256 || bundle.anchor.kind() == cose::KeyKind::kHssLms;
  if (!signs || !bundle.anchor.is_valid()) return Error::kCoseUnsupported;
  if (bundle.tenant.empty() || bundle.tenant.size() > kTenantBytes) return Error::kValueOutOfRange;
  const size_t secret = bundle.factory_secret.size();
  if (secret < kMinFactorySecretBytes || secret > kMaxFactorySecretBytes) return Error::kValueOutOfRange;
  if (bundle.trust_store.empty() || bundle.trust_store.size() > kMaxSealedBytes) return Error::kValueOutOfRange;
  const std::string_view uri = bundle.ca_uri;
  if (uri.size() <= kScheme.size() || uri.size() > limits::kUriBytes || slice(uri, 0, kScheme.size()) != kScheme) {
    return Error::kValueOutOfRange;
  }
  if (bundle.key_pairs != 1 && bundle.key_pairs != 2) return Error::kValueOutOfRange;
  const bool idevid = bundle.mode == BootstrapMode::kIdevid;
  if (idevid == bundle.factory_certificate.empty() || idevid != bundle.factory_key.has_value()) {
    return Error::kValueOutOfRange;
  }
  if (bundle.factory_certificate.size() > limits::kCertificateBytes) return Error::kValueOutOfRange;
  return kOk;
}

Status take_anchor(cbor::Reader& reader, FactoryBundle& bundle) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView encoded, reader.take_item());
  TAILOR_TRY_ASSIGN(const cose::Key cose_key, cose::decode_key(encoded));
  if (!cose_key.key_id.empty() || cose_key.algorithm != 0) return Error::kUnknownKey;
  bundle.anchor = cose_key.key;
  return kOk;
}

Status take_factory_key(cbor::Reader& reader, FactoryBundle& bundle) noexcept {
  std::array<uint8_t, 32> scalar{};
  TAILOR_TRY_ASSIGN(const ByteView bytes, fields::take_sized_bytes(reader, scalar.size(), scalar.size()));
  std::copy(bytes.begin(), bytes.end(), scalar.begin());
  bundle.factory_key.emplace(scalar);
  wipe(scalar);
  return kOk;
}

Status take_field(cbor::Reader& reader, int64_t key, FactoryBundle& bundle) noexcept {
  switch (key) {
    case kFormat:
      return fields::take_version(reader, kFactoryBundleFormat);
    case kDevice: {
      TAILOR_TRY_ASSIGN(bundle.device, fields::take_uuid(reader));
      return kOk;
    }
    case kVendor: {
      TAILOR_TRY_ASSIGN(bundle.vendor, fields::take_uuid(reader));
      return kOk;
    }
    case kClass: {
      TAILOR_TRY_ASSIGN(bundle.device_class, fields::take_uuid(reader));
      return kOk;
    }
    case kTenant: {
      TAILOR_TRY_ASSIGN(bundle.tenant, reader.take_text());
      return kOk;
    }
    case kFactorySecret: {
      TAILOR_TRY_ASSIGN(bundle.factory_secret, reader.take_bytes());
      return kOk;
    }
    case kAnchor:
      return take_anchor(reader, bundle);
    case kTrustStore: {
      TAILOR_TRY_ASSIGN(bundle.trust_store, reader.take_bytes());
      return kOk;
    }
    case kCaUri: {
      TAILOR_TRY_ASSIGN(bundle.ca_uri, reader.take_text());
      return kOk;
    }
    case kMode: {
      TAILOR_TRY_ASSIGN(const uint64_t mode, fields::take_up_to(reader, static_cast<uint64_t>(BootstrapMode::kPsk)));
      bundle.mode = static_cast<BootstrapMode>(mode);
      return kOk;
    }
    case kKeyPairs: {
      TAILOR_TRY_ASSIGN(const uint64_t pairs, fields::take_up_to(reader, 2));
      bundle.key_pairs = static_cast<uint8_t>(pairs);
      return kOk;
    }
    case kFactoryCertificate: {
      TAILOR_TRY_ASSIGN(bundle.factory_certificate, reader.take_bytes());
      return kOk;
    }
    case kFactoryKey:
      return take_factory_key(reader, bundle);
    default:
      return Error::kUnknownKey;
  }
}

}  // namespace

std::string_view name_of(BootstrapMode mode) noexcept {
  return mode == BootstrapMode::kIdevid ? "idevid" : "psk";
}

Result<BootstrapMode> bootstrap_mode_from_name(std::string_view name) noexcept {
  for (const BootstrapMode mode : {BootstrapMode::kIdevid, BootstrapMode::kPsk}) {
    if (name_of(mode) == name) return mode;
  }
  return Error::kValueOutOfRange;
}

Result<ByteView> encode(const FactoryBundle& bundle, MutableBytes out) noexcept {
  TAILOR_TRY(check(bundle));
  std::array<uint8_t, cose::kMaxKeyBytes> buffer{};
  cose::Key cose_key;
  cose_key.key = bundle.anchor;
  TAILOR_TRY_ASSIGN(const ByteView anchor, cose::encode_key(cose_key, buffer));

  cbor::Writer writer(out);
  writer.put_map(bundle.mode == BootstrapMode::kIdevid ? 13 : 11);
  writer.put_unsigned(kFormat).put_unsigned(kFactoryBundleFormat);
  writer.put_unsigned(kDevice).put_bytes(bundle.device.bytes);
  writer.put_unsigned(kVendor).put_bytes(bundle.vendor.bytes);
  writer.put_unsigned(kClass).put_bytes(bundle.device_class.bytes);
  writer.put_unsigned(kTenant).put_text(bundle.tenant);
  writer.put_unsigned(kFactorySecret).put_bytes(bundle.factory_secret);
  writer.put_unsigned(kAnchor).put_encoded(anchor);
  writer.put_unsigned(kTrustStore).put_bytes(bundle.trust_store);
  writer.put_unsigned(kCaUri).put_text(bundle.ca_uri);
  writer.put_unsigned(kMode).put_unsigned(static_cast<uint64_t>(bundle.mode));
  writer.put_unsigned(kKeyPairs).put_unsigned(bundle.key_pairs);
  if (bundle.mode == BootstrapMode::kIdevid) {
    writer.put_unsigned(kFactoryCertificate).put_bytes(bundle.factory_certificate);
    writer.put_unsigned(kFactoryKey).put_bytes(bundle.factory_key->secret_scalar());
  }
  return writer.finish();
}

Result<FactoryBundle> decode_factory_bundle(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  FactoryBundle bundle;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, bundle); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kFormat, kFactoryKey, kOptional));
  TAILOR_TRY(check(bundle));
  return bundle;
}

}  // namespace tailor::trust
