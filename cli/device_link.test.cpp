// SPDX-License-Identifier: Apache-2.0
#include "cli/device_link.hpp"

#include <gtest/gtest.h>

namespace tailor::cli {
namespace {

TEST(DeviceLink, Targets) {
  const struct {
    const char* uri;
    const char* host;
    uint16_t port;
  } rows[] = {{"coaps://lamp.example", "lamp.example", 5684},
              {"coaps://127.0.0.1:6001", "127.0.0.1", 6001},
              {"coaps://[::1]:6001", "::1", 6001},
              {"coaps://[fe80::2]/", "fe80::2", 5684}};
  for (const auto& row : rows) {
    const auto target = coaps_target_from_uri(row.uri);
    ASSERT_TRUE(target.ok()) << row.uri;
    EXPECT_EQ(target->host, row.host);
    EXPECT_EQ(target->port, row.port);
  }
  for (const char* uri : {"", "lamp", "coap://lamp", "https://lamp", "coaps://", "coaps://:5684", "coaps://a/b",
                          "coaps://a:0", "coaps://a:x", "coaps://a:65536", "coaps://u@a", "coaps://[::1"}) {
    const auto target = coaps_target_from_uri(uri);
    ASSERT_FALSE(target.ok()) << uri;
    EXPECT_EQ(target.error().code, Error::kUsageInvalid);
  }
}

TEST(DeviceLink, DiagnosticsAreTheDevicesOwnWords) {
  const Failure known = failure_from_diagnostic("ClassMismatch: manifest", 4, 9);
  EXPECT_EQ(known.code, Error::kClassMismatch);
  EXPECT_EQ(known.context, "the device says: manifest");
  const Failure bare = failure_from_diagnostic("SignatureInvalid", 4, 0);
  EXPECT_EQ(bare.code, Error::kSignatureInvalid);
  EXPECT_EQ(bare.context, "the device says: signature does not verify under any trusted key");
  const Failure foreign = failure_from_diagnostic("whatever", 5, 3);
  EXPECT_EQ(foreign.code, Error::kPeerRefused);
  EXPECT_EQ(foreign.context, "the device answered 5.03 whatever");
  EXPECT_EQ(failure_from_diagnostic("", 4, 4).context, "the device answered 4.04");
}

}  // namespace
}  // namespace tailor::cli
