// SPDX-License-Identifier: Apache-2.0
// What a port does for the microcontroller's configuration: names the source of random bytes, before anything else.
#include <gtest/gtest.h>
#include <sys/random.h>

#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/platform.hpp"

namespace tailor::crypto {
namespace {

bool entropy_fails = false;

Status from_the_system(MutableBytes out) noexcept {
  if (entropy_fails || getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) {
    return Error::kEntropyFailed;
  }
  return kOk;
}

const bool named = [] {
  psa::set_entropy_source(&from_the_system);
  return true;
}();

TEST(DeviceCrypto, WithoutEntropyThereAreNoKeys) {
  ASSERT_TRUE(named);
  ASSERT_TRUE(generate_p256().ok());
  entropy_fails = true;
  std::array<uint8_t, 16> bytes{};
  EXPECT_EQ(random(bytes).error(), Error::kEntropyFailed);
  EXPECT_FALSE(generate_p256().ok());
  entropy_fails = false;
  EXPECT_TRUE(random(bytes).ok());
}

TEST(DeviceCrypto, LeavesOutWhatADeviceDoesNotUse) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::kSha512, HashAlgorithm::kSha384, HashAlgorithm::kShake128}) {
    Hash hash{algorithm};
    EXPECT_EQ(hash.update({}).error(), Error::kAlgorithmUnsupported);
  }
  EXPECT_EQ(verify_ed25519({}, {}, {}).error(), Error::kAlgorithmUnsupported);
}

}  // namespace
}  // namespace tailor::crypto
