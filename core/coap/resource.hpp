// SPDX-License-Identifier: Apache-2.0
// The server side as a resource handler sees it: the resource table, Request and Response. Handlers see who asks (Peer)
// and what; never message ids, tokens, retransmissions, DTLS or sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/coap/codes.hpp"
#include "core/coap/options.hpp"
#include "core/coap/peer.hpp"

namespace tailor::coap {

class ResourceHandler;

/// One row of the table of resources. Rows are constants of the owner and outlive every endpoint that serves them.
struct Resource {
  std::string_view path;  ///< "reg", "img/*": a last "*" stands for one segment that is not empty
  uint8_t methods = 0;    ///< kAllowGet | kAllowPut ...; another method gets 4.05
  ResourceHandler* handler = nullptr;
  std::string_view type{};                 ///< link attribute rt, e.g. "tailor.update"; empty: no attribute
  uint16_t accepts = format::kNone;        ///< Content-Format that a request payload must have, else 4.15; kNone: any
  uint16_t produces = format::kNone;       ///< format of GET responses: link attribute ct, and 4.06 for another Accept
  uint32_t max_body_bytes = kUnknownSize;  ///< a longer request body gets 4.13 with Size1
  bool observable = false;                 ///< link attribute obs; GET with Observe registers
  bool unconfirmed_notifications = false;  ///< notifications are NON; every eighth is CON all the same (RFC 7641 4.5)
  bool hidden = false;                     ///< not listed in /.well-known/core
};

/// A response body that is read in pieces, at any offset, and is not held in memory as a whole.
class BodySource {
 public:
  /// Fills `out` with the body's bytes from `offset`.
  ///
  /// @returns how many were written: out.size() unless the body ends before; an error gives 5.00
  [[nodiscard]] virtual Result<size_t> read(uint32_t offset, MutableBytes out) noexcept = 0;
  /// Called exactly once for each Response::set_body, when the endpoint needs the source no longer.
  virtual void release() noexcept {}

 protected:
  ~BodySource() = default;
};

/// Names a deferred request or a request of our own; valid for one endpoint until it ends.
struct ExchangeId {
  uint32_t value = 0;  ///< zero: none
  friend bool operator==(const ExchangeId&, const ExchangeId&) = default;
};

/// A request, or one piece of it when the body came block-wise. All views end with the call.
struct Request {
  Code method;
  const Resource& resource;
  Peer& peer;
  OptionList path;  ///< path.at(1) of "img/abc" is "abc"
  OptionList query;
  ByteView options;         ///< all of them, for OptionReader
  uint16_t content_format;  ///< format::kNone without the option
  uint16_t accept;          ///< format::kNone without the option
  ByteView etag;            ///< the first ETag: a client that validates; answer 2.03 if it still holds
  ByteView payload;
  uint32_t offset;           ///< where `payload` stands in the request body
  bool last;                 ///< this piece ends the body
  uint32_t total_bytes;      ///< Size1, or the payload's size when it is not block-wise; kUnknownSize
  uint32_t response_offset;  ///< Block2 of a GET: where the piece of the response that is asked for starts
  bool observe;              ///< this request registers an observation, or is made to notify one
};

/// What a handler answers. Starts as 5.00 with nothing; the engine adds tokens, blocks, Observe and Size options.
class Response {
 public:
  Response(MutableBytes room, ExchangeId deferral) noexcept : room_(room), deferral_(deferral) {}

  void set_code(Code code) noexcept { code_ = code; }
  /// Memory for a payload that the handler composes: one block. The only memory of the engine that may be written to.
  [[nodiscard]] MutableBytes room() const noexcept { return room_; }
  /// Sets the whole body; the engine cuts the block out of it that was asked for. `body` lives until the handler
  /// returns: a GET is asked again for each block, of other methods the engine keeps a copy while it is fetched.
  void set_payload(ByteView body, uint16_t content_format) noexcept;
  /// Sets a body that is read in pieces; released at once for a GET, after the last block for other methods.
  void set_body(BodySource& source, uint32_t total_bytes, uint16_t content_format) noexcept;
  /// @param etag  1 to 8 bytes; longer ones are cut. Without an ETag a client cannot see that a body changed.
  void set_etag(ByteView etag) noexcept;
  void set_max_age(uint32_t seconds) noexcept { max_age_s_ = seconds; }
  /// Adds the option Hold: the envelope is to wait, once it is staged.
  void set_hold() noexcept { hold_ = true; }
  /// Sets Location-Path from "reg/<uuid>"; at most kLocationBytes, else the response becomes 5.00.
  void set_location(std::string_view path) noexcept;
  /// Answers an error with its code of errors.def and the diagnostic payload "<ErrorName>: <context>", cut to room().
  void fail(Error error, std::string_view context = {}) noexcept;
  /// Puts the answer off: the peer gets an empty acknowledgement now, and the response when the owner calls
  /// Endpoint::begin_response() and finish_response(). What else was set here is forgotten.
  ///
  /// @returns kOverloaded when the endpoint has no slot left; answer then, e.g. with fail(kOverloaded)
  [[nodiscard]] Result<ExchangeId> defer() noexcept;

  static constexpr size_t kLocationBytes = 64;

  [[nodiscard]] Code code() const noexcept { return code_; }
  [[nodiscard]] bool deferred() const noexcept { return deferred_; }

 private:
  friend class Endpoint;
  void release_body() noexcept;

  MutableBytes room_;
  ExchangeId deferral_;
  Code code_ = Code::kInternalServerError;
  bool deferred_ = false;
  bool hold_ = false;
  uint8_t etag_length_ = 0;
  uint8_t location_length_ = 0;
  uint16_t content_format_ = format::kNone;
  uint32_t max_age_s_ = kDefaultMaxAgeSeconds;
  ByteView body_;
  BodySource* source_ = nullptr;
  uint32_t total_bytes_ = 0;
  std::array<uint8_t, 8> etag_{};
  std::array<char, kLocationBytes> location_{};
};

class ResourceHandler {
 public:
  /// Handles a request. A body that comes block-wise (RFC 7959 Block1) is handed over piece by piece in order: offset 0
  /// starts a body anew, whatever came before. For a piece that is not the last, a success code means "go on" and any
  /// other ends the transfer with it.
  virtual void handle(const Request& request, Response& response) noexcept = 0;
  /// Tells where an interrupted Block1 body of this request may go on; asked when one starts at another offset than 0.
  [[nodiscard]] virtual uint32_t resume_offset(const Request& /*request*/) noexcept { return 0; }
  /// A Block1 body that handle() had pieces of will not be completed: timeout, or the association ended.
  virtual void abandoned(const Resource& /*resource*/, Peer& /*peer*/) noexcept {}

 protected:
  ~ResourceHandler() = default;
};

}  // namespace tailor::coap
