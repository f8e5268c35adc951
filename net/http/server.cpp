// SPDX-License-Identifier: Apache-2.0
// The server's life: sockets, threads, connections and their number, start and stop. What happens on one connection is
// in connection.hpp.
#include "net/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "hosted/log.hpp"
#include "net/http/connection.hpp"
#include "net/http/tls_context.hpp"

namespace tailor::http {

namespace asio = boost::asio;
using asio::ip::tcp;

class Server::Impl {
 public:
  Impl(const ServerConfig& config, TlsContext tls, Handler& handler)
      : config_(config), tls_(std::move(tls)), handler_(handler), acceptor_(asio::make_strand(io_)) {}

  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Outcome<void> bind() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(config_.address, error);
    if (error) return fail(Error::kNetworkFailed, config_.address + ": not an IP address");
    const tcp::endpoint endpoint(address, config_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(Error::kNetworkFailed,
                  config_.address + " port " + std::to_string(config_.port) + ": " + error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    return kOk;
  }

  void run() {
    asio::co_spawn(acceptor_.get_executor(), accept_connections(), asio::detached);
    for (unsigned i = 0; i < std::max(1U, config_.threads); ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
  }

  void stop() {
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      stopping_ = true;
      for (const auto& connection : connections_) {
        asio::post(connection->executor, [connection] { connection->close_if_idle(); });
      }
    }
    asio::post(acceptor_.get_executor(), [this] {  // its strand: the accepting coroutine uses it too
      boost::system::error_code ignored;
      acceptor_.close(ignored);
    });
    {
      std::unique_lock lock(mutex_);
      ended_.wait_for(lock, config_.stop_timeout, [this] { return connections_.empty(); });
    }
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void replace(TlsContext tls) {
    const std::lock_guard lock(mutex_);
    tls_ = std::move(tls);
  }

  [[nodiscard]] uint16_t port() const { return port_; }

 private:
  asio::awaitable<void> accept_connections() {
    while (acceptor_.is_open()) {
      boost::system::error_code error;
      tcp::socket socket =
          co_await acceptor_.async_accept(asio::make_strand(io_), asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
      if (error) {  // out of descriptors, or the peer is gone already: others may still get in
        log(LogLevel::kWarning, "http", "accepting a connection failed", {{"reason", error.message()}});
        asio::steady_timer pause(io_, std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      start_connection(std::move(socket));
    }
  }

  void start_connection(tcp::socket socket) {
    auto connection = std::make_shared<ConnectionControl>(socket.get_executor());
    TlsContext tls;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || connections_.size() >= config_.max_connections) return;  // the socket closes
      connections_.insert(connection);
      tls = tls_;
    }
    const auto executor = connection->executor;
    asio::co_spawn(executor,
                   serve_connection({std::move(socket), std::move(tls), connection, &handler_, config_.idle_timeout,
                                     [this] { return is_stopping(); }}),
                   [this, connection](const std::exception_ptr&) {
                     const std::lock_guard lock(mutex_);
                     connections_.erase(connection);
                     ended_.notify_all();
                   });
  }

  bool is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  const ServerConfig config_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool stopping_ = false;
  std::set<std::shared_ptr<ConnectionControl>> connections_;
  TlsContext tls_;
  Handler& handler_;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;
  asio::io_context io_;  // destroyed before what its coroutines refer to
  tcp::acceptor acceptor_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Outcome<std::unique_ptr<Server>> Server::start(const ServerConfig& config, const ServerTls* tls, Handler& handler) {
  TlsContext context;
  if (tls != nullptr) {
    TAILOR_TRY_ASSIGN(context, make_context(*tls));
  }
  auto impl = std::make_unique<Impl>(config, std::move(context), handler);
  TAILOR_TRY(impl->bind());
  impl->run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

uint16_t Server::port() const noexcept {
  return impl_->port();
}

Outcome<void> Server::replace_tls(const ServerTls& tls) {
  TAILOR_TRY_ASSIGN(TlsContext context, make_context(tls));
  impl_->replace(std::move(context));
  return kOk;
}

void Server::stop() {
  impl_->stop();
}

}  // namespace tailor::http
