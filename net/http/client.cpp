// SPDX-License-Identifier: Apache-2.0
// The client over Beast: one io_context and one connection a request, so that nothing is shared between callers.
#include "net/http/client.hpp"

#include <openssl/ssl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <exception>

#include "net/http/tls_context.hpp"

namespace tailor::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Client::Impl {
  std::string host;
  std::string port;
  std::string prefix;
  TlsContext context;  ///< nullptr: plain HTTP
  std::string server_name;
  std::function<Outcome<void>(const Bytes&)> accept_server;
  ClientConfig config;
};

namespace {

Failure network_failure(const std::string& step, const error_code& error) {
  Error code = Error::kNetworkFailed;
  if (error == beast::error::timeout) code = Error::kTimeout;
  if (error.category() == asio::error::get_ssl_category()) code = Error::kHandshakeFailed;
  if (error == bhttp::error::body_limit) code = Error::kBodyTooLarge;
  return fail(code, step + ": " + error.message());
}

beast::tcp_stream& lowest(beast::tcp_stream& stream) {
  return stream;
}
beast::tcp_stream& lowest(beast::ssl_stream<beast::tcp_stream>& stream) {
  return stream.next_layer();
}

/// Sends a request and reads the answer on a stream that is ready.
template <typename Stream>
class Exchange {
 public:
  Exchange(Stream& stream, const ClientConfig& config, const ClientRequest& request, std::string host)
      : stream_(stream), config_(config), request_(request), host_(std::move(host)) {}

  asio::awaitable<Outcome<Response>> run(const std::string& target) {
    const std::optional<Failure> write_failure =
        request_.body_file.empty() ? co_await send_memory(target) : co_await send_file(target);
    if (answered_) co_return take_response();
    // A server that refuses a body answers while we still send: look for the answer before giving up.
    if (write_failure && write_failure->code == Error::kTimeout) co_return *write_failure;
    co_await read_response();
    if (error_) co_return write_failure ? *write_failure : network_failure("receiving", error_);
    co_return take_response();
  }

 private:
  auto token() { return asio::redirect_error(asio::use_awaitable, error_); }
  void restart_timer() { lowest(stream_).expires_after(config_.idle_timeout); }

  template <typename Body>
  bhttp::request<Body> make_head(const std::string& target) const {
    bhttp::request<Body> head(bhttp::verb::unknown, target, 11);
    head.method_string(request_.method);
    head.set(bhttp::field::host, host_);
    head.set(bhttp::field::user_agent, "tailor");
    head.keep_alive(false);
    for (const auto& [name, value] : request_.headers) head.insert(name, value);
    if (!request_.content_type.empty()) head.set(bhttp::field::content_type, request_.content_type);
    return head;
  }

  asio::awaitable<std::optional<Failure>> send_memory(const std::string& target) {
    auto message = make_head<bhttp::string_body>(target);
    message.body() = request_.body;
    if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT") message.prepare_payload();
    restart_timer();
    co_await bhttp::async_write(stream_, message, token());
    if (error_) co_return network_failure("sending", error_);
    co_return std::nullopt;
  }

  asio::awaitable<std::optional<Failure>> send_file(const std::string& target) {
    auto message = make_head<bhttp::file_body>(target);
    message.body().open(request_.body_file.c_str(), beast::file_mode::scan, error_);
    if (error_) co_return fail(Error::kFileFailed, request_.body_file.string() + ": " + error_.message());
    const uint64_t size = message.body().size();
    message.content_length(size);
    message.set(bhttp::field::expect, "100-continue");
    bhttp::request_serializer<bhttp::file_body> serializer(message);
    restart_timer();
    co_await bhttp::async_write_header(stream_, serializer, token());
    if (error_) co_return network_failure("sending", error_);
    co_await read_response();
    if (error_) co_return network_failure("receiving", error_);
    if (parser_->get().result() != bhttp::status::continue_) {
      answered_ = true;
      co_return std::nullopt;
    }
    uint64_t sent = 0;
    while (!serializer.is_done()) {
      restart_timer();
      sent += co_await bhttp::async_write_some(stream_, serializer, token());
      if (error_) co_return network_failure("sending", error_);
      if (request_.progress) request_.progress(std::min(sent, size), size);
    }
    co_return std::nullopt;
  }

  asio::awaitable<void> read_response() {
    parser_.emplace();
    parser_->body_limit(config_.max_response_bytes);
    if (request_.method == "HEAD") parser_->skip(true);
    restart_timer();
    co_await bhttp::async_read_header(stream_, buffer_, *parser_, token());
    while (!error_ && !parser_->is_done()) {
      restart_timer();
      co_await bhttp::async_read_some(stream_, buffer_, *parser_, token());
    }
  }

  Outcome<Response> take_response() {
    auto message = parser_->release();
    Response out;
    out.status = message.result_int();
    for (const auto& field : message) {
      out.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    out.content_type = std::string(message[bhttp::field::content_type]);
    out.body = std::move(message.body());
    return out;
  }

  Stream& stream_;
  const ClientConfig& config_;
  const ClientRequest& request_;
  std::string host_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::response_parser<bhttp::string_body>> parser_;
  bool answered_ = false;
  error_code error_;
};

Outcome<void> check_server(beast::ssl_stream<beast::tcp_stream>& stream,
                           const std::function<Outcome<void>(const Bytes&)>& accept) {
  if (!accept) return kOk;
  const X509* certificate = SSL_get0_peer_certificate(stream.native_handle());
  uint8_t* raw = nullptr;
  const int length = certificate == nullptr ? -1 : i2d_X509(certificate, &raw);
  if (length <= 0) return fail(Error::kHandshakeFailed, "server sent no certificate");
  const Bytes der(raw, raw + length);
  OPENSSL_free(raw);
  return accept(der);
}

asio::awaitable<Outcome<Response>> exchange(const Client::Impl& impl, const ClientRequest& request) {
  error_code error;
  const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto endpoints = co_await resolver.async_resolve(impl.host, impl.port, token());
  if (error) co_return network_failure(impl.host, error);
  beast::tcp_stream plain(executor);
  plain.expires_after(impl.config.connect_timeout);
  co_await plain.async_connect(endpoints, token());
  if (error) co_return network_failure(impl.host + " port " + impl.port, error);
  plain.socket().set_option(tcp::no_delay(true), error);
  const bool ipv6 = impl.host.find(':') != std::string::npos;
  const std::string host = (ipv6 ? "[" + impl.host + "]" : impl.host) + ":" + impl.port;
  const std::string target = impl.prefix + request.target;
  if (!impl.context) {
    Exchange one(plain, impl.config, request, host);
    co_return co_await one.run(target);
  }
  beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), *impl.context);
  stream.set_verify_callback(asio::ssl::host_name_verification(impl.server_name));
  error_code not_an_address;
  asio::ip::make_address(impl.server_name, not_an_address);
  if (not_an_address) SSL_set_tlsext_host_name(stream.native_handle(), impl.server_name.c_str());
  stream.next_layer().expires_after(impl.config.connect_timeout);
  co_await stream.async_handshake(asio::ssl::stream_base::client, token());
  if (error) co_return network_failure("TLS handshake with " + host, error);
  if (auto accepted = check_server(stream, impl.accept_server); !accepted.ok()) co_return accepted.error();
  Exchange one(stream, impl.config, request, host);
  co_return co_await one.run(target);
}

/// asio's completion values must be default-constructible, which an Outcome is not on purpose.
asio::awaitable<void> exchange_into(std::optional<Outcome<Response>>& out, const Client::Impl& impl,
                                    const ClientRequest& request) {
  out.emplace(co_await exchange(impl, request));
}

Outcome<void> split_url(std::string_view url, Client::Impl& impl, bool& secure) {
  const Failure bad = fail(Error::kUsageInvalid, "not a URL like https://host:port");
  secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return bad;
  url.remove_prefix(secure ? 8 : 7);
  const size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos) impl.prefix = url.substr(slash);
  while (impl.prefix.ends_with('/')) impl.prefix.pop_back();
  impl.port = secure ? "443" : "80";
  size_t host_end = authority.size();
  if (authority.starts_with('[')) {
    host_end = authority.find(']');
    if (host_end == std::string_view::npos) return bad;
    impl.host = authority.substr(1, host_end - 1);
    authority.remove_prefix(host_end + 1);
  } else {
    host_end = std::min(authority.find(':'), authority.size());
    impl.host = authority.substr(0, host_end);
    authority.remove_prefix(host_end);
  }
  if (impl.host.empty() || (!authority.empty() && (authority.front() != ':' || authority.size() > 6))) return bad;
  if (!authority.empty()) {
    impl.port = authority.substr(1);
    if (impl.port.empty() || impl.port.find_first_not_of("0123456789") != std::string::npos) return bad;
  }
  return kOk;
}

}  // namespace

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Outcome<Client> Client::create(const std::string& base_url, ClientTls tls, ClientConfig config) {
  auto impl = std::make_unique<Impl>();
  bool secure = false;
  TAILOR_TRY(split_url(base_url, *impl, secure));
  if (secure) {
    TAILOR_TRY_ASSIGN(impl->context, make_context(tls));
  }
  impl->server_name = tls.server_name.empty() ? impl->host : tls.server_name;
  impl->accept_server = std::move(tls.accept_server);
  impl->config = config;
  return Client(std::move(impl));
}

Outcome<Response> Client::send(const ClientRequest& request) const {
  std::optional<Outcome<Response>> result;
  try {
    asio::io_context io;
    asio::co_spawn(io, exchange_into(result, *impl_, request), asio::detached);
    io.run();
  } catch (const std::exception& error) {
    return fail(Error::kNetworkFailed, error.what());
  }
  if (!result) return fail(Error::kNetworkFailed, "no answer");
  return std::move(*result);
}

}  // namespace tailor::http
