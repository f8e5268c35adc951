// SPDX-License-Identifier: Apache-2.0
// The floor under every UDP server: receives datagrams in batches and sends each back with its message id and token
// before a block of octets, understanding nothing. What a CoAP server costs more than this is its own doing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace {

constexpr unsigned kBatch = 64;
constexpr size_t kBlock = 1024;

struct Buffers {
  std::array<std::array<uint8_t, 2048>, kBatch> in;
  std::array<std::array<uint8_t, 2048>, kBatch> out;
  std::array<sockaddr_in, kBatch> from;
  std::array<iovec, kBatch> in_pieces;
  std::array<iovec, kBatch> out_pieces;
  std::array<mmsghdr, kBatch> received;
  std::array<mmsghdr, kBatch> sent;
};

}  // namespace

int main() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int bytes = 4 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return 1;
  }
  std::printf("%u\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const auto buffers = std::make_unique<Buffers>();
  for (unsigned i = 0; i < kBatch; ++i) {
    buffers->out[i].fill(static_cast<uint8_t>(i));
    buffers->in_pieces[i] = {buffers->in[i].data(), buffers->in[i].size()};
    buffers->out_pieces[i] = {buffers->out[i].data(), 0};
    buffers->received[i].msg_hdr = {&buffers->from[i], sizeof(sockaddr_in), &buffers->in_pieces[i], 1, nullptr, 0, 0};
    buffers->sent[i].msg_hdr = {&buffers->from[i], sizeof(sockaddr_in), &buffers->out_pieces[i], 1, nullptr, 0, 0};
  }
  while (true) {
    const int got = ::recvmmsg(fd, buffers->received.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (got <= 0) continue;
    for (size_t i = 0; i < static_cast<size_t>(got); ++i) {
      const size_t head = std::min<size_t>(4 + (buffers->in[i][0] & 0x0fU), buffers->received[i].msg_len);
      std::memcpy(buffers->out[i].data(), buffers->in[i].data(), head);
      buffers->out[i][0] = static_cast<uint8_t>((buffers->in[i][0] & 0x4fU) | 0x20U);
      buffers->out[i][1] = 0x45;
      buffers->out[i][head] = 0xff;
      buffers->out_pieces[i].iov_len = head + 1 + kBlock;
    }
    int done = 0;
    while (done < got) {
      const int sent = ::sendmmsg(fd, buffers->sent.data() + done, static_cast<unsigned>(got - done), 0);
      done += sent > 0 ? sent : 1;
    }
  }
}
