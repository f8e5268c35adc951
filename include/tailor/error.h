/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong, as C sees it. Generated from core/base/errors.def by tools/generate_errors.py: do not edit.
 * Numbers are stable: devices store and report them. docs/errors.md has the table. */
#ifndef TAILOR_ERROR_H
#define TAILOR_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
typedef enum tailor_error {
  TAILOR_OK = 0,
  TAILOR_ERROR_TRUNCATED = 1, /* input ends inside an item */
  TAILOR_ERROR_TRAILING_BYTES = 2, /* bytes are left after the last item */
  TAILOR_ERROR_CBOR_MALFORMED = 3, /* not well-formed CBOR (RFC 8949 section 3) */
  TAILOR_ERROR_CBOR_NOT_CANONICAL = 4, /* CBOR is not in deterministic encoding (RFC 8949 4.2.1) */
  TAILOR_ERROR_CBOR_WRONG_TYPE = 5, /* CBOR item has another type than the format demands */
  TAILOR_ERROR_CBOR_TOO_DEEP = 6, /* CBOR nests deeper than the limit */
  TAILOR_ERROR_DUPLICATE_KEY = 7, /* a map holds the same key twice */
  TAILOR_ERROR_UNKNOWN_KEY = 8, /* a map holds a key that the format does not define */
  TAILOR_ERROR_MISSING_KEY = 9, /* a map lacks a key that the format demands */
  TAILOR_ERROR_VALUE_OUT_OF_RANGE = 10, /* a value is outside the range that the format allows */
  TAILOR_ERROR_UNSUPPORTED_VERSION = 11, /* format version is not supported */
  TAILOR_ERROR_COAP_MALFORMED = 12, /* not a well-formed CoAP message (RFC 7252 section 3) */
  TAILOR_ERROR_CRITICAL_OPTION_UNKNOWN = 13, /* CoAP message holds an unknown critical option (RFC 7252 5.4.1) */
  TAILOR_ERROR_DER_MALFORMED = 14, /* not well-formed DER or not the expected ASN.1 structure */
  TAILOR_ERROR_JSON_MALFORMED = 15, /* not well-formed JSON or not the expected document */
  TAILOR_ERROR_RECORD_MALFORMED = 16, /* a stored record is damaged or of an unknown version */
  TAILOR_ERROR_UNSUPPORTED_CONTENT_FORMAT = 17, /* content format is not supported here */
  TAILOR_ERROR_CONFIG_MALFORMED = 18, /* configuration file is not valid */
  TAILOR_ERROR_ENVELOPE_UNTAGGED = 30, /* SUIT envelope lacks tag 107 */
  TAILOR_ERROR_AUTHENTICATION_MISSING = 31, /* SUIT envelope carries no authentication block */
  TAILOR_ERROR_ALGORITHM_UNSUPPORTED = 32, /* cryptographic algorithm is not supported */
  TAILOR_ERROR_COSE_UNSUPPORTED = 33, /* COSE structure is not supported */
  TAILOR_ERROR_SIGNATURE_INVALID = 34, /* signature does not verify under any trusted key */
  TAILOR_ERROR_SIGNER_UNKNOWN = 35, /* no trust anchor for the key that signed */
  TAILOR_ERROR_SIGNER_NOT_PERMITTED = 36, /* signer has no right to write this component */
  TAILOR_ERROR_MANIFEST_DIGEST_MISMATCH = 37, /* manifest does not match the digest in its authentication wrapper */
  TAILOR_ERROR_SEVERED_DIGEST_MISMATCH = 38, /* severed envelope member does not match its digest in the manifest */
  TAILOR_ERROR_MANIFEST_VERSION_UNSUPPORTED = 39, /* SUIT manifest version is not 1 */
  TAILOR_ERROR_SEQUENCE_NUMBER_TOO_LOW = 40, /* manifest sequence number is lower than the installed one */
  TAILOR_ERROR_COMMAND_UNSUPPORTED = 41, /* SUIT command is not supported */
  TAILOR_ERROR_COMMAND_NOT_ALLOWED = 42, /* SUIT command is not allowed in this command sequence */
  TAILOR_ERROR_PARAMETER_UNSUPPORTED = 43, /* SUIT parameter is not supported */
  TAILOR_ERROR_PARAMETER_MISSING = 44, /* SUIT command needs a parameter that is not set */
  TAILOR_ERROR_COMPONENT_UNKNOWN = 45, /* component identifier does not exist on this device */
  TAILOR_ERROR_COMPONENT_INDEX_INVALID = 46, /* component index is beyond the manifest's components */
  TAILOR_ERROR_TOO_MANY_COMPONENTS = 47, /* manifest names more components than the device supports */
  TAILOR_ERROR_VENDOR_MISMATCH = 48, /* manifest is for another vendor */
  TAILOR_ERROR_CLASS_MISMATCH = 49, /* manifest is for another device class */
  TAILOR_ERROR_DEVICE_MISMATCH = 50, /* manifest is for another device */
  TAILOR_ERROR_IMAGE_DIGEST_MISMATCH = 51, /* image does not match its digest */
  TAILOR_ERROR_IMAGE_SIZE_MISMATCH = 52, /* image is longer or shorter than the manifest says */
  TAILOR_ERROR_SLOT_MISMATCH = 53, /* component slot is not the one asked for */
  TAILOR_ERROR_CONDITION_FAILED = 54, /* a condition of the manifest does not hold */
  TAILOR_ERROR_TRY_EACH_EXHAUSTED = 55, /* every branch of a try-each failed */
  TAILOR_ERROR_MANIFEST_ABORTED = 56, /* manifest aborts on this device */
  TAILOR_ERROR_PAYLOAD_UNAVAILABLE = 57, /* payload cannot be had from the place the manifest names */
  TAILOR_ERROR_SEQUENCE_MISSING = 58, /* manifest lacks the command sequence that this step needs */
  TAILOR_ERROR_INVOKE_FAILED = 59, /* component could not be invoked */
  TAILOR_ERROR_MEMBER_MISSING = 60, /* severed envelope member is not present */
  TAILOR_ERROR_MANIFEST_TOO_LARGE = 61, /* manifest is larger than the device's buffer */
  TAILOR_ERROR_DEPENDENCY_NOT_LISTED = 62, /* component is no dependency of this manifest */
  TAILOR_ERROR_DEPENDENCY_NOT_CHECKED = 63, /* dependency is processed without an integrity check before it */
  TAILOR_ERROR_DEPENDENCY_NOT_PROCESSED = 64, /* section ended without the same section of a dependency */
  TAILOR_ERROR_TOO_MANY_DEPENDENCIES = 65, /* manifest has more dependencies, or deeper ones, than the device supports */
  TAILOR_ERROR_COMPONENT_IN_USE = 66, /* component is in use by another manifest */
  TAILOR_ERROR_UPDATE_NOT_AUTHORIZED = 67, /* user or application declined the update */
  TAILOR_ERROR_BATTERY_TOO_LOW = 68, /* battery holds less than the manifest asks for */
  TAILOR_ERROR_COMPONENT_VERSION_MISMATCH = 69, /* component's version is not one that the manifest accepts */
  TAILOR_ERROR_FLASH_WRITE_FAILED = 70, /* flash write failed */
  TAILOR_ERROR_FLASH_ERASE_FAILED = 71, /* flash erase failed */
  TAILOR_ERROR_FLASH_READ_FAILED = 72, /* flash read failed */
  TAILOR_ERROR_FLASH_CONTRACT = 73, /* flash access breaks alignment, bounds or erase-before-write */
  TAILOR_ERROR_IMAGE_TOO_LARGE = 74, /* image is larger than the slot */
  TAILOR_ERROR_NO_VALID_IMAGE = 75, /* no slot holds an image that may boot */
  TAILOR_ERROR_TRIAL_NOT_CONFIRMED = 76, /* new image did not confirm itself in time and was reverted */
  TAILOR_ERROR_TRIAL_CRASHED = 77, /* new image ended during its trial and was reverted */
  TAILOR_ERROR_STORAGE_FULL = 78, /* no room left in storage */
  TAILOR_ERROR_NOT_ENROLLED = 79, /* device has no valid certificate */
  TAILOR_ERROR_STATE_CONFLICT = 80, /* operation is not allowed in the present state */
  TAILOR_ERROR_TRUST_STORE_TOO_OLD = 81, /* trust store version is lower than the one in force */
  TAILOR_ERROR_TIME_UNKNOWN = 82, /* decision needs a clock and time is not known */
  TAILOR_ERROR_UPDATE_IN_PROGRESS = 83, /* another update is in progress */
  TAILOR_ERROR_ENTROPY_FAILED = 84, /* random generator failed */
  TAILOR_ERROR_ALLOCATION_FAILED = 85, /* memory is used up */
  TAILOR_ERROR_BUFFER_TOO_SMALL = 86, /* caller's buffer is too small */
  TAILOR_ERROR_CRYPTO_FAILED = 87, /* cryptographic operation failed inside the library */
  TAILOR_ERROR_TRUST_STORE_LOCKS_OUT = 88, /* trust store would no longer let the running image start */
  TAILOR_ERROR_DECRYPTION_KEY_MISSING = 89, /* payload is encrypted for none of the device's keys */
  TAILOR_ERROR_DECRYPTION_FAILED = 90, /* payload or its key does not decrypt: wrong key, or changed on the way */
  TAILOR_ERROR_CERTIFICATE_INVALID = 100, /* certificate does not verify */
  TAILOR_ERROR_CERTIFICATE_EXPIRED = 101, /* certificate is outside its validity period */
  TAILOR_ERROR_CERTIFICATE_REVOKED = 102, /* certificate is revoked */
  TAILOR_ERROR_ROLE_NOT_PERMITTED = 103, /* this role may not do that */
  TAILOR_ERROR_SERVER_NOT_LISTED = 104, /* update server is not on the whitelist */
  TAILOR_ERROR_OPERATOR_NOT_LISTED = 105, /* operator is not on the whitelist */
  TAILOR_ERROR_ENROLMENT_CODE_INVALID = 106, /* enrolment code is unknown, used or expired */
  TAILOR_ERROR_PSK_UNKNOWN = 107, /* pre-shared key identity is unknown */
  TAILOR_ERROR_PSK_SPENT = 108, /* pre-shared key generation has been used already */
  TAILOR_ERROR_CSR_INVALID = 109, /* certificate request is malformed or its signature fails */
  TAILOR_ERROR_NOT_AUTHENTICATED = 110, /* peer is not authenticated */
  TAILOR_ERROR_TENANT_MISMATCH = 111, /* object belongs to another tenant */
  TAILOR_ERROR_CERTIFICATE_PROFILE = 112, /* certificate does not follow the certificate profile */
  TAILOR_ERROR_KEY_EXHAUSTED = 113, /* signing key has no signature left */
  TAILOR_ERROR_TIMEOUT = 130, /* peer did not answer in time */
  TAILOR_ERROR_RESET_BY_PEER = 131, /* peer answered with reset */
  TAILOR_ERROR_DATAGRAM_TOO_LARGE = 132, /* datagram is larger than the buffer */
  TAILOR_ERROR_BLOCK_SEQUENCE = 133, /* block-wise transfer is incomplete or out of order (RFC 7959) */
  TAILOR_ERROR_BODY_TOO_LARGE = 134, /* request or response body is larger than the limit */
  TAILOR_ERROR_RESOURCE_CHANGED = 135, /* ETag changed during a block-wise transfer */
  TAILOR_ERROR_HANDSHAKE_FAILED = 136, /* DTLS or TLS handshake failed */
  TAILOR_ERROR_SESSION_CLOSED = 137, /* secure session is closed */
  TAILOR_ERROR_PEER_REFUSED = 138, /* peer answered with an error */
  TAILOR_ERROR_NETWORK_FAILED = 139, /* network operation failed */
  TAILOR_ERROR_OVERLOADED = 140, /* too many requests at once; try again later */
  TAILOR_ERROR_NOT_FOUND = 150, /* no such object */
  TAILOR_ERROR_ALREADY_EXISTS = 151, /* object exists already */
  TAILOR_ERROR_METHOD_NOT_ALLOWED = 152, /* method is not allowed on this resource */
  TAILOR_ERROR_STORE_FAILED = 153, /* database operation failed */
  TAILOR_ERROR_DISK_FULL = 154, /* server's disk is full */
  TAILOR_ERROR_DEPLOYMENT_ENDED = 155, /* deployment is cancelled, expired or complete */
  TAILOR_ERROR_PRECONDITION_FAILED = 156, /* precondition of the request does not hold */
  TAILOR_ERROR_FILE_FAILED = 157, /* file cannot be read or written */
  TAILOR_ERROR_USAGE_INVALID = 158, /* command line or query is not valid */
  TAILOR_ERROR_NOT_ACCEPTABLE = 159, /* no representation in an accepted content format */
  TAILOR_ERROR_DEVICE_RETIRED = 160, /* device is retired */
  TAILOR_ERROR_IMAGE_MISSING = 161, /* an image that the manifest names was not uploaded */
  TAILOR_ERROR_INTERNAL = 250 /* internal inconsistency */
} tailor_error_t;
/* clang-format on */

/* The name as in errors.def, e.g. "SignatureInvalid"; "Ok" for TAILOR_OK. Never null, never freed. */
const char* tailor_error_name(tailor_error_t error);
/* One line of English; empty for TAILOR_OK. */
const char* tailor_error_meaning(tailor_error_t error);

#ifdef __cplusplus
}
#endif

#endif
