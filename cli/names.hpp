// SPDX-License-Identifier: Apache-2.0
// The author's names of vendors and classes, for commands.
#pragma once

#include "authoring/names.hpp"

namespace tailor::cli {

using authoring::class_of;
using authoring::vendor_of;

}  // namespace tailor::cli
