/* SPDX-License-Identifier: Apache-2.0 */
/* An image that runs and never confirms itself: the boot program's trial deadline ends it (TrialNotConfirmed). */
#include <unistd.h>

int main(void) {
  for (;;) pause();
}
