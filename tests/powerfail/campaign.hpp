// SPDX-License-Identifier: Apache-2.0
// Cuts an update at every program granule and every erase, goes on from each, and cuts again: what a power loss leaves
// depends only on the cells before the operation, so nothing is run twice to get there.
#pragma once

#include <chrono>
#include <map>
#include <unordered_set>

#include "tests/powerfail/device.hpp"

namespace tailor::powerfail {

struct Tally {
  uint64_t operations = 0;  ///< of the update without a cut
  uint64_t cuts = 0;        ///< places and kinds of loss that were tried, the second ones of pairs included
  uint64_t runs = 0;        ///< of them those that left cells which had not been seen
  uint64_t faults = 0;
  std::string first_fault;
  int most_boots = 0;
  std::map<std::string, uint32_t> erases;        ///< by region: most of one sector, from the start to the end
  std::map<std::string, uint32_t> erases_plain;  ///< the same without a cut
  uint64_t places = 0, places_tried = 0;         ///< operations that can be cut, first ones of pairs; and that were
  std::map<std::string, uint64_t> stopped;       ///< by region: dead sectors that left nothing to start
  [[nodiscard]] bool complete() const { return places == places_tried; }
  void add(const Tally& other);
};

/// One story: a device that runs `old` is offered an image that behaves so.
class Campaign {
 public:
  using Clock = std::chrono::steady_clock;

  Campaign(const Maker& maker, const Geometry& geometry, boot::InstallMode mode, Behaviour behaviour,
           Manifests manifests = Manifests::kOne);
  /// Whether there is such a story: without a trial nothing can be taken back.
  [[nodiscard]] static bool makes_sense(boot::InstallMode mode, Behaviour behaviour);

  /// How cut_everywhere() does it.
  struct Cuts {
    int depth = 1;        ///< cuts in a row
    uint64_t stride = 1;  ///< every so manieth operation is cut, at each depth
    Clock::time_point until = Clock::time_point::max();
    bool only_after_install = false;  ///< from the first boot after install() on, for proofs that must be short
  };
  /// Cuts at every operation. Where the time is too short, the operations that were cut lie evenly spread.
  Tally cut_everywhere(const Cuts& cuts);
  /// Lets every program, erase and read fail once while power stays; `until` as above.
  Tally fail_everywhere(Clock::time_point until = Clock::time_point::max());
  /// Makes every sector that nobody relies on unreadable before the update.
  Tally unreadable_everywhere();
  /// Lets every sector die at each of its operations, and stay so. The device may refuse the update; where images are
  /// moved it may stop, when the journal dies, or a sector that has to hold the image where it runs and has lost it.
  Tally die_everywhere();

 private:
  struct Node {
    testing::Cells cells;
    World world;
    std::vector<uint32_t> erases;
    std::string story;
  };
  [[nodiscard]] Node first() const;
  /// Goes on from a node to the end, and judges it. @returns false when something was wrong
  bool judge(const Node& node, uint64_t seed, Tally& tally, bool may_refuse);
  /// Cuts those operations of what follows from the node that leave this rest.
  void explore(const Node& node, int depth, uint64_t stride, uint64_t rest, uint64_t seed, const Cuts& cuts,
               Tally& tally);
  void cut_one(Node& rolling, const testing::FlashOperation& operation, uint64_t at, int depth, uint64_t seed,
               const Cuts& cuts, Tally& tally);
  bool next_update_works(const testing::Cells& cells, const Image& running);
  void fail(Tally& tally, const std::string& story, const std::string& what);
  void count_erases(const Node& node, std::map<std::string, uint32_t>& most);
  [[nodiscard]] bool first_seen(const Node& node, int depth, uint64_t variant);

  const Geometry& geometry_;
  Plan plan_;
  Behaviour behaviour_;
  Device device_;
  Image before_, old_, offer_, next_;
  testing::Cells start_;
  Device::Run run_;
  std::unordered_set<uint64_t> seen_, sound_ends_;
  Memo memo_, next_memos_[2];  ///< of the story, and of the next update: from the old image, from the new one
  Memo explored_;              ///< from where on every last cut was tried
};

}  // namespace tailor::powerfail
