// SPDX-License-Identifier: Apache-2.0
// See plain_images.hpp.
#include "services/update/api/plain_images.hpp"

namespace tailor::update_server {
namespace {

/// The images stand beside the server that reads them, because it outlives none of them.
class PlainHandler final : public net::DatagramHandler {
 public:
  PlainHandler(net::UdpThread& thread, BlobFolder& images, std::span<const coap::Resource> resources)
      : images_(images), server_(thread, config_of(images_, resources)) {}
  void on_datagram(const net::UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept override {
    server_.on_datagram(from, datagram, now);
  }
  void tick(MonotonicMs now) noexcept override { server_.tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const noexcept override { return server_.next_deadline(); }

 private:
  static net::PlainServerConfig config_of(const coap::ImmutableStore& images,
                                          std::span<const coap::Resource> resources) {
    net::PlainServerConfig config;
    config.resources = resources;
    config.images = &images;
    return config;
  }

  ThreadImages images_;
  net::PlainServer server_;
};

}  // namespace

Result<coap::ImmutableObject> ThreadImages::find(std::string_view name) const noexcept {
  auto known = held_.find(name);
  if (known == held_.end()) {
    const Outcome<Digest> digest = digest_from_base64url(name);
    if (!digest.ok()) return Error::kNotFound;
    const auto blob = images_.get(digest.value());
    if (!blob.ok()) return blob.error().code;
    if (held_.size() >= kMost) held_.clear();
    known = held_.emplace(std::string(name), Held{digest.value(), blob.value()}).first;
  }
  coap::ImmutableObject object;
  object.body = known->second.blob->bytes();
  object.etag = ByteView(known->second.digest).first(8);
  return object;
}

std::unique_ptr<net::DatagramHandler> make_plain_handler(net::UdpThread& thread, BlobFolder& images,
                                                         std::span<const coap::Resource> resources) {
  return std::make_unique<PlainHandler>(thread, images, resources);
}

}  // namespace tailor::update_server
