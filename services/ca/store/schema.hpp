// SPDX-License-Identifier: Apache-2.0
// The tables of the certificate authority. Internal to the store; docs/formats/ca-store.md describes them.
#pragma once

#include <span>

#include "services/store/migrations.hpp"

namespace tailor::ca {

[[nodiscard]] std::span<const store::Migration> schema();

}  // namespace tailor::ca
