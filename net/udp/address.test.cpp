// SPDX-License-Identifier: Apache-2.0
#include "net/udp/address.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace tailor::net {
namespace {

TEST(UdpAddress, TextRoundTrip) {
  for (const char* text : {"127.0.0.1:5683", "0.0.0.0:0", "[::1]:65535", "[2001:db8::a]:1", "[::]:0"}) {
    const UdpAddress address = UdpAddress::from_text(text).value();
    EXPECT_EQ(address.to_text(), text);
    EXPECT_EQ(address.is_v4(), text[0] != '[');
  }
}

TEST(UdpAddress, RefusesOtherTexts) {
  for (const char* text :
       {"", "127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x", "127.0.0:1", "::1:1",
        "[::1]", "[::1:1", "[127.0.0.1]:1", "localhost:1", "[::g]:1", "[fe80::1%nosuchinterface]:1"}) {
    const auto outcome = UdpAddress::from_text(text);
    ASSERT_FALSE(outcome.ok()) << text;
    EXPECT_EQ(outcome.error().code, Error::kUsageInvalid) << text;
  }
}

TEST(UdpAddress, MappedIsV4) {
  const UdpAddress v4 = UdpAddress::from_text("192.0.2.7:99").value();
  for (const bool as_v6 : {false, true}) {
    sockaddr_storage storage{};
    EXPECT_EQ(v4.to_system(storage, as_v6), as_v6 ? 28U : 16U);
    EXPECT_EQ(UdpAddress::from_system(storage), v4);
  }
  const UdpAddress v6 = UdpAddress::from_text("[2001:db8::7]:99").value();
  sockaddr_storage storage{};
  (void)v6.to_system(storage, true);
  EXPECT_EQ(UdpAddress::from_system(storage), v6);
}

TEST(UdpAddress, KeysTellApart) {
  std::unordered_set<UdpAddress> set;
  for (const char* text : {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.2:1", "[7f00:1::]:1", "[::1]:1", "127.0.0.1:1"}) {
    set.insert(UdpAddress::from_text(text).value());
  }
  EXPECT_EQ(set.size(), 5U);
  EXPECT_NE(UdpAddress::from_text("127.0.0.1:1").value().key(), UdpAddress::from_text("[7f00:1::]:1").value().key());
}

TEST(UdpAddress, Resolves) {
  EXPECT_EQ(UdpAddress::resolve("127.0.0.1", 7).value().to_text(), "127.0.0.1:7");
  EXPECT_EQ(UdpAddress::resolve("::1", 7).value().to_text(), "[::1]:7");
  EXPECT_EQ(UdpAddress::resolve("no such name", 7).error().code, Error::kNetworkFailed);
}

}  // namespace
}  // namespace tailor::net
