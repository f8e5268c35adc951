// SPDX-License-Identifier: Apache-2.0
#include "core/trust/psk.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace tailor::trust {
namespace {

const Uuid kDevice = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();

std::array<uint8_t, 32> secret_0_to_31() {
  std::array<uint8_t, 32> secret{};
  std::iota(secret.begin(), secret.end(), uint8_t{0});
  return secret;
}

// Computed with Python's hmac and hashlib from RFC 5869, not with this code.
TEST(Psk, Vectors) {
  const struct {
    uint32_t generation;
    std::array<uint8_t, 16> expected;
  } rows[] = {
      {0, "f24242b24fa98a1a5d8c007092a4ad25"_hex},
      {1, "3ae372923c491db8adc279ff2f76c4cc"_hex},
      {UINT32_MAX, "6b9233eb801ee07d28a1c9abf56a7aa2"_hex},
  };
  for (const auto& row : rows) {
    const Psk psk = derive_psk(secret_0_to_31(), kDevice, row.generation).value();
    EXPECT_TRUE(equal(psk.secret_bytes(), row.expected)) << row.generation;
  }
}

TEST(Psk, EachDeviceHasItsOwn) {
  const Psk one = derive_psk(secret_0_to_31(), kDevice, 0).value();
  const Psk other = derive_psk(secret_0_to_31(), Uuid{}, 0).value();
  EXPECT_FALSE(equal(one.secret_bytes(), other.secret_bytes()));
}

TEST(Psk, ShortSecretIsRefused) {
  const auto secret = secret_0_to_31();
  EXPECT_TRUE(derive_psk(ByteView{secret}.first(16), kDevice, 0).ok());
  EXPECT_EQ(derive_psk(ByteView{secret}.first(15), kDevice, 0).error(), Error::kValueOutOfRange);
}

TEST(PskIdentity, WritesAndReadsBack) {
  for (const uint32_t generation : {0U, 1U, 9U, 10U, 4294967295U}) {
    std::array<char, kPskIdentityBytes> buffer{};
    const std::string_view text = write_psk_identity(kDevice, generation, buffer);
    EXPECT_EQ(text, "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#" + std::to_string(generation));
    const PskIdentity read = read_psk_identity(as_bytes(text)).value();
    EXPECT_EQ(read.device, kDevice);
    EXPECT_EQ(read.generation, generation);
  }
}

TEST(PskIdentity, RefusesOtherTexts) {
  for (const char* text :
       {"", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#",
        "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#00", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#01",
        "6F0C1D2E-3b4a-4c5d-8e6f-708192a3b4c5#1", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#4294967296",
        "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#99999999999", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#-1",
        "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5#1 ", "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5:1"}) {
    EXPECT_EQ(read_psk_identity(as_bytes(text)).error(), Error::kPskUnknown) << text;
  }
}

}  // namespace
}  // namespace tailor::trust
