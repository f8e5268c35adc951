/* SPDX-License-Identifier: Apache-2.0 */
/* What an integrator provides to be updated: who the device is, and functions to which the processed manifest is handed
 * component by component. Nothing is written before the manifest is authentic and applies to the device.
 *
 * Calls for one update, in this order:
 *
 *   1. find_component, for each component of the manifest, and again when the update starts;
 *   2. manifest, once: the last chance to say no before anything is written;
 *   3. for each component that is written: may_write, open, then write at ascending offsets without gaps, then finish;
 *   4. size, read and slot whenever a condition of the manifest asks: not between open and finish;
 *   5. fetch while a payload from outside the envelope is wanted;
 *   6. invoke, if the manifest's author put it into the update;
 *   7. staged, once, when everything has been done and checked.
 *
 * The functions below "optional" may all be null: a manifest that needs one of them is refused then, with the error
 * that stands beside it. A handler that is all zeros but for the others therefore promises nothing.
 *
 * Each function answers TAILOR_OK or the error that ends the update (tailor/error.h); tailor_envelope_feed hands that
 * error out. A component that was opened and not finished holds nothing valid.
 */
#ifndef TAILOR_UPDATE_HANDLER_H
#define TAILOR_UPDATE_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tailor/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAILOR_UUID_BYTES 16
#define TAILOR_KEY_BYTES 64
#define TAILOR_DIGEST_BYTES 32 /* SHA-256 */
#define TAILOR_SIZE_UNKNOWN UINT32_MAX

/* Kinds of keys under which manifests are verified. */
#define TAILOR_KEY_P256 1u    /* X and Y, big-endian: 64 bytes */
#define TAILOR_KEY_ED25519 2u /* 32 bytes */
#define TAILOR_KEY_HSS_LMS 3u /* the HSS public key of RFC 8554 6.1: 60 bytes, or 52 with 24-byte hashes */
#define TAILOR_KEY_HMAC256 4u /* a secret of 16 to 64 bytes */
#define TAILOR_KEY_AES_KW 5u  /* a secret of 16, 24 or 32 bytes, which wraps the MAC key of a COSE_Mac */

/* A verification key. Bytes beyond its size are zero. */
typedef struct tailor_key {
  uint8_t kind; /* TAILOR_KEY_... */
  uint8_t size;
  uint8_t bytes[TAILOR_KEY_BYTES];
} tailor_key_t;

/* A component identifier as it stands in the manifest: a CBOR array of byte strings in deterministic encoding, so that
 * equal identifiers are equal bytes. Valid during the call. */
typedef struct tailor_component_id {
  const uint8_t* bytes;
  size_t size;
} tailor_component_id_t;

/* What the manifest says about content before it is written. */
typedef struct tailor_content {
  const uint8_t* digest; /* TAILOR_DIGEST_BYTES, or null when it does not say */
  uint32_t size_bytes;   /* or TAILOR_SIZE_UNKNOWN */
} tailor_content_t;

/* An authentic manifest. Valid during the call. */
typedef struct tailor_manifest {
  uint64_t sequence_number;
  const uint8_t* digest; /* TAILOR_DIGEST_BYTES: names the manifest in reports */
  size_t component_count;
  size_t signer_count; /* signatures that held */
} tailor_manifest_t;

/* What a user, an application or the surroundings say. */
typedef enum tailor_answer {
  TAILOR_ANSWER_NO = 0,   /* never: the update ends */
  TAILOR_ANSWER_YES = 1,  /* now */
  TAILOR_ANSWER_LATER = 2 /* not yet: tailor_envelope_feed answers TAILOR_PROGRESS_WAIT, and asks again when called */
} tailor_answer_t;

/* Events of directive wait (update-management 5.5) that are asked of the handler; times are judged by Tailor. */
#define TAILOR_EVENT_AUTHORIZATION 1u /* value: priority, smaller is more urgent */
#define TAILOR_EVENT_POWER 2u         /* value: power state */
#define TAILOR_EVENT_NETWORK 3u       /* value: network state */
#define TAILOR_EVENT_OTHER_DEVICE 4u  /* other_device and versions */

typedef struct tailor_wait_event {
  unsigned event; /* TAILOR_EVENT_... */
  int64_t value;
  const uint8_t* other_device; /* identifier, as the deployment defines it */
  size_t other_device_size;
  const uint8_t* versions; /* CBOR: array of [comparison, version] that all have to match */
  size_t versions_size;
} tailor_wait_event_t;

/* What an update has put in place. Valid during the call. */
typedef struct tailor_staged {
  uint64_t sequence_number;
  const uint8_t* digest; /* TAILOR_DIGEST_BYTES: names the manifest */
  const tailor_component_id_t* components;
  size_t component_count;
} tailor_staged_t;

typedef struct tailor_update_handler {
  void* context; /* handed to every function */
  uint8_t vendor_id[TAILOR_UUID_BYTES];
  uint8_t class_id[TAILOR_UUID_BYTES];
  uint8_t device_id[TAILOR_UUID_BYTES];

  /* Tells the sequence number of the newest manifest that was confirmed for the component, 0 for none.
   * TAILOR_ERROR_COMPONENT_UNKNOWN when the device has no such component. */
  tailor_error_t (*find_component)(void* context, const tailor_component_id_t* id, uint64_t* sequence_number);
  /* May be null: every manifest is welcome. */
  tailor_error_t (*manifest)(void* context, const tailor_manifest_t* manifest);
  /* Whether what this key signed may write the component: TAILOR_ERROR_SIGNER_NOT_PERMITTED if not. May be null only
   * for a device with one signer, whose anchor then may write everything. */
  tailor_error_t (*may_write)(void* context, const tailor_key_t* key, const tailor_component_id_t* id);

  /* Prepares for new content; the old content may be gone afterwards. `resume_offset` is 0 on entry; an implementation
   * that kept the beginning of just this content (same digest) through an interruption sets it to how much. */
  tailor_error_t (*open)(void* context, const tailor_component_id_t* id, const tailor_content_t* content,
                         uint32_t* resume_offset);
  tailor_error_t (*write)(void* context, const tailor_component_id_t* id, uint32_t offset, const uint8_t* bytes,
                          size_t size);
  /* The content is complete; all of it reaches the medium. */
  tailor_error_t (*finish)(void* context, const tailor_component_id_t* id, uint32_t size_bytes);
  /* Bytes of the present content. */
  tailor_error_t (*size)(void* context, const tailor_component_id_t* id, uint32_t* size_bytes);
  /* Fills `bytes`; sets `size` to how many there were, fewer than asked only at the end of the content. */
  tailor_error_t (*read)(void* context, const tailor_component_id_t* id, uint32_t offset, uint8_t* bytes, size_t* size);
  /* The slot that open would write to. May be null: 0. */
  tailor_error_t (*slot)(void* context, const tailor_component_id_t* id, uint64_t* slot);

  /* Gives the next bytes of a payload from outside the envelope. `uri` is as in the manifest, not NUL-terminated.
   * `bytes` stay valid until the next call. No bytes and not `end`: nothing yet. May be null: there are none. */
  tailor_error_t (*fetch)(void* context, const char* uri, size_t uri_size, uint32_t offset, const uint8_t** bytes,
                          size_t* size, bool* end);
  /* Starts the component, or arranges that it starts. May be null: TAILOR_ERROR_INVOKE_FAILED. */
  tailor_error_t (*invoke)(void* context, const tailor_component_id_t* id, const uint8_t* arguments, size_t size);

  /* --- optional: more that a manifest may do with components --- */

  /* Exchanges the contents of two components; when power fails, doing it again has the same end.
   * Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*swap)(void* context, const tailor_component_id_t* id, const tailor_component_id_t* source);
  /* Removes the content (directive unlink); succeeds when there is none. Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*remove)(void* context, const tailor_component_id_t* id);
  /* Takes parameter component-metadata, a CBOR map, before the content is opened.
   * Null: TAILOR_ERROR_PARAMETER_UNSUPPORTED. */
  tailor_error_t (*metadata)(void* context, const tailor_component_id_t* id, const uint8_t* metadata, size_t size);
  /* Takes parameter fetch-arguments before a payload's first fetch. Null: TAILOR_ERROR_PARAMETER_UNSUPPORTED. */
  tailor_error_t (*fetch_arguments)(void* context, const char* uri, size_t uri_size, const uint8_t* arguments,
                                    size_t size);

  /* --- optional: references (trust-domains 5.7.5). A handler that counts them keeps, over restarts, which manifests
   * refer to which component, and provides all three functions --- */

  /* Counts the manifests that refer to the component, but for `manifest` (TAILOR_DIGEST_BYTES), which asks. A component
   * with references of others is not written. Null: 0. */
  tailor_error_t (*references)(void* context, const tailor_component_id_t* id, const uint8_t* manifest,
                               uint32_t* count);
  /* Takes away the reference of one manifest; doing it again has no effect. Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*unlink)(void* context, const tailor_component_id_t* id, const uint8_t* manifest);
  /* Hears what was put in place, and adds the references, durably; hearing it twice has no further effect.
   * Null: nothing is kept. */
  tailor_error_t (*staged)(void* context, const tailor_staged_t* update);

  /* --- optional: update management --- */

  /* Tells UTC in seconds since 1970; `*exact` is false on entry, and stays so where the time may be later but not
   * earlier. Null, or an error: unknown: use-before does not hold (TAILOR_ERROR_TIME_UNKNOWN). */
  tailor_error_t (*time)(void* context, uint64_t* seconds, bool* exact);
  /* What local time is ahead of UTC, in seconds. Null: TAILOR_ERROR_PARAMETER_UNSUPPORTED. */
  tailor_error_t (*local_time_offset)(void* context, int32_t* seconds);
  /* Energy left, in mWh. Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*battery)(void* context, uint64_t* milliwatt_hours);
  /* Whether the user or the application allows the update; `priority`: smaller is more urgent, 0 when the manifest does
   * not say. Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*authorize)(void* context, int64_t priority, tailor_answer_t* answer);
  /* Whether an event has happened. Null: TAILOR_ERROR_PARAMETER_UNSUPPORTED. */
  tailor_error_t (*event)(void* context, const tailor_wait_event_t* event, tailor_answer_t* answer);
  /* The installed version as numbers (update-management 5.4), which stay valid until the next call.
   * Null: TAILOR_ERROR_COMMAND_UNSUPPORTED. */
  tailor_error_t (*version)(void* context, const tailor_component_id_t* id, const int64_t** numbers, size_t* count);
} tailor_update_handler_t;

#ifdef __cplusplus
}
#endif

#endif
