// SPDX-License-Identifier: Apache-2.0
// Any bytes: what a message codec accepts it writes, and reads and writes again the same. (Not always the first bytes:
// a reason that errors.def does not have reads as kInternal.)
#include <array>

#include "core/update/registration.hpp"
#include "core/update/report.hpp"
#include "core/update/status.hpp"

using namespace tailor;

template <typename Decode>
void check(Decode&& decode, ByteView bytes) {
  static std::array<uint8_t, 1U << 16U> first, second;
  const auto read = decode(bytes);
  if (!read.ok() || bytes.size() + 16 > first.size()) return;
  const auto written = update::encode(*read, first);
  if (!written.ok()) __builtin_trap();
  const auto again = decode(*written);
  if (!again.ok()) __builtin_trap();
  const auto rewritten = update::encode(*again, second);
  if (!rewritten.ok() || !equal(*written, *rewritten)) __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check(update::decode_registration, {data, size});
  check(update::decode_report, {data, size});
  check(update::decode_status, {data, size});
  return 0;
}
