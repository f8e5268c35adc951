// SPDX-License-Identifier: Apache-2.0
#include "device/agent/uri.hpp"

#include <gtest/gtest.h>

namespace tailor::agent {
namespace {

TEST(CoapsUri, TakesApart) {
  const struct {
    const char* text;
    const char* host;
    uint16_t port;
    const char* path;
  } rows[] = {
      {"coaps://server.example", "server.example", 5684, ""},
      {"coaps://server.example/", "server.example", 5684, "/"},
      {"coaps://127.0.0.1:15684/img/abc?x=1", "127.0.0.1", 15684, "/img/abc?x=1"},
      {"coaps://[::1]", "::1", 5684, ""},
      {"coaps://[fe80::1]:1/a", "fe80::1", 1, "/a"},
      {"coaps://a:65535", "a", 65535, ""},
  };
  for (const auto& row : rows) {
    const auto uri = parse_coaps_uri(row.text);
    ASSERT_TRUE(uri.ok()) << row.text;
    EXPECT_EQ(uri->host, row.host);
    EXPECT_EQ(uri->port, row.port);
    EXPECT_EQ(uri->path, row.path);
  }
}

TEST(CoapsUri, RefusesOthers) {
  for (const char* text : {"", "coap://a", "coaps:/a", "coaps://", "coaps:///img", "coaps://:5684",
                           "coaps://a:", "coaps://a:0", "coaps://a:65536", "coaps://a:123456", "coaps://a:-1",
                           "coaps://[::1", "coaps://[]", "coaps://[::1]5684", "coaps://user@a", "coaps://a/#f"}) {
    EXPECT_EQ(parse_coaps_uri(text).error(), Error::kValueOutOfRange) << text;
  }
}

TEST(CoapsUri, ReferencesOfManifests) {
  EXPECT_TRUE(is_relative("/img/abc"));
  EXPECT_FALSE(is_relative("coaps://a/img"));
  EXPECT_FALSE(is_relative(""));
  EXPECT_TRUE(is_integrated("#firmware"));
  EXPECT_FALSE(is_integrated("/img/#"));
}

}  // namespace
}  // namespace tailor::agent
