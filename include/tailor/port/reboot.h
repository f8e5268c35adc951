/* SPDX-License-Identifier: Apache-2.0 */
/* Port: leaving the running image, and telling the watchdog that it is alive.
 *
 * Call sequence:
 *   1. The application calls kick() at least once within the watchdog period, from its main loop only: an image that is
 *      stuck must not be kept alive by an interrupt.
 *   2. To install an update the core first writes its intent to the boot journal, then the application calls
 *      reboot(TAILOR_REBOOT_INSTALL). The boot program decides from the journal alone; the kind is for its log.
 *
 * What the caller does on a failure:
 *   reboot returned   it must not return when it worked: the caller logs kInternal, keeps the running image and tries
 * again at its next wake-up. Nothing is lost: the intent stands in the journal.
 */
#ifndef TAILOR_PORT_REBOOT_H
#define TAILOR_PORT_REBOOT_H

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tailor_reboot_kind {
  TAILOR_REBOOT_INSTALL = 1, /* an image waits for its trial */
  TAILOR_REBOOT_RESTART = 2, /* start the same image again */
  TAILOR_REBOOT_REVERT = 3   /* this image gives up its trial; the journal says why */
} tailor_reboot_kind_t;

typedef struct tailor_reboot {
  void* context;
  /* Ends the running image and starts the boot program. Returns only when it failed, with FAILED. */
  tailor_port_status_t (*reboot)(void* context, tailor_reboot_kind_t kind);
  /* Restarts the watchdog's period. Ports without a watchdog do nothing and return OK. */
  tailor_port_status_t (*kick)(void* context);
} tailor_reboot_t;

#ifdef __cplusplus
}
#endif

#endif
