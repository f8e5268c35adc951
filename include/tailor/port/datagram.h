/* SPDX-License-Identifier: Apache-2.0 */
/* Port: datagrams, unreliable and unordered (UDP, or whatever carries CoAP). The port knows neither CoAP nor DTLS.
 *
 * Call sequence:
 *   1. resolve() a server's name to an endpoint; again after a time when the server does not answer.
 *   2. send() and receive() at any time; neither blocks.
 *   3. wait() puts the caller to sleep until a datagram may be there or the deadline has come; the only call that
 * blocks.
 *   4. rebind() gives up the local port and takes a new one, as after a change of network. Datagrams on their way to
 * the old port are lost.
 *
 * What the caller does on a failure:
 *   send     WAIT      no room now: counts as sent and lost; retransmission is the upper layer's.
 *   send     FAILED    the same; after repeated failures the agent goes on to its next server (kNetworkFailed).
 *   send     CONTRACT  longer than the port carries: kDatagramTooLarge.
 *   receive  WAIT      nothing there: go on with timers, then wait().
 *   receive  CONTRACT  the datagram was longer than the buffer and is dropped: as if it had been lost.
 *   receive  FAILED    as lost; rebind() after repeated failures.
 *   resolve  WAIT      not known yet, ask again later.   resolve FAILED: no such name: next server.
 */
#ifndef TAILOR_PORT_DATAGRAM_H
#define TAILOR_PORT_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An IPv6 address (IPv4 as ::ffff:a.b.c.d, RFC 4291 2.5.5.2) and a port number. */
typedef struct tailor_endpoint {
  uint8_t address[16]; /* network order */
  uint16_t port;       /* host order */
} tailor_endpoint_t;

typedef struct tailor_datagram {
  void* context;
  /* Sends one datagram. */
  tailor_port_status_t (*send)(void* context, const tailor_endpoint_t* to, const uint8_t* bytes, size_t length);
  /* Takes the oldest waiting datagram: at most `capacity` bytes to `bytes`, its length to `length`, its sender to
   * `from`. */
  tailor_port_status_t (*receive)(void* context, uint8_t* bytes, size_t capacity, size_t* length,
                                  tailor_endpoint_t* from);
  /* Sleeps until a datagram may be there (OK) or the monotonic clock has reached `deadline_ms` (WAIT).
   * UINT64_MAX: no deadline. May return early. */
  tailor_port_status_t (*wait)(void* context, uint64_t deadline_ms);
  /* Finds the endpoint of a host: a literal address, or a name (`length` bytes, no NUL). */
  tailor_port_status_t (*resolve)(void* context, const char* host, size_t length, uint16_t port,
                                  tailor_endpoint_t* found);
  /* Changes to a fresh local port. */
  tailor_port_status_t (*rebind)(void* context);
} tailor_datagram_t;

#ifdef __cplusplus
}
#endif

#endif
