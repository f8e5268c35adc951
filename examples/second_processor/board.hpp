// SPDX-License-Identifier: Apache-2.0
// Both processors and the rule between them: the second one starts what the first one tells it to, and the first one's
// confirmation is the one that counts for both.
#pragma once

#include "examples/second_processor/bus.hpp"

namespace second_processor {

inline constexpr uint8_t kMainId[] = {0x81, 0x44, 'm', 'a', 'i', 'n'};
inline constexpr uint8_t kSecondId[] = {0x81, 0x46, 's', 'e', 'c', 'o', 'n', 'd'};
inline constexpr uint8_t kAppId[] = {0x81, 0x43, 'a', 'p', 'p'};  ///< what the second one calls its own image

class Board {
 public:
  explicit Board(const suit::TrustAnchors& anchors) : first(anchors, kMainId, kSecondId), second(anchors, kAppId, {}) {}

  /// What runs on both, in service.
  struct InService {
    Running first, second;
  };
  /// The factory.
  Status provision(ByteView envelope);
  /// One life of the board, from power on to the next reboot: both start; they are in service, unless the second one
  /// does not come up with the version that the first one has; then the update on offer is taken, or the one on trial
  /// confirmed.
  /// @param first_is_good  false: the first one's new image never comes to confirm itself, and gives up
  Result<InService> lives(ByteView offered, uint64_t sequence, bool first_is_good = true);
  /// What the first one reports of both: an encoded update::DeviceStatus.
  static Result<std::vector<uint8_t>> report(const InService& service);
  void power_on();

  Node first, second;
  unsigned loss_percent = 30;
  uint64_t seed = 1;
};

}  // namespace second_processor
