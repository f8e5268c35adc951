// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server: asynchronous sockets, synchronous handlers on its threads, TLS with client certificates,
// bounded bodies that go to memory or to a file. Boost and OpenSSL stay behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "net/http/router.hpp"

namespace tailor::http {

enum class ClientCertificate : uint8_t { kNone, kOptional, kRequired };

struct ServerTls {
  std::string certificate_pem;  ///< leaf first, then what peers need to reach their anchor
  SecretString key_pem;
  std::string client_anchors_pem;  ///< roots of client certificates; needed unless kNone
  ClientCertificate client_certificate = ClientCertificate::kNone;
};

struct ServerConfig {
  std::string address = "127.0.0.1";  ///< numeric IPv4 or IPv6
  uint16_t port = 0;                  ///< 0: any free one
  unsigned threads = 2;
  size_t max_connections = 1024;  ///< later ones are closed at once
  std::chrono::milliseconds idle_timeout{30'000};
  std::chrono::milliseconds stop_timeout{5'000};  ///< how long stop() waits for requests that are being answered
};

class Server {
 public:
  /// Binds and starts to answer. The handler outlives the server.
  ///
  /// @param tls  nullptr: plain HTTP
  /// @returns kNetworkFailed when the address cannot be bound, kDerMalformed for keys or certificates that do not load
  [[nodiscard]] static Outcome<std::unique_ptr<Server>> start(const ServerConfig& config, const ServerTls* tls,
                                                              Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] uint16_t port() const noexcept;

  /// Uses another certificate for connections from now on: a renewed one.
  [[nodiscard]] Outcome<void> replace_tls(const ServerTls& tls);

  /// Accepts no more, lets requests that arrived end, closes. Called again it does nothing.
  void stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailor::http
