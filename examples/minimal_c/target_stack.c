/* SPDX-License-Identifier: Apache-2.0 */
/* How deep each public call of Tailor goes, on a bare Cortex-M in QEMU: the stack is painted before the call and read
 * after it. One line "stack NAME BYTES" for each; what the drivers and the handler of this program take is in it. */
#include <string.h>

#include "examples/minimal_c/minimal.h"
#include "examples/minimal_c/target.h"
#include "tailor/alloc.h"
#include "tailor/port_test.h"

extern uint32_t stack_low[];

static const uint32_t paint_colour = 0xa5a5a5a5;

static uint32_t* stack_pointer(void) {
  uint32_t* pointer;
  __asm__ volatile("mov %0, sp" : "=r"(pointer));
  return pointer;
}

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

static void print_figure(const char* name, uint32_t value) {
  char digits[12] = {0};
  char* at = digits + sizeof digits - 1;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  target_print("stack ");
  target_print(name);
  target_print(" ");
  target_print(at);
  target_print("\n");
}

/* Runs `call` over painted stack; `here` is the frame above it. */
#define MEASURE(here, name, call)    \
  do {                               \
    paint();                         \
    call;                            \
    print_figure(name, depth(here)); \
  } while (0)

/* An update from memory. Returns TAILOR_OK when it was taken. */
static tailor_error_t measure_envelope(void) {
  static minimal_device_t device;
  static tailor_update_handler_t handler;
  tailor_envelope_t* envelope = NULL;
  tailor_progress_t progress = TAILOR_PROGRESS_NEED_INPUT;
  size_t consumed = 0;
  tailor_error_t error = TAILOR_OK;
  const uint32_t* here = stack_pointer();
  minimal_handler_init(&handler, &device);
  MEASURE(here, "tailor_envelope_open", error = tailor_envelope_open(&minimal_anchors, &handler, 0, &envelope));
  if (error != TAILOR_OK) return error;
  paint();
  for (size_t fed = 0; error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE && fed < minimal_envelope_size;) {
    error = tailor_envelope_feed(envelope, minimal_envelope + fed, minimal_envelope_size - fed, &consumed, &progress);
    fed += consumed;
  }
  print_figure("tailor_envelope_feed", depth(here));
  if (error == TAILOR_OK) MEASURE(here, "tailor_envelope_finish", error = tailor_envelope_finish(envelope));
  MEASURE(here, "tailor_envelope_close", tailor_envelope_close(envelope));
  return error;
}

/* The allocator that an application gets that defines none, and the texts of errors. */
static int measure_small_calls(void) {
  void* block = NULL;
  const char* text = NULL;
  const uint32_t* here = stack_pointer();
  MEASURE(here, "tailor_pool_alloc", block = tailor_pool_alloc(TAILOR_ENVELOPE_STATE_BYTES));
  if (block == NULL) return 1;
  MEASURE(here, "tailor_pool_free", tailor_pool_free(block));
  MEASURE(here, "tailor_error_name", text = tailor_error_name(TAILOR_ERROR_INTERNAL));
  if (text == NULL) return 1;
  MEASURE(here, "tailor_error_meaning", text = tailor_error_meaning(TAILOR_ERROR_INTERNAL));
  return text == NULL;
}

/* A flash in RAM that keeps the rules of tailor/port/flash.h, and a clock that moves at each look. */
enum { FLASH_BYTES = 1024, SECTOR_BYTES = 256, GRANULE_BYTES = 4, ERASED = 0xff };
static uint8_t cells[FLASH_BYTES];

static tailor_port_status_t read_cells(void* context, uint32_t offset, uint8_t* bytes, uint32_t length) {
  (void)context;
  if (offset > FLASH_BYTES || length > FLASH_BYTES - offset) return TAILOR_PORT_CONTRACT;
  memcpy(bytes, cells + offset, length);
  return TAILOR_PORT_OK;
}

static tailor_port_status_t write_cells(void* context, uint32_t offset, const uint8_t* bytes, uint32_t length) {
  (void)context;
  if (offset > FLASH_BYTES || length > FLASH_BYTES - offset || (offset | length) % GRANULE_BYTES != 0) {
    return TAILOR_PORT_CONTRACT;
  }
  for (uint32_t i = 0; i < length; ++i) {
    if (cells[offset + i] != ERASED) return TAILOR_PORT_CONTRACT;
  }
  memcpy(cells + offset, bytes, length);
  return TAILOR_PORT_OK;
}

static tailor_port_status_t erase_cells(void* context, uint32_t offset) {
  (void)context;
  if (offset >= FLASH_BYTES || offset % SECTOR_BYTES != 0) return TAILOR_PORT_CONTRACT;
  memset(cells + offset, ERASED, SECTOR_BYTES);
  return TAILOR_PORT_OK;
}

static uint64_t next_ms(void* context) {
  static uint64_t now;
  (void)context;
  return ++now;
}

static tailor_port_status_t no_calendar(void* context, uint64_t* seconds) {
  (void)context;
  (void)seconds;
  return TAILOR_PORT_WAIT;
}

static int measure_port_test(void) {
  static const tailor_flash_t flash = {
      NULL, {FLASH_BYTES, SECTOR_BYTES, GRANULE_BYTES, ERASED}, read_cells, write_cells, erase_cells};
  static const tailor_time_t time = {NULL, next_ms, no_calendar};
  const char* broken = NULL;
  const uint32_t* here = stack_pointer();
  memset(cells, ERASED, sizeof cells);
  MEASURE(here, "tailor_port_test_flash", broken = tailor_port_test_flash(&flash, 0));
  if (broken != NULL) return 1;
  MEASURE(here, "tailor_port_test_time", broken = tailor_port_test_time(&time, 20, 100));
  return broken != NULL;
}

int target_main(void) {
  if (measure_envelope() != TAILOR_OK) return 1;
  if (measure_small_calls() != 0) return 1;
  return measure_port_test();
}
