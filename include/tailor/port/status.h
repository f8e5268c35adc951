/* SPDX-License-Identifier: Apache-2.0 */
/* What every port function answers. The core turns a failure into the error that names the operation (errors.def,
 * class Port); a port needs to know nothing of the core. */
#ifndef TAILOR_PORT_STATUS_H
#define TAILOR_PORT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tailor_port_status {
  TAILOR_PORT_OK = 0,   /* done, completely */
  TAILOR_PORT_WAIT = 1, /* not now, no fault: no datagram there, no room to send, time not known; call again later */
  TAILOR_PORT_CONTRACT = 2, /* the caller broke the contract of the header; nothing was done */
  TAILOR_PORT_FAILED = 3    /* hardware or operating system failed; how much was done is unknown */
} tailor_port_status_t;

#ifdef __cplusplus
}
#endif

#endif
