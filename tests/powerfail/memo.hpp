// SPDX-License-Identifier: Apache-2.0
// What is known to end well. A device that starts has nothing but its flash, so what follows from cells that were seen
// before is known: a run that comes to such cells need not go on.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailor::powerfail {

/// One place in a run where all that counts is in the flash and in the world: a start of the boot program, or of the
/// image that it chose.
struct Place {
  uint64_t key = 0;
  int boots = 0;                ///< before it
  uint64_t operations = 0;      ///< before it
  std::vector<uint8_t> erases;  ///< by sector, before it
};

/// What is known of all that follows from some place: it ends well.
struct Rest {
  int boots = 0;
  std::vector<uint8_t> erases;
  uint64_t cuts = 0;  ///< that were tried from there on
};

class Memo {
 public:
  [[nodiscard]] const Rest* find(uint64_t key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : &found->second;
  }
  void add(uint64_t key, Rest rest) {
    constexpr size_t kMost = 2'000'000;  // of some 100 bytes
    if (known_.size() < kMost) known_.emplace(key, std::move(rest));
  }
  void clear() { known_.clear(); }

 private:
  std::unordered_map<uint64_t, Rest> known_;
};

}  // namespace tailor::powerfail
