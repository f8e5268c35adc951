// SPDX-License-Identifier: Apache-2.0
#include "core/trust/kek.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace tailor::trust {
namespace {

const Uuid kDevice = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();

std::array<uint8_t, 32> secret_0_to_31() {
  std::array<uint8_t, 32> secret{};
  std::iota(secret.begin(), secret.end(), uint8_t{0});
  return secret;
}

// Computed with Python's hmac and hashlib from RFC 5869, not with this code.
TEST(Kek, Vector) {
  EXPECT_TRUE(
      equal(derive_kek(secret_0_to_31(), kDevice).value().secret_bytes(), "833f9abfaef677dcbcac35ebd08dbd8f"_hex));
}

TEST(Kek, EachDeviceHasItsOwn) {
  EXPECT_FALSE(equal(derive_kek(secret_0_to_31(), kDevice).value().secret_bytes(),
                     derive_kek(secret_0_to_31(), Uuid{}).value().secret_bytes()));
}

TEST(Kek, ShortSecretIsRefused) {
  const auto secret = secret_0_to_31();
  EXPECT_TRUE(derive_kek(ByteView{secret}.first(16), kDevice).ok());
  EXPECT_EQ(derive_kek(ByteView{secret}.first(15), kDevice).error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::trust
