/* SPDX-License-Identifier: Apache-2.0 */
/* An image that ends as soon as it runs: the boot program goes back to the old one (TrialCrashed). */
#include <stdlib.h>

int main(void) {
  abort();
}
