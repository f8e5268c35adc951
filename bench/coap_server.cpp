// SPDX-License-Identifier: Apache-2.0
// Our plain CoAP server as the bench loads it: "/img/<name>" from a mapped file by the stateless function, and "/body"
// with the same octets through an Endpoint and a resource handler. Prints its port.
//   coap_bench_server FOLDER NAME [THREADS]
#include <cstdio>
#include <cstdlib>
#include <future>

#include "net/coap/image_folder.hpp"
#include "net/coap/plain_server.hpp"

namespace {

using namespace tailor;  // NOLINT(google-build-using-namespace)

class Body final : public coap::ResourceHandler {
 public:
  explicit Body(coap::ImmutableObject object) : object_(object) {}
  void handle(const coap::Request&, coap::Response& response) noexcept override {
    response.set_code(coap::Code::kContent);
    response.set_etag(object_.etag);
    response.set_payload(object_.body, coap::format::kOctetStream);
  }

 private:
  coap::ImmutableObject object_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  net::ImageFolder folder(argv[1]);
  const net::ImageCache whole(folder);
  const auto object = whole.find(argv[2]);
  auto front =
      net::UdpFront::open({.bind = net::UdpAddress::from_text("127.0.0.1:0").value(),
                           .threads = argc > 3 ? static_cast<unsigned>(std::strtol(argv[3], nullptr, 10)) : 1U});
  if (!object.ok() || !front.ok()) return 1;
  Body body(object.value());
  const std::array<coap::Resource, 1> table{{{.path = "body", .methods = coap::kAllowGet, .handler = &body}}};
  struct Thread final : net::DatagramHandler {
    Thread(net::UdpThread& thread, net::ImageFolder& images, std::span<const coap::Resource> resources)
        : cache(images), server(thread, {.resources = resources, .images = &cache}) {}
    void on_datagram(const net::UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept override {
      server.on_datagram(from, datagram, now);
    }
    void tick(MonotonicMs now) noexcept override { server.tick(now); }
    [[nodiscard]] MonotonicMs next_deadline() const noexcept override { return server.next_deadline(); }
    net::ImageCache cache;
    net::PlainServer server;
  };
  const auto started =
      front.value()->start([&](net::UdpThread& thread) { return std::make_unique<Thread>(thread, folder, table); });
  if (!started.ok()) return 1;
  std::printf("%u\n", front.value()->address().port());
  std::fflush(stdout);
  std::promise<void>().get_future().wait();  // until it is ended
}
