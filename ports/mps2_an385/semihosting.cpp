// SPDX-License-Identifier: Apache-2.0
// See semihosting.hpp.
#include "ports/mps2_an385/semihosting.hpp"

#include <cstring>

namespace tailor::mps2::semihosting {
namespace {

enum Operation : uint32_t {
  kOpen = 0x01,
  kClose = 0x02,
  kWrite0 = 0x04,
  kWrite = 0x05,
  kRead = 0x06,
  kSeek = 0x0a,
  kTime = 0x11,
  kGetCommandLine = 0x15,
  kExitExtended = 0x20,
};
constexpr uint32_t kApplicationExit = 0x20026;

int32_t call(Operation operation, const void* block) noexcept {
  register uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = block;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int32_t>(r0);
}

uint32_t word(const void* pointer) noexcept {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}

}  // namespace

int32_t open(const char* path, OpenMode mode) noexcept {
  const uint32_t block[] = {word(path), static_cast<uint32_t>(mode), static_cast<uint32_t>(std::strlen(path))};
  return call(kOpen, block);
}

void close(int32_t handle) noexcept {
  const uint32_t block[] = {static_cast<uint32_t>(handle)};
  static_cast<void>(call(kClose, block));  // nothing can be done about a handle that does not close
}

// Both answer how many bytes were left over.
bool read(int32_t handle, void* bytes, uint32_t length) noexcept {
  const uint32_t block[] = {static_cast<uint32_t>(handle), word(bytes), length};
  return call(kRead, block) == 0;
}

bool write(int32_t handle, const void* bytes, uint32_t length) noexcept {
  const uint32_t block[] = {static_cast<uint32_t>(handle), word(bytes), length};
  return call(kWrite, block) == 0;
}

bool seek(int32_t handle, uint32_t offset) noexcept {
  const uint32_t block[] = {static_cast<uint32_t>(handle), offset};
  return call(kSeek, block) == 0;
}

void print(const char* text) noexcept {
  static_cast<void>(call(kWrite0, text));
}

bool command_line(char* text, size_t capacity) noexcept {
  const uint32_t block[] = {word(text), static_cast<uint32_t>(capacity)};
  return call(kGetCommandLine, block) == 0;
}

uint32_t seconds() noexcept {
  const int32_t now = call(kTime, nullptr);
  return now == -1 ? 0 : static_cast<uint32_t>(now);
}

void exit(uint32_t code) noexcept {
  const uint32_t block[] = {kApplicationExit, code};
  for (;;) static_cast<void>(call(kExitExtended, block));
}

}  // namespace tailor::mps2::semihosting
