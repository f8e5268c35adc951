// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 client for programs that wait for the answer: CLI, enrolment, webhooks. One connection a request.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/http/message.hpp"

namespace tailor::http {

struct ClientTls {
  std::string anchors_pem;      ///< roots of server certificates; empty: nobody is trusted
  std::string certificate_pem;  ///< empty: no client certificate
  SecretString key_pem;
  std::string server_name;  ///< name in the server's certificate; empty: the host of the URL
  /// Decides after the handshake, before anything is sent, whether this server is the right one. DER.
  std::function<Outcome<void>(const Bytes&)> accept_server;
};

struct ClientConfig {
  std::chrono::milliseconds connect_timeout{10'000};  ///< each of: name, connection, handshake
  std::chrono::milliseconds idle_timeout{30'000};     ///< without a byte moving
  uint64_t max_response_bytes = 64U << 20U;
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, percent-encoded
  Fields headers;
  std::string content_type;
  std::string body;
  std::filesystem::path body_file;  ///< not empty: its content is the body, sent after the server said to go on
  std::function<void(uint64_t sent, uint64_t size)> progress;  ///< called while body_file is sent
};

class Client {
 public:
  /// @param base_url  "https://host:port" or "http://host:port"; a path is put before every target
  /// @param tls       needed for https
  /// @returns kUsageInvalid for another URL, kDerMalformed for keys or certificates that do not load
  [[nodiscard]] static Outcome<Client> create(const std::string& base_url, ClientTls tls, ClientConfig config = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Sends one request and waits for the answer, whatever its status is.
  ///
  /// @returns kNetworkFailed, kTimeout, kHandshakeFailed, kBodyTooLarge, or what accept_server said
  [[nodiscard]] Outcome<Response> send(const ClientRequest& request) const;

  struct Impl;

 private:
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tailor::http
