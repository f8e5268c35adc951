// SPDX-License-Identifier: Apache-2.0
// A small world for tests of the device: network, CA, two update servers, an operator's keys, one device; and the words
// to tell stories in it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "authoring/factory.hpp"
#include "authoring/trust_update.hpp"
#include "tests/device/scripted_peers.hpp"
#include "tests/device/sim_device.hpp"

namespace tailor::sim {

struct WorldSettings {
  trust::BootstrapMode mode = trust::BootstrapMode::kPsk;
  uint8_t key_pairs = 2;
  unsigned loss_percent = 0;
  uint64_t seed = 1;
  bool second_server_listed = true;  ///< on the whitelist
  uint8_t modes = update::kAllModes;
  std::vector<authoring::TrustedSigner> more_signers{};
};

struct UpdateSpec {
  std::string name{"v2"};
  std::string behaviour{"good"};
  uint64_t sequence = 2;
  size_t bytes = 9000;
  std::string class_name{"sensor"};
  std::string vendor{"vendor.example"};
  std::string uri{};  ///< empty: /img/<digest>
  bool integrated = false;
  Bytes component{0};
};

class World {
 public:
  explicit World(const WorldSettings& wanted = {})
      : settings(wanted),
        link(wanted.seed, {.loss_percent = wanted.loss_percent}),
        signer(crypto::generate_p256().value()),
        stranger(crypto::generate_p256().value()),
        authority_key(crypto::generate_p256().value()),
        ca(link, authority, wanted.mode == trust::BootstrapMode::kPsk ? CaMode::kPsk : CaMode::kCertificate),
        first(link, authority, uuid4().value()),
        second(link, authority, uuid4().value()),
        hosts{{"ca", ca.address()}, {"first", first.address()}, {"second", second.address()}},
        device(link, hosts) {
    device.settings.modes = wanted.modes;
    device.settings.preferred_mode = static_cast<update::DeliveryMode>(wanted.modes & -wanted.modes);
    provision();
  }

  /// The envelope of an update, signed by the one who may.
  [[nodiscard]] Bytes envelope_of(const UpdateSpec& spec) { return signed_by(signer, spec); }
  [[nodiscard]] Bytes signed_by(const crypto::P256PrivateKey& key, const UpdateSpec& spec) {
    return authoring::sign_envelope(unsigned_envelope(spec), key, authoring::KeyId::kOmit).value();
  }
  [[nodiscard]] Bytes unsigned_envelope(const UpdateSpec& spec) {
    authoring::ManifestDescription manifest;
    manifest.vendor = vendor_id(spec.vendor);
    manifest.device_class = class_id(manifest.vendor, spec.class_name);
    manifest.sequence_number = spec.sequence;
    manifest.components.push_back(
        authoring::describe_image({spec.component}, image_of(spec), spec.uri, spec.integrated).value());
    return authoring::create_envelope(manifest).value();
  }
  [[nodiscard]] static Bytes image_of(const UpdateSpec& spec) {
    return sim::image_of(spec.name, spec.behaviour, spec.bytes);
  }

  /// A trust store that follows the one that devices have: its version is one higher, and it may be changed.
  [[nodiscard]] authoring::TrustDescription next_trust() {
    ++trust.version;
    return trust;
  }
  [[nodiscard]] static Bytes sealed(const authoring::TrustDescription& store, const crypto::P256PrivateKey& key) {
    return authoring::seal_trust_store(authoring::encode_trust_store(store).value(), key).value();
  }
  /// The envelope of a trust store, unsigned; not integrated, it is fetched from "/img/<digest>".
  [[nodiscard]] Bytes unsigned_trust_envelope(const Bytes& store, uint64_t sequence, bool integrated = true) {
    authoring::ManifestDescription manifest;
    manifest.vendor = vendor_id("vendor.example");
    manifest.device_class = class_id(manifest.vendor, "sensor");
    manifest.sequence_number = sequence;
    manifest.components.push_back(
        authoring::describe_image(authoring::component_from_text("trust").value(), store, "", integrated).value());
    return authoring::create_envelope(manifest).value();
  }
  /// The envelope of a trust store as the authority makes it: the sequence number is the store's version.
  [[nodiscard]] Bytes trust_envelope(const authoring::TrustDescription& store, bool integrated = true) {
    authoring::TrustUpdate update;
    update.sealed = sealed(store, authority_key);
    update.sequence_number = store.version;
    update.integrated = integrated;
    return authoring::make_trust_update(update, authority_key).value();
  }
  [[nodiscard]] static Bytes signed_envelope(const Bytes& envelope, const crypto::P256PrivateKey& key,
                                             authoring::KeyId id = authoring::KeyId::kOmit) {
    return authoring::sign_envelope(envelope, key, id).value();
  }

  /// Both servers have the image, the first offers the update.
  void publish(const UpdateSpec& spec) {
    first.has_image(image_of(spec));
    second.has_image(image_of(spec));
    first.offers(envelope_of(spec));
  }

  bool until(const std::function<bool()>& done, uint64_t limit_s = 600) { return link.run_until(done, limit_s * 1000); }
  bool until_registered(uint64_t limit_s = 600) {
    return until([this] { return device.runs() && device.agent().life_cycle() == update::LifeCycle::kRegistered; },
                 limit_s);
  }
  bool until_runs(const std::string& name, uint64_t limit_s = 900) {
    return until([&] { return device.runs() && device.running() == name; }, limit_s);
  }
  /// Runs until power fails at an operation of the flash; when it does not, to the wish for a reboot and over it, to
  /// the end. Power is back then, and the device not booted.
  /// @returns whether it failed
  bool loses_power_at(uint64_t operation, testing::Cut cut) {
    device.reboots = false;  // a reboot in the instant of the cut would be one without power
    device.flash.cut_power_at(operation, cut);
    for (int boots = 0; boots < 3 && device.flash.has_power(); ++boots) {
      until([&] {
        return !device.flash.has_power() || !device.runs() || device.agent().reboot_wanted().has_value() ||
               state() == update::UpdateState::kConfirmed;
      });
      if (device.flash.has_power() && device.agent().reboot_wanted()) device.boot();
    }
    const bool was_cut = !device.flash.has_power();
    device.flash.power_on();
    device.reboots = true;
    return was_cut;
  }
  [[nodiscard]] update::UpdateState state() { return device.agent().update_status().state(); }

  WorldSettings settings;
  testing::LossyLink link;
  pki::TestAuthority authority;
  crypto::P256PrivateKey signer, stranger, authority_key;
  ScriptedCa ca;
  ScriptedServer first, second;
  std::map<std::string, size_t> hosts;
  SimDevice device;
  Uuid device_id;
  Uuid operator_id = uuid4().value();
  authoring::TrustDescription trust;  ///< as the factory or next_trust() made it last

 private:
  void provision() {
    trust.version = 1;
    trust.signers.push_back({crypto::public_key_of(signer).value(), trust::Role::kAuthor, {{.prefix = {{0}}}}});
    for (const authoring::TrustedSigner& other : settings.more_signers) trust.signers.push_back(other);
    trust.servers.push_back(first.id);
    if (settings.second_server_listed) trust.servers.push_back(second.id);
    trust.operators.push_back(operator_id);
    trust.server_uris = {"coaps://first", "coaps://second"};
    trust.authorities.push_back(authority.root().der());
    authoring::FactoryRequest request;
    request.vendor_domain = "vendor.example";
    request.class_name = "sensor";
    request.ca_uri = "coaps://ca";
    request.anchor = crypto::public_key_of(authority_key).value();
    request.trust_store = sealed(trust, authority_key);
    request.mode = settings.mode;
    request.key_pairs = settings.key_pairs;
    device_id = uuid4().value();
    request.device = device_id;
    if (settings.mode == trust::BootstrapMode::kIdevid) {
      const Credential factory(authority, pki::Role::kDevice, device_id);
      request.identity = authoring::FactoryIdentity{factory.certificate, factory.key};
    }
    const auto made = authoring::make_factory_device(request).value();
    const auto secret = made.record.factory_secret.reveal();
    ca.factory_secret.assign(secret.begin(), secret.end());
    UpdateSpec v1;
    v1.name = "v1";
    v1.sequence = 1;
    device.provision(made.bundle.reveal(), envelope_of(v1), image_of(v1));
  }
};

}  // namespace tailor::sim
