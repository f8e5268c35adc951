// SPDX-License-Identifier: Apache-2.0
// The memory functions that the compiler calls, for the boot program: newlib's are made for speed and have ten times
// the size. Byte by byte; the largest thing that is moved here is a journal record.
#include <cstddef>
#include <cstdint>

extern "C" {

[[gnu::used, gnu::optimize("no-tree-loop-distribute-patterns")]] void* memmove(void* to, const void* from,
                                                                               size_t size) {
  auto* const target = static_cast<uint8_t*>(to);
  const auto* const source = static_cast<const uint8_t*>(from);
  if (target <= source) {
    for (size_t i = 0; i < size; ++i) target[i] = source[i];
  } else {
    while (size-- > 0) target[size] = source[size];
  }
  return to;
}

[[gnu::used]] void* memcpy(void* to, const void* from, size_t size) {
  return memmove(to, from, size);
}

[[gnu::used, gnu::optimize("no-tree-loop-distribute-patterns")]] void* memset(void* to, int value, size_t size) {
  auto* const target = static_cast<uint8_t*>(to);
  while (size-- > 0) target[size] = static_cast<uint8_t>(value);
  return to;
}

[[gnu::used]] int memcmp(const void* a, const void* b, size_t size) {
  const auto* const first = static_cast<const uint8_t*>(a);
  const auto* const second = static_cast<const uint8_t*>(b);
  for (size_t i = 0; i < size; ++i) {
    if (first[i] != second[i]) return first[i] - second[i];
  }
  return 0;
}

[[gnu::used, gnu::optimize("no-tree-loop-distribute-patterns")]] size_t strlen(const char* text) {
  const char* end = text;
  while (*end != '\0') ++end;
  return static_cast<size_t>(end - text);
}
}
