// SPDX-License-Identifier: Apache-2.0
#include "authoring/factory.hpp"

#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/trust/trust_store.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::authoring {
namespace {

constexpr size_t kFactorySecretBytes = 32;
/// Above the largest bundle: trust store, certificate, and some hundred bytes of everything else.
constexpr size_t kBundleBytes = limits::kTrustStoreBytes + limits::kCertificateBytes + 1024;
constexpr int kRecordVersion = 1;

Outcome<void> check(const FactoryRequest& request) {
  if (request.vendor_domain.empty() || request.class_name.empty()) {
    return fail(Error::kUsageInvalid, "vendor and class must be named");
  }
  if ((request.mode == trust::BootstrapMode::kIdevid) != request.identity.has_value()) {
    return fail(Error::kUsageInvalid, "a factory certificate belongs to mode idevid, and only there");
  }
  const auto store = with_context(trust::open_trust_store(request.trust_store, request.anchor, 0),
                                  "trust store under the given authority's key");
  if (!store.ok()) return store.error();
  return kOk;
}

Outcome<Uuid> uuid_member(const nlohmann::json& record, const char* name) {
  return with_context(Uuid::from_text(record.at(name).get<std::string>()), name);
}

Outcome<FactoryRecord> read_members(const nlohmann::json& record) {
  const bool psk = record.at("mode").get<std::string>() == "psk";
  if (record.at("format").get<int>() != kRecordVersion) return fail(Error::kUnsupportedVersion, "format");
  if (record.size() != (psk ? 8U : 7U)) return fail(Error::kUnknownKey, "a member that the format does not define");
  FactoryRecord out;
  TAILOR_TRY_ASSIGN(out.device, uuid_member(record, "device"));
  TAILOR_TRY_ASSIGN(out.vendor, uuid_member(record, "vendor"));
  TAILOR_TRY_ASSIGN(out.device_class, uuid_member(record, "class"));
  out.tenant = record.at("tenant").get<std::string>();
  TAILOR_TRY_ASSIGN(out.mode,
                    with_context(trust::bootstrap_mode_from_name(record.at("mode").get<std::string>()), "mode"));
  const int key_pairs = record.at("key_pairs").get<int>();
  if (key_pairs != 1 && key_pairs != 2) return fail(Error::kValueOutOfRange, "key_pairs");
  out.key_pairs = static_cast<uint8_t>(key_pairs);
  if (psk) {
    TAILOR_TRY_ASSIGN(Bytes secret,
                      with_context(from_hex(record.at("factory_secret").get<std::string>()), "factory_secret"));
    out.factory_secret = SecretBytes(secret);
    wipe(secret);
    if (out.factory_secret.size() < trust::kMinFactorySecretBytes ||
        out.factory_secret.size() > trust::kMaxFactorySecretBytes) {
      return fail(Error::kValueOutOfRange, "factory_secret");
    }
  }
  return out;
}

}  // namespace

Outcome<FactoryDevice> make_factory_device(const FactoryRequest& request) {
  TAILOR_TRY(check(request));
  Uuid device;
  if (request.device) {
    device = *request.device;
  } else {
    TAILOR_TRY_ASSIGN(device, uuid4());
  }
  SecretBytes secret = SecretBytes::of_size(kFactorySecretBytes);
  TAILOR_TRY(with_context(crypto::random(secret.reveal_mutable()), "factory secret"));

  trust::FactoryBundle bundle;
  bundle.device = device;
  bundle.vendor = vendor_id(request.vendor_domain);
  bundle.device_class = class_id(bundle.vendor, request.class_name);
  bundle.tenant = request.tenant;
  bundle.factory_secret = secret.reveal();
  bundle.anchor = request.anchor;
  bundle.trust_store = request.trust_store;
  bundle.ca_uri = request.ca_uri;
  bundle.mode = request.mode;
  bundle.key_pairs = request.key_pairs;
  if (request.identity) {
    bundle.factory_certificate = request.identity->certificate;
    bundle.factory_key = request.identity->key;
  }
  SecretBytes buffer = SecretBytes::of_size(kBundleBytes);
  TAILOR_TRY_ASSIGN(const ByteView written,
                    with_context(trust::encode(bundle, buffer.reveal_mutable()), "factory bundle"));

  FactoryDevice out{.bundle = SecretBytes(written), .record = {}};
  out.record.device = device;
  out.record.vendor = bundle.vendor;
  out.record.device_class = bundle.device_class;
  out.record.tenant = request.tenant;
  out.record.mode = request.mode;
  out.record.key_pairs = request.key_pairs;
  if (request.mode == trust::BootstrapMode::kPsk) out.record.factory_secret = std::move(secret);
  return out;
}

SecretString record_to_json(const FactoryRecord& record) {
  nlohmann::ordered_json document = {{"format", kRecordVersion},
                                     {"device", uuid_text(record.device)},
                                     {"vendor", uuid_text(record.vendor)},
                                     {"class", uuid_text(record.device_class)},
                                     {"tenant", record.tenant},
                                     {"mode", trust::name_of(record.mode)},
                                     {"key_pairs", record.key_pairs}};
  if (record.mode == trust::BootstrapMode::kPsk) {
    document["factory_secret"] = to_hex(record.factory_secret.reveal());
  }
  return SecretString(document.dump(2) + "\n");
}

Outcome<FactoryRecord> record_from_json(std::string_view text) {
  try {
    Outcome<FactoryRecord> record = read_members(nlohmann::json::parse(text));
    if (!record.ok()) return fail(Error::kJsonMalformed, "device record: " + record.error().context);
    return record;
  } catch (const nlohmann::json::exception& error) {
    return fail(Error::kJsonMalformed, std::string("device record: ") + error.what());
  }
}

}  // namespace tailor::authoring
