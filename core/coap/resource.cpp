// SPDX-License-Identifier: Apache-2.0
// What handlers do with a Response.
#include "core/coap/resource.hpp"

#include <algorithm>

namespace tailor::coap {

void Response::release_body() noexcept {
  if (source_ != nullptr) source_->release();
  source_ = nullptr;
}

void Response::set_payload(ByteView body, uint16_t content_format) noexcept {
  release_body();
  body_ = body;
  total_bytes_ = static_cast<uint32_t>(body.size());
  content_format_ = content_format;
}

void Response::set_body(BodySource& source, uint32_t total_bytes, uint16_t content_format) noexcept {
  release_body();
  body_ = {};
  source_ = &source;
  total_bytes_ = total_bytes;
  content_format_ = content_format;
}

void Response::set_etag(ByteView etag) noexcept {
  etag_length_ = static_cast<uint8_t>(std::min(etag.size(), etag_.size()));
  std::copy_n(etag.begin(), etag_length_, etag_.begin());
}

void Response::set_location(std::string_view path) noexcept {
  if (path.size() > location_.size()) return fail(Error::kBufferTooSmall);
  location_length_ = static_cast<uint8_t>(path.size());
  std::copy(path.begin(), path.end(), location_.begin());
}

void Response::fail(Error error, std::string_view context) noexcept {
  code_ = static_cast<Code>(coap_code_of(error));
  etag_length_ = 0;
  location_length_ = 0;
  hold_ = false;
  size_t used = 0;
  const auto put = [&](std::string_view text) {
    const size_t count = std::min(text.size(), room_.size() - used);
    std::copy_n(text.begin(), count, room_.begin() + static_cast<std::ptrdiff_t>(used));
    used += count;
  };
  if constexpr (kNamesErrors) {
    put(name_of(error));
    if (!context.empty()) put(": ");
  }
  put(context);
  set_payload(room_.first(used), format::kNone);  // RFC 7252 5.5.2: a diagnostic payload has no Content-Format
}

Result<ExchangeId> Response::defer() noexcept {
  if (deferral_ == ExchangeId{}) return Error::kOverloaded;
  deferred_ = true;
  return deferral_;
}

}  // namespace tailor::coap
