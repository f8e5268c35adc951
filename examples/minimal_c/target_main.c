/* SPDX-License-Identifier: Apache-2.0 */
/* The example on a bare Cortex-M in QEMU: start-up, semihosting for one line of output, and a painted stack from which
 * is read how deep each public call goes. */
#include <string.h>

#include "examples/minimal_c/minimal.h"

extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[], stack_low[], stack_top[];
void reset(void);

static uint32_t semihosting(uint32_t operation, const void* block) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void print(const char* text) {
  semihosting(0x04, text); /* SYS_WRITE0 */
}

static void end(uint32_t code) {
  const uint32_t block[] = {0x20026, code}; /* ADP_Stopped_ApplicationExit */
  for (;;) semihosting(0x20, block);        /* SYS_EXIT_EXTENDED */
}

static void print_figure(const char* name, uint32_t value) {
  char digits[12] = {0};
  char* at = digits + sizeof digits - 1;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  print("stack ");
  print(name);
  print(" ");
  print(at);
  print("\n");
}

static uint32_t* stack_pointer(void) {
  uint32_t* pointer;
  __asm__ volatile("mov %0, sp" : "=r"(pointer));
  return pointer;
}

static const uint32_t paint_colour = 0xa5a5a5a5;

/* Paints what is free below this function's frame. */
static __attribute__((noinline)) void paint(void) {
  uint32_t* top = stack_pointer() - 8;
  for (uint32_t* at = stack_low; at < top; ++at) *at = paint_colour;
}

/* Bytes below `from` that are not painted any more. */
static uint32_t depth(const uint32_t* from) {
  const uint32_t* at = stack_low;
  while (at < from && *at == paint_colour) ++at;
  return (uint32_t)((from - at) * 4);
}

static void measure(void) {
  static minimal_device_t device;
  static tailor_update_handler_t handler;
  tailor_envelope_t* envelope = NULL;
  tailor_progress_t progress = TAILOR_PROGRESS_NEED_INPUT;
  size_t consumed = 0;
  const uint32_t* here = stack_pointer();
  minimal_handler_init(&handler, &device);
  paint();
  tailor_error_t error = tailor_envelope_open(&minimal_anchors, &handler, 0, &envelope);
  print_figure("tailor_envelope_open", depth(here));
  paint();
  for (size_t fed = 0; error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE && fed < minimal_envelope_size;) {
    error = tailor_envelope_feed(envelope, minimal_envelope + fed, minimal_envelope_size - fed, &consumed, &progress);
    fed += consumed;
  }
  print_figure("tailor_envelope_feed", depth(here));
  paint();
  if (error == TAILOR_OK) error = tailor_envelope_finish(envelope);
  print_figure("tailor_envelope_finish", depth(here));
  paint();
  tailor_envelope_close(envelope);
  print_figure("tailor_envelope_close", depth(here));
  if (error != TAILOR_OK) end(1);
}

static int check(void) {
  static minimal_device_t device;
  static uint8_t changed[512];
  measure();
  if (minimal_update(&device, minimal_envelope, minimal_envelope_size) != TAILOR_OK) return 1;
  if (minimal_envelope_size > sizeof changed) return 1;
  memcpy(changed, minimal_envelope, minimal_envelope_size);
  changed[minimal_envelope_size - 1] ^= 1;
  if (minimal_update(&device, changed, minimal_envelope_size) == TAILOR_OK) return 1;
  print("minimal: installed one update, refused a changed one\n");
  return 0;
}

void reset(void) {
  const uint32_t* from = data_image;
  for (uint32_t* to = data_begin; to < data_end; ++to, ++from) *to = *from;
  for (uint32_t* to = bss_begin; to < bss_end; ++to) *to = 0;
  end((uint32_t)check());
}

static void fault(void) {
  print("fault\n");
  end(2);
}

struct vectors {
  uint32_t* stack;
  void (*handlers[15])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top, {reset, fault, fault, fault, fault, fault}};
