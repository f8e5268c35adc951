// SPDX-License-Identifier: Apache-2.0
// See boot_log.hpp.
#include "ports/mps2_an385/boot_log.hpp"

#include "ports/mps2_an385/semihosting.hpp"

namespace tailor::mps2 {

using semihosting::print;

BootLog::BootLog(const char* level, const char* event) noexcept {
  print("0.000 ");  // the boot program keeps no time
  print(level);
  print(" ");
  print(event);
}

BootLog::~BootLog() {
  print("\n");
}

BootLog& BootLog::text(const char* key, const char* value) noexcept {
  print(" ");
  print(key);
  print("=");
  print(value);
  return *this;
}

BootLog& BootLog::number(const char* key, uint64_t value) noexcept {
  char digits[21];
  char* at = digits + sizeof digits - 1;
  *at = '\0';
  do {
    // Divided by hand, 16 bits at a time: the library's division of 64 bits is larger than all of this.
    uint32_t rest = 0;
    uint64_t quotient = 0;
    for (unsigned shift = 64; shift > 0;) {
      shift -= 16;
      rest = rest << 16U | (static_cast<uint32_t>(value >> shift) & 0xffffU);
      quotient |= uint64_t{rest / 10} << shift;
      rest %= 10;
    }
    *--at = static_cast<char>('0' + rest);
    value = quotient;
  } while (value != 0);
  return text(key, at);
}

BootLog& BootLog::digest(const char* key, ByteView octets) noexcept {
  text(key, "");
  for (const uint8_t octet : octets) {
    const char digits[] = {"0123456789abcdef"[octet >> 4U], "0123456789abcdef"[octet & 0xfU], '\0'};
    print(digits);
  }
  return *this;
}

}  // namespace tailor::mps2
