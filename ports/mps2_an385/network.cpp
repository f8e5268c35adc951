// SPDX-License-Identifier: Apache-2.0
// See network.hpp.
#include "ports/mps2_an385/network.hpp"

#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/nd6.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

#include <algorithm>
#include <cstring>

#include "ports/mps2_an385/lan9118.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"

namespace tailor::mps2 {
namespace {

constexpr MacAddress kMacAddress{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
/// The least that IPv6 allows (RFC 8200 5): every link carries it, and one frame is smaller.
constexpr uint16_t kMtu = 1280;

constinit Lan9118 controller;
constinit netif interface {};
constinit udp_pcb* socket = nullptr;

/// Where the datagram goes that the frame at hand turns out to carry.
struct Received {
  uint8_t* bytes = nullptr;
  size_t capacity = 0;
  size_t length = 0;
  tailor_endpoint_t from{};
  bool there = false;
};
constinit Received* receiving = nullptr;

err_t transmit(netif*, pbuf* frame) {
  if (!controller.begin_frame(frame->tot_len)) return ERR_MEM;
  for (const pbuf* piece = frame; piece != nullptr; piece = piece->next) {
    controller.append({static_cast<const uint8_t*>(piece->payload), piece->len});
  }
  return ERR_OK;
}

err_t start_interface(netif* self) {
  self->name[0] = 'e';
  self->name[1] = 'n';
  self->mtu = kMtu;
  self->hwaddr_len = ETH_HWADDR_LEN;
  std::copy(kMacAddress.begin(), kMacAddress.end(), self->hwaddr);
  self->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  self->output_ip6 = ethip6_output;
  self->linkoutput = transmit;
  return ERR_OK;
}

void on_udp(void*, udp_pcb*, pbuf* datagram, const ip_addr_t* from, uint16_t port) {
  if (receiving != nullptr && datagram->tot_len <= receiving->capacity) {
    std::memcpy(receiving->from.address, from->addr, sizeof receiving->from.address);
    receiving->from.port = port;
    receiving->length = datagram->tot_len;
    // The payload lies in the same buffer, further on.
    std::memmove(receiving->bytes, datagram->payload, datagram->len);
    receiving->there = true;
  }
  pbuf_free(datagram);
}

bool bind_socket(uint16_t port) {
  if (socket != nullptr) udp_remove(socket);
  socket = udp_new_ip6();
  if (socket == nullptr || udp_bind(socket, IP6_ADDR_ANY, port) != ERR_OK) return false;
  udp_recv(socket, &on_udp, nullptr);
  return true;
}

tailor_port_status_t send(void*, const tailor_endpoint_t* to, const uint8_t* bytes, size_t length) {
  if (length > kMtu - 48U) return TAILOR_PORT_CONTRACT;
  pbuf* datagram = pbuf_alloc(PBUF_TRANSPORT, static_cast<uint16_t>(length), PBUF_ROM);
  if (datagram == nullptr) return TAILOR_PORT_WAIT;
  datagram->payload = const_cast<uint8_t*>(bytes);
  ip6_addr_t address{};
  std::memcpy(address.addr, to->address, sizeof address.addr);
  const err_t result = udp_sendto(socket, datagram, &address, to->port);
  pbuf_free(datagram);
  if (result == ERR_OK) return TAILOR_PORT_OK;
  return result == ERR_MEM ? TAILOR_PORT_WAIT : TAILOR_PORT_FAILED;
}

tailor_port_status_t receive(void*, uint8_t* bytes, size_t capacity, size_t* length, tailor_endpoint_t* from) {
  if (capacity < kFrameBytes || reinterpret_cast<uintptr_t>(bytes) % alignof(uint32_t) != 0)
    return TAILOR_PORT_CONTRACT;
  sys_check_timeouts();
  Received received{bytes, capacity};
  while (controller.has_frame() && !received.there) {
    const ByteView frame = controller.receive({bytes, kFrameBytes});
    if (frame.empty()) continue;
    pbuf* packet = pbuf_alloc(PBUF_RAW, static_cast<uint16_t>(frame.size()), PBUF_REF);
    if (packet == nullptr) return TAILOR_PORT_FAILED;
    packet->payload = bytes;
    receiving = &received;
    if (ethernet_input(packet, &interface) != ERR_OK) pbuf_free(packet);
    receiving = nullptr;
  }
  if (!received.there) return TAILOR_PORT_WAIT;
  *length = received.length;
  *from = received.from;
  return TAILOR_PORT_OK;
}

tailor_port_status_t wait(void*, uint64_t deadline_ms) {
  while (!controller.has_frame()) {
    sys_check_timeouts();
    if (uptime_ms() >= deadline_ms) return TAILOR_PORT_WAIT;
    asm volatile("wfi" ::: "memory");
  }
  return TAILOR_PORT_OK;
}

tailor_port_status_t resolve(void*, const char* host, size_t length, uint16_t port, tailor_endpoint_t* found) {
  std::array<char, 46> text{};
  if (length >= text.size()) return TAILOR_PORT_FAILED;
  std::copy_n(host, length, text.begin());
  ip6_addr_t address{};
  if (ip6addr_aton(text.data(), &address) == 0) return TAILOR_PORT_FAILED;
  std::memcpy(found->address, address.addr, sizeof found->address);
  found->port = port;
  return TAILOR_PORT_OK;
}

}  // namespace

const tailor_datagram_t datagram_port = {
    nullptr, &send,    &receive,
    &wait,   &resolve, [](void*) {
                                           return bind_socket(0) ? TAILOR_PORT_OK : TAILOR_PORT_FAILED; }};

Status start_network(const char* address, uint16_t port) noexcept {
  TAILOR_TRY(controller.start(kMacAddress));
  lwip_init();
  if (netif_add_noaddr(&interface, nullptr, &start_interface, &ethernet_input) == nullptr) return Error::kNetworkFailed;
  netif_create_ip6_linklocal_address(&interface, 1);
  ip6_addr_t own{};
  if (ip6addr_aton(address, &own) == 0) return Error::kValueOutOfRange;
  netif_ip6_addr_set(&interface, 1, &own);
  netif_ip6_addr_set_state(&interface, 0, IP6_ADDR_PREFERRED);
  netif_ip6_addr_set_state(&interface, 1, IP6_ADDR_PREFERRED);
  netif_set_default(&interface);
  netif_set_up(&interface);
  if (!bind_socket(port)) return Error::kNetworkFailed;
  return kOk;
}

}  // namespace tailor::mps2

extern "C" uint32_t sys_now() {
  return static_cast<uint32_t>(tailor::mps2::uptime_ms());
}

extern "C" uint32_t tailor_lwip_random() {
  uint32_t value = 0;
  // A failure leaves zero: port numbers and timers of lwIP alone depend on it, no key and no token.
  static_cast<void>(tailor::mps2::entropy_port.fill(nullptr, reinterpret_cast<uint8_t*>(&value), sizeof value));
  return value;
}
