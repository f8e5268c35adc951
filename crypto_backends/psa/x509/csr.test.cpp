// SPDX-License-Identifier: Apache-2.0
// Certificate requests, read back by OpenSSL.
#include "crypto_backends/psa/x509/csr.hpp"

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string>

namespace tailor::x509 {
namespace {

constexpr std::string_view kUuid = "2f5ac4b8-7f1c-4a0e-9c1d-0123456789ab";

TEST(Csr, IsReadAndVerifiedByOpenssl) {
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  std::array<uint8_t, kCsrBytes> memory{};
  const std::string tenant(32, 't');  // the longest
  const auto der = make_csr(key, tenant, coap::PeerRole::kUpdateServer, Uuid::from_text(kUuid).value(), memory);
  ASSERT_TRUE(der.ok());
  EXPECT_EQ(der->data(), memory.data());

  const unsigned char* at = der->data();
  const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> request{
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der->size())), &X509_REQ_free};
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(at, der->data() + der->size());
  EVP_PKEY* const public_key = X509_REQ_get0_pubkey(request.get());
  EXPECT_EQ(X509_REQ_verify(request.get(), public_key), 1);

  unsigned char* point = nullptr;
  const size_t point_size = EVP_PKEY_get1_encoded_public_key(public_key, &point);
  ASSERT_EQ(point_size, 65U);
  EXPECT_TRUE(equal({point + 1, 64}, crypto::public_key_of(key)->xy));
  OPENSSL_free(point);

  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName, name.data(), name.size());
  EXPECT_EQ(std::string_view{name.data()}, kUuid);

  STACK_OF(X509_EXTENSION)* const extensions = X509_REQ_get_extensions(request.get());
  auto* const names = static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr));
  ASSERT_NE(names, nullptr);
  ASSERT_EQ(sk_GENERAL_NAME_num(names), 1);
  const GENERAL_NAME* uri = sk_GENERAL_NAME_value(names, 0);
  ASSERT_EQ(uri->type, GEN_URI);
  const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri->d.uniformResourceIdentifier)),
                         static_cast<size_t>(ASN1_STRING_length(uri->d.uniformResourceIdentifier)));
  EXPECT_EQ(text, "tag:tailor,2026:" + tenant + ":update-server:" + std::string{kUuid});
  GENERAL_NAMES_free(names);
  sk_X509_EXTENSION_pop_free(extensions, &X509_EXTENSION_free);
}

TEST(Csr, EveryBufferThatIsTooSmallIsRefused) {
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  const Uuid id = Uuid::from_text(kUuid).value();
  std::array<uint8_t, kCsrBytes> memory{};
  const auto der = make_csr(key, "default", coap::PeerRole::kDevice, id, memory);
  ASSERT_TRUE(der.ok());
  // A signature's DER length varies by a few bytes from one to the next.
  for (size_t size = 0; size + 8 < der->size(); ++size) {
    ASSERT_EQ(make_csr(key, "default", coap::PeerRole::kDevice, id, MutableBytes{memory}.first(size)).error(),
              Error::kBufferTooSmall)
        << size;
  }
}

TEST(Csr, RefusesWhatCannotStandInACertificate) {
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  std::array<uint8_t, kCsrBytes> memory{};
  const Uuid id = Uuid::from_text(kUuid).value();
  EXPECT_EQ(make_csr(key, "a:b", coap::PeerRole::kDevice, id, memory).error(), Error::kValueOutOfRange);
  EXPECT_EQ(make_csr(key, "a", coap::PeerRole::kNone, id, memory).error(), Error::kValueOutOfRange);
  EXPECT_EQ(make_csr(crypto::P256PrivateKey{}, "a", coap::PeerRole::kDevice, id, memory).error(),
            Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::x509
