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
 *   6. invoke, if the manifest's author put it into the update.
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
} tailor_update_handler_t;

#ifdef __cplusplus
}
#endif

#endif
