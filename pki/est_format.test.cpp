// SPDX-License-Identifier: Apache-2.0
#include "pki/est_format.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "hosted/file.hpp"
#include "pki/fixture.hpp"

namespace tailor::pki {
namespace {

TEST(EstFormat, CertsOnlyRoundTrip) {
  const TestAuthority ca;
  const Certificate leaf = ca.issues(Role::kDevice, PrivateKey::generate().value());
  const Certificate both[] = {leaf, ca.root()};
  const Bytes der = make_certs_only(both).value();
  const auto read = parse_certs_only(der).value();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE((read[0] == leaf && read[1] == ca.root()) || (read[1] == leaf && read[0] == ca.root()));
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(parse_certs_only(ByteView(der).first(size)).error().code, Error::kDerMalformed) << size;
  }
  EXPECT_EQ(parse_certs_only(make_certs_only({}).value()).error().code, Error::kDerMalformed);
  EXPECT_EQ(parse_certs_only(leaf.der()).error().code, Error::kDerMalformed);
}

TEST(EstFormat, CsrAttributesAreWhatTheCommentSays) {
  EXPECT_EQ(to_hex(csr_attributes()),
            "30213015"
            "06072a8648ce3d0201"
            "310a06082a8648ce3d030107"
            "06082a8648ce3d040302");
}

/// The payloads of RFC 9148 appendix A; outside this repository, so that the test is skipped without them.
nlohmann::json rfc9148() {
  const char* folder = std::getenv("TAILOR_VECTORS");
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  const std::filesystem::path base =
      folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::path(source != nullptr ? source : ".") / "../shared/vectors";
  const auto text = read_text_file(base / "protocols/est_coaps_rfc9148_a.json");
  if (!text.ok()) return nullptr;
  return nlohmann::json::parse(*text, nullptr, false);
}

TEST(EstFormat, Rfc9148AppendixA) {
  const auto file = rfc9148();
  if (file.is_null()) GTEST_SKIP() << "vectors are not here";
  const auto vector = [&](const char* name) { return from_hex(file["vectors"][name].get<std::string>()).value(); };
  const auto roots = parse_certs_only(vector("cacerts_response_pkcs7")).value();
  ASSERT_EQ(roots.size(), 1U);
  EXPECT_EQ(roots[0].common_name(), "Root CA");
  EXPECT_TRUE(roots[0].is_authority());
  const auto enrolled = parse_certs_only(vector("sen_response_pkcs7")).value();
  ASSERT_GE(enrolled.size(), 1U);
  const auto request = CertificateRequest::from_der(vector("sen_request_pkcs10"));
  ASSERT_TRUE(request.ok()) << request.error().to_text();
  EXPECT_EQ(request->public_key, enrolled[0].public_key());
}

}  // namespace
}  // namespace tailor::pki
