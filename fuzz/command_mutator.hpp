// SPDX-License-Identifier: Apache-2.0
// Mutates command sequences as such: moves, doubles, drops and exchanges commands and bends their arguments, and leaves
// the array around them well-formed. For fuzz harnesses; the first octet of an input is the harness's own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::fuzzing {

/// As LLVMFuzzerCustomMutator.
size_t mutate_commands(uint8_t* data, size_t size, size_t capacity, unsigned seed);

}  // namespace tailor::fuzzing
