// SPDX-License-Identifier: Apache-2.0
// What a boot program finds in flash about trust, for tests: a factory bundle and a sealed trust store, as the factory
// and the trust provisioning authority write them.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "core/trust/factory_bundle.hpp"
#include "core/trust/trust_policy.hpp"
#include "device/boot/mapped/trust.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::boot::mapped {

using testing::Octets;

/// A device's trust: signers and policies are added, then bundle() and sealed() are what is in flash.
class Trusted {
 public:
  Trusted() : authority_(crypto::generate_p256().value()) {
    identity_.vendor.bytes.fill(1);
    identity_.device_class.bytes.fill(2);
    identity_.device.bytes.fill(3);
    store_.version = 1;
  }
  static cose::VerificationKey public_key(const crypto::P256PrivateKey& key) {
    return crypto::public_key_of(key).value();
  }
  /// @param rights  encoded parts outlive this object
  trust::Signer& add(const cose::VerificationKey& key, trust::Role role, std::vector<trust::Right> rights) {
    trust::Signer signer;
    signer.key = key;
    signer.role = role;
    for (const trust::Right& right : rights) EXPECT_TRUE(signer.rights.push_back(right, Error::kInternal).ok());
    EXPECT_TRUE(store_.signers.push_back(signer, Error::kInternal).ok());
    return store_.signers[store_.signers.size() - 1];
  }
  trust::TrustStore& store() { return store_; }
  const crypto::P256PrivateKey& authority() const { return authority_; }
  const processor::Identity& identity() const { return identity_; }

  Octets sealed() const {
    Octets document(limits::kTrustStoreBytes);
    const auto encoded = trust::encode(store_, document);
    EXPECT_TRUE(encoded.ok());
    Octets out(limits::kTrustStoreBytes + 256);
    const auto sealed = trust::seal_trust_store(*encoded, authority_, out);
    EXPECT_TRUE(sealed.ok());
    return {sealed->begin(), sealed->end()};
  }
  Octets bundle(const Octets& sealed) const {
    const Octets secret(16, 5);
    trust::FactoryBundle bundle;
    bundle.device = identity_.device;
    bundle.vendor = identity_.vendor;
    bundle.device_class = identity_.device_class;
    bundle.tenant = "tenant";
    bundle.factory_secret = secret;
    bundle.anchor = crypto::public_key_of(authority_).value();
    bundle.trust_store = sealed;
    bundle.ca_uri = "coaps://[::1]";
    Octets out(8192);
    const auto encoded = trust::encode(bundle, out);
    EXPECT_TRUE(encoded.ok());
    return {encoded->begin(), encoded->end()};
  }

 private:
  crypto::P256PrivateKey authority_;
  processor::Identity identity_;
  trust::TrustStore store_;
};

}  // namespace tailor::boot::mapped
