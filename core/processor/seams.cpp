// SPDX-License-Identifier: Apache-2.0
#include "core/processor/seams.hpp"

namespace tailor::processor {

Status Authorization::may_write(const crypto::P256PublicKey&, ByteView) const noexcept {
  return Error::kSignerNotPermitted;
}

}  // namespace tailor::processor
