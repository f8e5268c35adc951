// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on one connection over Beast: header, plan, body, handler, answer. The same code serves plain and TLS
// streams.
#include "net/http/connection.hpp"

#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>

#include "hosted/log.hpp"
#include "net/http/body_sink.hpp"

namespace tailor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

constexpr uint32_t kHeaderBytes = 16U << 10U;    // a client certificate never travels in a header; cookies are not ours
constexpr size_t kPieceBytes = 64U << 10U;       // of a body at once
constexpr uint64_t kDiscardBytes = 16U << 20U;   // read and thrown away so that a refused client sees the answer
constexpr std::chrono::seconds kDiscardTime{2};  // the same, in time
constexpr std::chrono::seconds kCloseTime{2};    // for the TLS goodbye

using Parser = bhttp::request_parser<bhttp::buffer_body>;

/// The stream below TLS, which owns the timer.
beast::tcp_stream& lowest(beast::tcp_stream& stream) {
  return stream;
}
beast::tcp_stream& lowest(beast::ssl_stream<beast::tcp_stream>& stream) {
  return stream.next_layer();
}

Bytes peer_certificate(beast::tcp_stream&) {
  return {};
}
Bytes peer_certificate(beast::ssl_stream<beast::tcp_stream>& stream) {
  X509* certificate = SSL_get0_peer_certificate(stream.native_handle());
  if (certificate == nullptr || SSL_get_verify_result(stream.native_handle()) != X509_V_OK) return {};
  uint8_t* raw = nullptr;
  const int length = i2d_X509(certificate, &raw);
  if (length <= 0) return {};
  Bytes out(raw, raw + length);
  OPENSSL_free(raw);
  return out;
}

Outcome<void> fill_head(const Parser& parser, Request& request) {
  const auto& head = parser.get();
  request.method = std::string(head.method_string());
  for (const auto& field : head) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  TAILOR_TRY(parse_target({head.target().data(), head.target().size()}, request));
  if (head.version() >= 11 && !request.headers.find("Host")) return fail(Error::kValueOutOfRange, "no Host field");
  return kOk;
}

Response guarded(Handler& handler, const Request& request) {
  try {
    return handler.handle(request);
  } catch (const std::exception& error) {
    log(LogLevel::kError, "http", "handler threw",
        {{"method", request.method}, {"path", request.path()}, {"reason", error.what()}});
    return problem(fail(Error::kInternal));
  }
}

template <typename Stream>
class Connection {
 public:
  Connection(Stream& stream, const ConnectionContext& context)
      : stream_(stream), context_(context), buffer_(kHeaderBytes + kPieceBytes) {
    certificate_ = peer_certificate(stream);
    error_code ignored;
    remote_ = lowest(stream).socket().remote_endpoint(ignored).address().to_string(ignored);
  }

  asio::awaitable<void> run() {
    bool goes_on = true;
    while (goes_on && !context_.stopping()) {
      context_.control->idle = true;
      goes_on = co_await one_request();
    }
  }

 private:
  auto token() { return asio::redirect_error(asio::use_awaitable, error_); }
  void restart_timer() { lowest(stream_).expires_after(context_.idle_timeout); }

  /// @returns whether the connection may carry another request
  asio::awaitable<bool> one_request() {
    Parser parser;
    parser.header_limit(kHeaderBytes);
    parser.body_limit(boost::none);
    restart_timer();
    co_await bhttp::async_read_header(stream_, buffer_, parser, token());
    context_.control->idle = false;
    if (error_) {
      const bool spoke = error_.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
                         error_ != bhttp::error::end_of_stream && error_ != bhttp::error::partial_message;
      if (!spoke) co_return false;
      Response malformed = problem(fail(Error::kValueOutOfRange, error_.message()));
      if (error_ == bhttp::error::header_limit) malformed.status = 431;
      co_await send(std::move(malformed), false, false);
      co_return false;
    }
    Request request;
    request.peer_certificate = certificate_;
    request.remote_address = remote_;
    const bool keep = parser.get().keep_alive();
    const bool head_only = parser.get().method() == bhttp::verb::head;
    std::optional<BodySink> sink;  // owns the body's file until the handler is done
    std::optional<Response> refusal = co_await receive(parser, request, sink);
    if (error_) co_return false;
    if (refusal) {
      const bool done = parser.is_done();
      co_await send(std::move(*refusal), keep && done, head_only);
      if (!done) co_await discard_rest(parser);
      co_return keep&& done && !error_;
    }
    const bool keep_alive = keep && !context_.stopping();
    co_await send(guarded(*context_.handler, request), keep_alive, head_only);
    co_return keep_alive && !error_;
  }

  /// Reads the body as the handler planned. @returns the answer when there is nothing to handle
  asio::awaitable<std::optional<Response>> receive(Parser& parser, Request& request, std::optional<BodySink>& sink) {
    if (auto good = fill_head(parser, request); !good.ok()) co_return problem(good.error());
    BodyPlan plan = context_.handler->plan(request);
    if (plan.refuse) co_return std::move(plan.refuse);
    std::optional<uint64_t> announced;
    if (const auto length = parser.content_length()) announced = *length;
    auto opened = BodySink::open(plan, announced);
    if (!opened.ok()) co_return problem(opened.error());
    sink.emplace(std::move(opened).value());
    if (!parser.is_done() && beast::iequals(parser.get()[bhttp::field::expect], "100-continue")) {
      bhttp::response<bhttp::empty_body> go_on(bhttp::status::continue_, 11);
      co_await bhttp::async_write(stream_, go_on, token());
      if (error_) co_return std::nullopt;
    }
    std::vector<uint8_t> piece(parser.is_done() ? 0 : kPieceBytes);
    while (!parser.is_done()) {
      const size_t size = co_await read_piece(parser, piece);
      if (error_) co_return std::nullopt;
      if (auto kept = sink->append(ByteView(piece).first(size)); !kept.ok()) co_return problem(kept.error());
    }
    sink->give_to(request);
    co_return std::nullopt;
  }

  asio::awaitable<size_t> read_piece(Parser& parser, std::vector<uint8_t>& piece) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    restart_timer();
    co_await bhttp::async_read(stream_, buffer_, parser, token());
    if (error_ == bhttp::error::need_buffer) error_ = {};
    co_return piece.size() - parser.get().body().size;
  }

  asio::awaitable<void> discard_rest(Parser& parser) {
    std::vector<uint8_t> piece(kPieceBytes);
    uint64_t discarded = 0;
    const auto end = std::chrono::steady_clock::now() + kDiscardTime;
    while (!parser.is_done() && !error_ && discarded < kDiscardBytes && std::chrono::steady_clock::now() < end) {
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      lowest(stream_).expires_at(end);
      co_await bhttp::async_read(stream_, buffer_, parser, token());
      if (error_ == bhttp::error::need_buffer) error_ = {};
      discarded += piece.size() - parser.get().body().size;
    }
  }

  asio::awaitable<void> send(Response from, bool keep_alive, bool head_only) {
    bhttp::response<bhttp::string_body> response(static_cast<bhttp::status>(from.status), 11);
    for (const auto& [name, value] : from.headers) response.insert(name, value);
    if (!from.content_type.empty()) response.set(bhttp::field::content_type, from.content_type);
    response.keep_alive(keep_alive);
    const size_t length = from.body.size();
    if (!head_only) response.body() = std::move(from.body);
    if (from.status != 204 && from.status != 304) response.content_length(length);
    restart_timer();
    bhttp::response_serializer<bhttp::string_body> serializer(response);
    if (head_only) {
      co_await bhttp::async_write_header(stream_, serializer, token());
    } else {
      co_await bhttp::async_write(stream_, serializer, token());
    }
  }

  Stream& stream_;
  const ConnectionContext& context_;
  beast::flat_buffer buffer_;
  Bytes certificate_;
  std::string remote_;
  error_code error_;
};

}  // namespace

asio::awaitable<void> serve_connection(ConnectionContext context) {
  error_code error;
  context.socket.set_option(asio::ip::tcp::no_delay(true), error);
  const std::shared_ptr<ConnectionControl> control = context.control;
  if (!context.tls) {
    beast::tcp_stream stream(std::move(context.socket));
    control->stream = &stream;
    Connection connection(stream, context);
    co_await connection.run();
    control->stream = nullptr;
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    co_return;
  }
  beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(context.socket)), *context.tls);
  control->stream = &stream.next_layer();
  stream.next_layer().expires_after(context.idle_timeout);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    log(LogLevel::kDebug, "http", "TLS handshake failed", {{"reason", error.message()}});
    control->stream = nullptr;
    co_return;
  }
  Connection connection(stream, context);
  co_await connection.run();
  stream.next_layer().expires_after(kCloseTime);
  co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  control->stream = nullptr;
}

}  // namespace tailor::http
