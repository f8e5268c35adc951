/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up of a bare Cortex-M in QEMU, with semihosting for its few lines of output. */
#include "examples/minimal_c/target.h"

extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[], stack_top[];
void reset(void);

static uint32_t semihosting(uint32_t operation, const void* block) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void target_print(const char* text) {
  semihosting(0x04, text); /* SYS_WRITE0 */
}

static void end(uint32_t code) {
  const uint32_t block[] = {0x20026, code}; /* ADP_Stopped_ApplicationExit */
  for (;;) semihosting(0x20, block);        /* SYS_EXIT_EXTENDED */
}

void reset(void) {
  const uint32_t* from = data_image;
  for (uint32_t* to = data_begin; to < data_end; ++to, ++from) *to = *from;
  for (uint32_t* to = bss_begin; to < bss_end; ++to) *to = 0;
  end((uint32_t)target_main());
}

static void fault(void) {
  target_print("fault\n");
  end(2);
}

struct vectors {
  uint32_t* stack;
  void (*handlers[15])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top, {reset, fault, fault, fault, fault, fault}};
