// SPDX-License-Identifier: Apache-2.0
#include "core/est/request.hpp"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace tailor::est {
namespace {

const Uuid kDevice = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();

// Signatures differ in length; with a hundred of them short and padded numbers occur.
TEST(Request, OpensslReadsItAndItsSignatureHolds) {
  for (int round = 0; round < 100; ++round) {
    const auto key = crypto::generate_p256().value();
    std::array<uint8_t, kMaxRequestBytes> buffer{};
    const ByteView der = write_request(kDevice, key, buffer).value();

    const unsigned char* at = der.data();
    const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> request(
        d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())), &X509_REQ_free);
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(at, der.data() + der.size()) << "bytes are left";
    EXPECT_EQ(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())), 1);
    EXPECT_EQ(X509_REQ_get_version(request.get()), 0);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName, name, sizeof(name));
    EXPECT_STREQ(name, "6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5");

    unsigned char* encoded = nullptr;
    const int length = i2d_X509_REQ(request.get(), &encoded);
    ASSERT_GT(length, 0);
    EXPECT_TRUE(equal(ByteView(encoded, static_cast<size_t>(length)), der));
    OPENSSL_free(encoded);
  }
}

TEST(Request, NeedsRoomAndAKey) {
  const auto key = crypto::generate_p256().value();
  std::array<uint8_t, kMaxRequestBytes> buffer{};
  EXPECT_EQ(write_request(kDevice, key, MutableBytes(buffer).first(kMaxRequestBytes - 1)).error(),
            Error::kBufferTooSmall);
  EXPECT_EQ(write_request(kDevice, crypto::P256PrivateKey(), buffer).error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::est
