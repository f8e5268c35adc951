// SPDX-License-Identifier: Apache-2.0
// What the compiler and newlib ask of a program that has no operating system. Objects live until the reset, so nobody
// is asked to destroy them; what cannot go on starts anew.
#include <cstddef>

#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"

extern "C" {

void* __dso_handle = nullptr;

int __aeabi_atexit(void*, void (*)(void*), void*) {
  return 0;
}

[[noreturn]] void abort() {
  tailor::mps2::semihosting::print("error system.abort\n");
  tailor::mps2::reset_system();
}

[[noreturn]] void __cxa_pure_virtual() {
  abort();
}
}

/// Virtual destructors name it; nothing was ever made by new.
void operator delete(void*) noexcept {
  abort();
}
void operator delete(void*, std::size_t) noexcept {
  abort();
}
