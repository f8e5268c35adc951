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
  bool complete = true;                          ///< false: time was up
  uint64_t stride = 1;                           ///< the largest that was asked for
  void add(const Tally& other);
};

/// One story: a device that runs `old` is offered an image that behaves so.
class Campaign {
 public:
  using Clock = std::chrono::steady_clock;

  Campaign(const Maker& maker, const Geometry& geometry, boot::InstallMode mode, Behaviour behaviour);
  /// Whether there is such a story: without a trial nothing can be taken back.
  [[nodiscard]] static bool makes_sense(boot::InstallMode mode, Behaviour behaviour);

  /// Cuts `depth` times in a row, at every operation; `stride` > 1 takes every so manieth operation of the last cut.
  /// @param only_after_install  cuts from the first boot after install() on, for proofs that must be short
  Tally cut_everywhere(int depth, uint64_t stride, Clock::time_point deadline, bool only_after_install = false);
  /// How many operations to pass over so that single cuts take about so long.
  [[nodiscard]] uint64_t stride_for(Clock::duration time);
  /// Lets every program, erase and read fail once while power stays, or every so manieth.
  Tally fail_everywhere(uint64_t stride);
  /// Makes every sector that nobody relies on unreadable before the update.
  Tally unreadable_everywhere();

 private:
  struct Node {
    testing::Cells cells;
    World world;
    std::vector<uint32_t> erases;
    std::string story;
  };
  /// Goes on from a node to the end, and judges it. @returns false when something was wrong
  bool judge(const Node& node, uint64_t seed, Tally& tally, bool may_refuse);
  void explore(const Node& node, int depth, uint64_t stride, uint64_t seed, Clock::time_point deadline, Tally& tally);
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
};

}  // namespace tailor::powerfail
