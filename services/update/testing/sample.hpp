// SPDX-License-Identifier: Apache-2.0
// Devices, manifests and signers as the update server's tests need them: said in one line, with defaults that fit each
// other.
#pragma once

#include <string>
#include <vector>

#include "services/update/domain/model.hpp"

namespace tailor::update_server::testing {

inline constexpr int64_t kNow = 1'790'000'000'000;
inline const Uuid kVendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
inline const Uuid kClass = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
inline const Uuid kOtherClass = Uuid::from_text("00000000-2569-5e48-bf42-9b2d51f2ab45").value();

/// A UUID that ends in `number`.
[[nodiscard]] Uuid id_of(uint8_t number);
/// A digest of 32 times `byte`.
[[nodiscard]] Digest digest_of_byte(uint8_t byte);

/// A registered device of kVendor and kClass with one component ["00"] from the factory, version "1.0", sequence 1.
[[nodiscard]] Device device(uint8_t number = 1);

/// How the envelope of a test is made; every default gives a manifest that fits device().
struct EnvelopeSpec {
  uint64_t sequence_number = 2;
  Uuid vendor = kVendor;
  Uuid device_class = kClass;
  Bytes image = Bytes(300, 0x5A);
  std::string uri{};           ///< empty: /img/<digest of image>
  bool integrated = false;     ///< the image travels in the envelope as "#image"
  bool sever_install = false;  ///< the install sequence stands beside the manifest
  bool sign = true;
  uint8_t key = 1;  ///< which signing key
};

/// The private key of a test signer.
[[nodiscard]] crypto::P256PrivateKey signing_key(uint8_t number = 1);
[[nodiscard]] crypto::P256PublicKey public_key(uint8_t number = 1);

[[nodiscard]] Bytes envelope(const EnvelopeSpec& spec = {});
/// The URI reference of an image on the server that delivered the manifest.
[[nodiscard]] std::string image_uri(ByteView image);

}  // namespace tailor::update_server::testing
