/* SPDX-License-Identifier: Apache-2.0 */
/* An update handler in C11, as an integrator might begin: two components in RAM. Used by the tests. */
#ifndef TAILOR_RAM_HANDLER_H
#define TAILOR_RAM_HANDLER_H

#include "tailor/envelope.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RAM_COMPONENTS 2
#define RAM_COMPONENT_BYTES 65536

typedef struct ram_device {
  uint8_t content[RAM_COMPONENTS][RAM_COMPONENT_BYTES];
  uint32_t size[RAM_COMPONENTS];
  uint64_t installed_sequence_number;
  uint64_t seen_sequence_number;
  int opened;
  int finished;
  int invoked;
  bool refuse_manifest;
  const tailor_key_t* permitted_key; /* null: every signer may write */
  const uint8_t* remote;             /* what "/img/remote" leads to */
  size_t remote_size;
  bool remote_pauses;

  /* what the optional functions say */
  uint64_t seconds;
  uint64_t milliwatt_hours;
  tailor_answer_t answer;
  unsigned seen_event;
  int64_t seen_value;
  int64_t version[3];
  int references[RAM_COMPONENTS]; /* of other manifests */
  int unlinked;
  size_t staged_components;
  size_t metadata_size;
  size_t fetch_argument_size;
} ram_device_t;

/* Fills in the functions; the ids stay as they are. */
void ram_handler_init(tailor_update_handler_t* handler, ram_device_t* device);
/* Fills in the optional functions too. */
void ram_handler_add_optional(tailor_update_handler_t* handler);

#ifdef __cplusplus
}
#endif

#endif
