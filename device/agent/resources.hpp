// SPDX-License-Identifier: Apache-2.0
// What the device serves to those who call it: PUT /manifest, PUT /payload/<d>, POST /trigger, GET /status,
// GET /capabilities. Roles and
// whitelists were checked in the handshake; here is decided what each role may ask for. docs/protocols/device.md.
#pragma once

#include <utility>

#include "device/agent/core.hpp"

namespace tailor::agent {

/// Where a call came from, and what its status is made of. The agent answers.
class ResourceOwner {
 public:
  /// The index of the server at the other end, or kAnyServer.
  [[nodiscard]] virtual uint8_t server_of(const coap::Peer& peer) const noexcept = 0;
  /// Fills the answer to GET /status.
  [[nodiscard]] virtual Result<ByteView> write_status(MutableBytes out) noexcept = 0;
  /// Something was taken from this peer.
  virtual void on_call(const coap::Peer& peer) noexcept = 0;

 protected:
  ~ResourceOwner() = default;
};

class Resources {
 public:
  static constexpr size_t kCount = 5;
  static constexpr size_t kStatusIndex = 3;

  Resources(const AgentCore& core, ResourceOwner& owner) noexcept;
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  [[nodiscard]] std::span<const coap::Resource> table() const noexcept { return table_; }
  [[nodiscard]] const coap::Resource& status_resource() const noexcept { return table_[kStatusIndex]; }
  /// When the last piece of a pushed payload came.
  [[nodiscard]] bool take_payload_activity() noexcept { return std::exchange(payload_activity_, false); }

 private:
  class Manifest final : public coap::ResourceHandler {
   public:
    explicit Manifest(Resources& all) noexcept : all_(all) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override;
    void abandoned(const coap::Resource& resource, coap::Peer& peer) noexcept override;

   private:
    [[nodiscard]] Status take(const coap::Request& request) noexcept;
    Resources& all_;
    const coap::Peer* sender_ = nullptr;  ///< of the envelope that is arriving
  };
  class Payload final : public coap::ResourceHandler {
   public:
    explicit Payload(Resources& all) noexcept : all_(all) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override;
    [[nodiscard]] uint32_t resume_offset(const coap::Request& request) noexcept override;

   private:
    [[nodiscard]] Status take(const coap::Request& request) noexcept;
    Resources& all_;
  };
  class Trigger final : public coap::ResourceHandler {
   public:
    explicit Trigger(Resources& all) noexcept : all_(all) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override;

   private:
    Resources& all_;
  };
  class Status final : public coap::ResourceHandler {
   public:
    explicit Status(Resources& all) noexcept : all_(all) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override;

   private:
    Resources& all_;
  };

  class Capabilities final : public coap::ResourceHandler {
   public:
    explicit Capabilities(Resources& all) noexcept : all_(all) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override;

   private:
    Resources& all_;
  };

  const AgentCore& core_;
  ResourceOwner& owner_;
  Manifest manifest_;
  Payload payload_;
  Trigger trigger_;
  Status status_;
  Capabilities capabilities_;
  bool payload_activity_ = false;
  std::array<coap::Resource, kCount> table_;
};

}  // namespace tailor::agent
