// SPDX-License-Identifier: Apache-2.0
// What the device library's cryptography costs a Cortex-M3: instructions (one nanosecond each under QEMU's -icount) and
// stack. A bare-metal program for QEMU's mps2-an385; run.py builds and runs it.
#include "core/crypto/crypto.hpp"
#include "core/hss/verify.hpp"
#include "crypto_backends/psa/platform.hpp"

using namespace tailor;

extern "C" {
extern uint32_t stack_low, stack_top, bss_begin, bss_end, data_begin, data_end, data_image;
[[noreturn]] void reset();
[[noreturn]] void fault();
[[gnu::section(".vectors"), gnu::used]] void (*const vectors[])() = {reinterpret_cast<void (*)()>(&stack_top), reset,
                                                                     fault, fault};
// What the compiler asks a firmware for.
void* __dso_handle = nullptr;
int __aeabi_atexit(void*, void (*)(void*), void*) {
  return 0;
}
[[noreturn]] void abort() {
  fault();
}
}

// HSS/LMS signatures over "tailor": the seeds of the fuzz harness, public key then signature.
asm(".section .rodata\n"
    ".global example_w8, example_w8_end, example_short, example_short_end\n"
    "example_w8: .incbin \"fuzz/corpus/hss/valid_one_level\"\nexample_w8_end:\n"
    "example_short: .incbin \"fuzz/corpus/hss/valid_short_hash\"\nexample_short_end:\n"
    ".text\n");
extern "C" {
extern const uint8_t example_w8[], example_w8_end[], example_short[], example_short_end[];
}

namespace {

// Semihosting: operation in r0, argument in r1.
void semihosting(uint32_t operation, const void* argument) {
  register uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}
void print(const char* text) {
  semihosting(0x04, text);
}
void print(uint32_t number) {
  char digits[11] = {};
  char* at = digits + 10;
  do {
    *--at = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  print(at);
}
[[noreturn]] void leave(uint32_t reason) {
  while (true) semihosting(0x18, reinterpret_cast<const void*>(reason));
}

/// CMSDK timer 0 counts down at 25 MHz: 40 instructions a tick.
volatile uint32_t& timer(uint32_t offset) {
  return *reinterpret_cast<volatile uint32_t*>(0x40000000U + offset);
}

Status weak_entropy(MutableBytes out) noexcept {
  static uint32_t state = 1;
  for (uint8_t& byte : out) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<uint8_t>(state >> 24U);
  }
  return kOk;
}

/// Prints "name <thousands of instructions> <bytes of stack> <0 or 1>".
template <typename Work>
void measure(const char* name, Work work) {
  constexpr uint32_t kPaint = 0xdeadbeef;
  uint32_t here = 0;
  asm volatile("mov %0, sp" : "=r"(here));
  auto* const top = reinterpret_cast<volatile uint32_t*>(here - 64);
  for (volatile uint32_t* word = &stack_low; word < top; ++word) *word = kPaint;
  const uint32_t before = timer(4);
  const bool done = work();
  const uint32_t ticks = before - timer(4);
  volatile uint32_t* deepest = &stack_low;
  while (deepest < top && *deepest == kPaint) ++deepest;
  print(name);
  print(" ");
  print(ticks / 25);
  print(" ");
  print(here - reinterpret_cast<uint32_t>(deepest));
  print(done ? " 1\n" : " 0\n");
}

bool verify_example(const uint8_t* begin, const uint8_t* end, size_t key_bytes) {
  hss::SignatureInMemory source({begin + key_bytes, end});
  const ByteView message[] = {as_bytes("tailor")};
  return hss::verify({begin, key_bytes}, message, source).ok();
}

bool decrypt(crypto::ContentAlgorithm algorithm) {
  static uint8_t payload[1024];
  static uint8_t key[32];
  static crypto::ContentDecryption decryption;
  const crypto::ContentSizes sizes = crypto::content_sizes(algorithm);
  return decryption.start(algorithm, {key, sizes.key}, {key, sizes.iv}, {}).ok() &&
         decryption.update(payload, payload).ok();
}

void run() {
  crypto::psa::set_entropy_source(&weak_entropy);
  const crypto::Sha256Digest digest = crypto::sha256(as_bytes("tailor")).value();
  const crypto::P256PrivateKey key = crypto::generate_p256().value();
  const crypto::P256PublicKey public_key = crypto::public_key_of(key).value();
  const crypto::P256Signature signature = crypto::sign_p256(key, digest).value();
  measure("sha256_one_block", [] { return crypto::sha256(as_bytes("tailor")).ok(); });
  measure("p256_verify", [&] { return crypto::verify_p256(public_key, digest, signature).ok(); });
  measure("hss_h5_w8", [] { return verify_example(example_w8, example_w8_end, 60); });
  measure("hss_h5_w4_192", [] { return verify_example(example_short, example_short_end, 52); });
  measure("a128ctr_1_kib", [] { return decrypt(crypto::ContentAlgorithm::kA128Ctr); });
  measure("a128gcm_1_kib", [] { return decrypt(crypto::ContentAlgorithm::kA128Gcm); });
  measure("chacha20_poly1305_1_kib", [] { return decrypt(crypto::ContentAlgorithm::kChaCha20Poly1305); });
}

}  // namespace

extern "C" void reset() {
  for (uint32_t* word = &bss_begin; word < &bss_end; ++word) *word = 0;
  const uint32_t* image = &data_image;
  for (uint32_t* word = &data_begin; word < &data_end; ++word) *word = *image++;
  timer(0) = 0;
  timer(8) = UINT32_MAX;
  timer(4) = UINT32_MAX;
  timer(0) = 1;
  run();
  leave(0x20026);  // ADP_Stopped_ApplicationExit
}

extern "C" void fault() {
  leave(0x20023);  // ADP_Stopped_RunTimeError
}
