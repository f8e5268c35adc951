// SPDX-License-Identifier: Apache-2.0
// Joins the courier to the secured CoAP front: sessions that come and go on one side, requests to devices on the other.
#pragma once

#include "net/coaps/coaps_front.hpp"
#include "services/update/api/coap_resources.hpp"
#include "services/update/api/courier.hpp"

namespace tailor::update_server {

class FrontLink final : public DeviceLink {
 public:
  explicit FrontLink(const coap::Resource& update) : update_(update) {}
  /// @pre before the front is started; it outlives every call
  void attach(net::CoapsFront& front) noexcept { front_ = &front; }

  void put(const Uuid& device, const std::string& uri, uint16_t content_format, std::shared_ptr<const Blob> body,
           uint32_t offset, Done done) override;
  void get(const Uuid& device, const std::string& uri, uint16_t accept, Done done) override;
  void post(const Uuid& device, const std::string& uri, Done done) override;
  void notify(const Uuid& device) override;

 private:
  void send(const Uuid& device, net::OwnedRequest request, Done done);

  const coap::Resource& update_;
  net::CoapsFront* front_ = nullptr;
};

/// Tells the courier of devices' sessions, and the log of refused ones.
class SessionWatch final : public net::FrontEvents {
 public:
  explicit SessionWatch(Courier& courier) : courier_(courier) {}
  void on_connected(unsigned thread, net::ConnectionId connection, const coap::Peer& peer) noexcept override;
  void on_disconnected(const coap::Peer& peer, Error reason) noexcept override;
  void on_refused(const net::UdpAddress& from, Error reason) noexcept override;

 private:
  Courier& courier_;
};

}  // namespace tailor::update_server
