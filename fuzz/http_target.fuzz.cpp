// SPDX-License-Identifier: Apache-2.0
// Any request target: what is read can be written and read again to the same segments.
#include "net/http/message.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  http::Request request;
  if (!http::parse_target(as_text({data, size}), request).ok() || request.segments.empty()) return 0;
  std::string written;
  for (const std::string& segment : request.segments) written += "/" + http::percent_encode(segment);
  http::Request again;
  if (!http::parse_target(written, again).ok()) __builtin_trap();
  if (again.segments != request.segments && !(written == "/" && again.segments.empty())) __builtin_trap();
  return 0;
}
