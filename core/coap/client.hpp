// SPDX-License-Identifier: Apache-2.0
// The client side as its caller sees it: what to ask, and the handler that supplies a request body and takes the
// response in pieces. Block-wise transfer in both directions is the engine's business (endpoint.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/coap/codes.hpp"
#include "core/coap/options.hpp"

namespace tailor::coap {

/// One request. `uri` is referenced, not copied: it lives until the request has ended.
struct RequestSpec {
  Code method = Code::kGet;
  std::string_view uri{};  ///< path and query of a URI: "/img/abc?x=1"; scheme and host belong to the association
  bool confirmable = true;
  bool observe = false;                     ///< GET only: register; the request then lasts until cancel()
  uint16_t content_format = format::kNone;  ///< of the request body
  uint16_t accept = format::kNone;
  uint32_t body_bytes = 0;       ///< size of the request body, read from ClientHandler::read_body
  uint32_t body_offset = 0;      ///< resume the request body here; a multiple of the block size
  uint32_t response_offset = 0;  ///< resume the response body here; a multiple of the block size
  /// Up to 8 bytes. With response_offset 0: sent, and 2.03 answers if it still holds. Otherwise: the ETag of the
  /// earlier part; another one in the response ends the request with kResourceChanged.
  ByteView etag{};
};

/// A response, or one piece of it. All views end with the call.
struct ClientResponse {
  Code code;
  uint16_t content_format;
  ByteView etag;
  uint32_t total_bytes;  ///< Size2, or the payload's size when the response is not block-wise; kUnknownSize
  uint32_t offset;       ///< where `payload` stands in the body
  ByteView payload;
  bool last;      ///< this piece ends the body
  bool observed;  ///< the server keeps the observation; the request goes on after `last`
  uint32_t max_age_s;
  ByteView options;  ///< of the message that carried this piece, e.g. for OptionList(options, Option::kLocationPath)

  /// Whether the server put the option Hold on it.
  [[nodiscard]] bool held() const noexcept { return find_option(options, Option::kHold).is(Option::kHold); }
};

class ClientHandler {
 public:
  /// Fills `out` with the request body from `offset`; asked again for the same bytes after a loss of agreement.
  ///
  /// @returns how many bytes were written; fewer than out.size(), or an error, ends the request
  [[nodiscard]] virtual Result<size_t> read_body(uint32_t /*offset*/, MutableBytes /*out*/) noexcept {
    return Error::kInternal;
  }
  /// Takes one piece of the response; pieces come in order, and offset 0 (or the resumed one) starts a body. Error
  /// codes of the server (4.xx, 5.xx) arrive here too.
  ///
  /// The request ends after the piece with `last` unless `observed`. It may start other requests on the endpoint.
  /// @returns an error to end the request; on_failure is then called with it
  [[nodiscard]] virtual Status on_response(const ClientResponse& response) noexcept = 0;
  /// The request has ended without its last piece: kTimeout, kResetByPeer, kResourceChanged, kBlockSequence,
  /// kSessionClosed, kCriticalOptionUnknown, kAllocationFailed or what the handler itself returned.
  virtual void on_failure(Error error) noexcept = 0;

 protected:
  ~ClientHandler() = default;
};

}  // namespace tailor::coap
