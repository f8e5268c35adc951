// SPDX-License-Identifier: Apache-2.0
// Images over CoAP without security: the state of one thread of the plain front. Manifests sign for images, so that who
// fetches one needs no identity.
#pragma once

#include <map>
#include <memory>

#include "core/coap/stateless.hpp"
#include "net/coap/plain_server.hpp"
#include "services/update/store/blob_folder.hpp"

namespace tailor::update_server {

/// What one thread has served of the folder: a second look takes no lock.
class ThreadImages final : public coap::ImmutableStore {
 public:
  /// Mappings that a thread holds; all are let go when there are more.
  static constexpr size_t kMost = 256;

  explicit ThreadImages(BlobFolder& images) : images_(images) {}
  /// @param name  base64url of the digest
  [[nodiscard]] Result<coap::ImmutableObject> find(std::string_view name) const noexcept override;

 private:
  struct Held {
    Digest digest{};
    std::shared_ptr<const Blob> blob;
  };
  BlobFolder& images_;
  mutable std::map<std::string, Held, std::less<>> held_;
};

/// Makes the handler of one thread.
[[nodiscard]] std::unique_ptr<net::DatagramHandler> make_plain_handler(net::UdpThread& thread, BlobFolder& images,
                                                                       std::span<const coap::Resource> resources);

}  // namespace tailor::update_server
