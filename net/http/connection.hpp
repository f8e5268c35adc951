// SPDX-License-Identifier: Apache-2.0
// One connection of the server, as a coroutine on a strand of its own. Internal to the server: it names Boost.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "net/http/router.hpp"
#include "net/http/tls_context.hpp"

namespace tailor::http {

/// What the server may do to a connection from outside. Only code on `executor` touches the members below it.
struct ConnectionControl {
  explicit ConnectionControl(boost::asio::any_io_executor on) : executor(std::move(on)) {}

  boost::asio::any_io_executor executor;
  boost::beast::tcp_stream* stream = nullptr;  ///< nullptr before the start and after the end
  bool idle = true;                            ///< no request has begun

  void close_if_idle() {
    if (idle && stream != nullptr) stream->close();
  }
};

struct ConnectionContext {
  boost::asio::ip::tcp::socket socket;
  TlsContext tls;  ///< nullptr: plain
  std::shared_ptr<ConnectionControl> control;
  Handler* handler = nullptr;
  std::chrono::milliseconds idle_timeout{};
  std::function<bool()> stopping;
};

/// Answers requests until the peer leaves, an error occurs or the server stops.
[[nodiscard]] boost::asio::awaitable<void> serve_connection(ConnectionContext context);

}  // namespace tailor::http
