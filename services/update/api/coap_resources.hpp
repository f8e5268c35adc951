// SPDX-License-Identifier: Apache-2.0
// The update server's resources for devices, as handlers of the CoAP engine: registration, the update, images, reports.
// They see who asks and what, never DTLS or sockets, and may be called by several threads at once.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include "core/coap/resource.hpp"
#include "services/update/application/updates.hpp"

namespace tailor::update_server {

/// Longest registration and report that is taken: above what eight components and their texts need.
inline constexpr uint32_t kDeviceMessageBytes = 4096;

/// Puts together bodies that come block-wise. Thread-safe.
class BodyAssembler {
 public:
  /// Adds a piece.
  /// @returns the whole body after the last piece, nothing before; kBlockSequence, kBodyTooLarge
  [[nodiscard]] Result<std::optional<Bytes>> add(const coap::Request& request);
  void forget(const coap::Resource& resource, const coap::Peer& peer);

 private:
  using Key = std::pair<Uuid, const coap::Resource*>;
  std::mutex mutex_;
  std::map<Key, Bytes> bodies_;
};

class CoapResources {
 public:
  /// @param updates  outlives the object
  explicit CoapResources(Updates& updates);
  CoapResources(const CoapResources&) = delete;
  CoapResources& operator=(const CoapResources&) = delete;

  /// For sessions with a device's certificate.
  [[nodiscard]] std::span<const coap::Resource> secured() const noexcept { return secured_; }
  /// For plain CoAP: images alone, which are signed for by manifests and secret to nobody.
  [[nodiscard]] std::span<const coap::Resource> plain() const noexcept { return plain_; }
  /// The resource whose observers hear of updates.
  [[nodiscard]] const coap::Resource& update() const noexcept { return secured_[2]; }

  /// Requests so far, in the text format of Prometheus.
  [[nodiscard]] std::string metrics() const;

 private:
  struct Counters {
    std::atomic<uint64_t> registrations{0}, polls{0}, offers{0}, image_blocks{0}, reports{0}, errors{0};
  };
  class Handler : public coap::ResourceHandler {
   public:
    Handler(Updates& updates, Counters& counters) : updates_(updates), counters_(counters) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept final;
    void abandoned(const coap::Resource& resource, coap::Peer& peer) noexcept final { bodies_.forget(resource, peer); }

   protected:
    ~Handler() = default;
    /// Answers a device's request; a failure becomes the response.
    [[nodiscard]] virtual Outcome<void> answer(const coap::Request& request, coap::Response& response) = 0;
    /// @returns kNotAuthenticated, kRoleNotPermitted
    [[nodiscard]] virtual Outcome<void> check_peer(const coap::Peer& peer) const;

    Updates& updates_;
    Counters& counters_;
    BodyAssembler bodies_;
  };
  class Registrations final : public Handler {
    using Handler::Handler;
    Outcome<void> answer(const coap::Request& request, coap::Response& response) override;
  };
  class Offers final : public Handler {
    using Handler::Handler;
    Outcome<void> answer(const coap::Request& request, coap::Response& response) override;
  };
  class Images final : public Handler {
    using Handler::Handler;
    Outcome<void> answer(const coap::Request& request, coap::Response& response) override;
    Outcome<void> check_peer(const coap::Peer&) const override { return kOk; }
  };
  class Reports final : public Handler {
    using Handler::Handler;
    Outcome<void> answer(const coap::Request& request, coap::Response& response) override;
  };

  Counters counters_;
  Registrations registrations_;
  Offers offers_;
  Images images_;
  Reports reports_;
  std::array<coap::Resource, 5> secured_;
  std::array<coap::Resource, 1> plain_;
};

}  // namespace tailor::update_server
