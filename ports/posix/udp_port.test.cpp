// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/udp_port.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "ports/posix/system_ports.hpp"

namespace tailor::posix {
namespace {

class Udp : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(a.open("127.0.0.1").ok());
    ASSERT_TRUE(b.open("127.0.0.1").ok());
  }
  tailor_endpoint_t resolved(const std::string& host, uint16_t port) {
    tailor_endpoint_t found{};
    EXPECT_EQ(a.port().resolve(a.port().context, host.data(), host.size(), port, &found), TAILOR_PORT_OK) << host;
    return found;
  }
  tailor_port_status_t send(UdpPort& from, const UdpPort& to, const std::string& text) {
    const tailor_endpoint_t endpoint = resolved("127.0.0.1", to.local_port());
    return from.port().send(from.port().context, &endpoint, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  tailor_port_status_t receive(UdpPort& at, size_t capacity = 100) {
    static_cast<void>(at.port().wait(at.port().context, time.monotonic_ms() + 2000));
    length = 0;
    return at.port().receive(at.port().context, buffer.data(), capacity, &length, &sender);
  }
  std::string received() const { return {reinterpret_cast<const char*>(buffer.data()), length}; }

  PosixTime time;
  UdpPort a, b;
  std::array<uint8_t, 2000> buffer{};
  size_t length = 0;
  tailor_endpoint_t sender{};
};

TEST_F(Udp, CarriesDatagramsBothWays) {
  ASSERT_EQ(send(a, b, "there"), TAILOR_PORT_OK);
  ASSERT_EQ(receive(b), TAILOR_PORT_OK);
  EXPECT_EQ(received(), "there");
  EXPECT_EQ(sender.port, a.local_port());
  const std::string answer = "and back";
  ASSERT_EQ(b.port().send(b.port().context, &sender, reinterpret_cast<const uint8_t*>(answer.data()), answer.size()),
            TAILOR_PORT_OK);
  ASSERT_EQ(receive(a), TAILOR_PORT_OK);
  EXPECT_EQ(received(), answer);
  ASSERT_EQ(send(a, b, ""), TAILOR_PORT_OK);
  ASSERT_EQ(receive(b), TAILOR_PORT_OK);
  EXPECT_EQ(length, 0U) << "an empty datagram is a datagram";
}

TEST_F(Udp, SaysWhenNothingIsThere) {
  EXPECT_EQ(a.port().receive(a.port().context, buffer.data(), 100, &length, &sender), TAILOR_PORT_WAIT);
  const uint64_t start = time.monotonic_ms();
  EXPECT_EQ(a.port().wait(a.port().context, start + 30), TAILOR_PORT_WAIT);
  EXPECT_GE(time.monotonic_ms(), start + 30);
  EXPECT_EQ(a.port().wait(a.port().context, 0), TAILOR_PORT_WAIT) << "a deadline in the past";
}

TEST_F(Udp, DropsADatagramThatIsLongerThanTheBuffer) {
  ASSERT_EQ(send(a, b, std::string(101, 'x')), TAILOR_PORT_OK);
  ASSERT_EQ(send(a, b, std::string(100, 'y')), TAILOR_PORT_OK);
  EXPECT_EQ(receive(b, 100), TAILOR_PORT_CONTRACT);
  EXPECT_EQ(receive(b, 100), TAILOR_PORT_OK);
  EXPECT_EQ(received(), std::string(100, 'y'));
}

TEST_F(Udp, RefusesADatagramThatIsTooLongToSend) {
  EXPECT_EQ(send(a, b, std::string(70'000, 'x')), TAILOR_PORT_CONTRACT);
}

TEST_F(Udp, RebindTakesAnotherPortAndGoesOn) {
  const uint16_t before = a.local_port();
  ASSERT_EQ(a.port().rebind(a.port().context), TAILOR_PORT_OK);
  EXPECT_NE(a.local_port(), before);
  ASSERT_EQ(send(a, b, "new"), TAILOR_PORT_OK);
  ASSERT_EQ(receive(b), TAILOR_PORT_OK);
  EXPECT_EQ(sender.port, a.local_port());
}

TEST_F(Udp, ResolvesLiteralsAndNames) {
  const tailor_endpoint_t four = resolved("192.0.2.7", 5684);
  EXPECT_EQ(four.address[10], 0xff);
  EXPECT_EQ(four.address[15], 7);
  EXPECT_EQ(four.port, 5684);
  EXPECT_EQ(resolved("2001:db8::1", 1).address[15], 1);
  resolved("localhost", 1);
  tailor_endpoint_t found{};
  EXPECT_NE(a.port().resolve(a.port().context, "no host.", 8, 1, &found), TAILOR_PORT_OK);
}

TEST_F(Udp, RefusesAnAddressThatIsNotOurs) {
  UdpPort other;
  EXPECT_EQ(other.open("192.0.2.1").error(), Error::kNetworkFailed);
  EXPECT_EQ(other.open("not an address").error(), Error::kNetworkFailed);
  EXPECT_EQ(other.open("127.0.0.1", a.local_port()).error(), Error::kNetworkFailed) << "taken";
}

}  // namespace
}  // namespace tailor::posix
