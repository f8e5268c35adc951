// SPDX-License-Identifier: Apache-2.0
// See campaign.hpp.
#include "tests/powerfail/campaign.hpp"

#include <algorithm>

namespace tailor::powerfail {

using testing::Cells;
using testing::FlashOperation;
using testing::Loss;

void Tally::add(const Tally& other) {
  operations += other.operations;
  cuts += other.cuts;
  runs += other.runs;
  faults += other.faults;
  if (first_fault.empty()) first_fault = other.first_fault;
  most_boots = std::max(most_boots, other.most_boots);
  complete = complete && other.complete;
  stride = std::max(stride, other.stride);
  for (const auto& [region, count] : other.erases) erases[region] = std::max(erases[region], count);
  for (const auto& [region, count] : other.erases_plain) erases_plain[region] = std::max(erases_plain[region], count);
}

bool Campaign::makes_sense(boot::InstallMode mode, Behaviour behaviour) {
  return mode != boot::InstallMode::kOverwrite || behaviour == Behaviour::kGood || behaviour == Behaviour::kLies;
}

Campaign::Campaign(const Maker& maker, const Geometry& geometry, boot::InstallMode mode, Behaviour behaviour)
    : geometry_(geometry),
      plan_(geometry, mode),
      behaviour_(behaviour),
      device_(maker, plan_),
      before_(maker.image("v0", 5, geometry.sector_bytes / 2)),
      old_(maker.image("v1", 10, geometry.sector_bytes + 100)),
      offer_(maker.image("v2", 20, 2 * geometry.sector_bytes + 60, behaviour)),
      next_(maker.image("v3", 30, geometry.sector_bytes + 7)),
      start_(device_.made_with(before_, old_)) {}

void Campaign::fail(Tally& tally, const std::string& story, const std::string& what) {
  ++tally.faults;
  if (tally.first_fault.empty()) {
    tally.first_fault =
        std::string(geometry_.name) + ", " + name_of(plan_.mode) + ", " + name_of(behaviour_) + story + ": " + what;
  }
}

bool Campaign::next_update_works(const Cells& cells, const Image& running) {
  if (!sound_ends_.insert(testing::mixed(cells.hash(), running.sequence)).second) return true;
  const Device::Run run = device_.run(cells, running, next_, {}, 4711);
  return run.fault.empty() && run.running == next_.name && run.world.confirmed;
}

void Campaign::count_erases(const Node& node, std::map<std::string, uint32_t>& most) {
  for (uint32_t sector = 0; sector < node.erases.size(); ++sector) {
    uint32_t& so_far = most[plan_.region_of(sector)];
    so_far = std::max(so_far, node.erases[sector] + device_.flash().erases(sector));
  }
}

bool Campaign::judge(const Node& node, uint64_t seed, Tally& tally, bool may_refuse) {
  ++tally.runs;
  device_.may_refuse_good_images = may_refuse;
  run_ = device_.run(node.cells, old_, offer_, node.world, seed);
  tally.most_boots = std::max(tally.most_boots, run_.boots);
  count_erases(node, tally.erases);
  std::string fault = run_.fault;
  const bool updated = run_.running == offer_.name && run_.world.confirmed;
  const bool went_back = run_.running == old_.name && run_.world.refused;
  const bool good = behaviour_ == Behaviour::kGood ? updated || (may_refuse && went_back) : went_back;
  if (fault.empty() && !good) fault = "ends with " + run_.running;
  const Cells end = device_.flash().cells();
  if (fault.empty() && device_.counter() != (updated ? offer_ : old_).sequence) {
    fault = "the counter against rollback is " + std::to_string(device_.counter());
  }
  if (fault.empty()) {
    device_.flash().keep_operations(false);
    if (!next_update_works(end, updated ? offer_ : old_)) fault = "the next update does not work";
    device_.flash().keep_operations(true);
  }
  device_.may_refuse_good_images = false;
  if (!fault.empty()) fail(tally, node.story, fault);
  return fault.empty();
}

bool Campaign::first_seen(const Node& node, int depth, uint64_t variant) {
  const uint64_t key =
      testing::mixed(testing::mixed(node.cells.hash(), node.world.bits() * 8 + variant), static_cast<uint64_t>(depth));
  return seen_.insert(key).second;
}

void Campaign::explore(const Node& node, int depth, uint64_t stride, uint64_t seed, Clock::time_point deadline,
                       Tally& tally) {
  device_.flash().keep_operations(true);
  const Device::Run run = device_.run(node.cells, old_, offer_, node.world, seed);
  const std::vector<FlashOperation> operations = device_.flash().operations();
  Node rolling = node;
  for (uint64_t at = 0; at < operations.size(); ++at) {
    const FlashOperation& operation = operations[at];
    if (at == run.refused_at) rolling.world.refused = true;
    if (at == run.confirmed_at) rolling.world.confirmed = true;
    const bool chosen = stride <= 1 || (at + seed) % stride == 0;
    for (const Loss loss : testing::kAllLosses) {
      if (!chosen) break;
      if (Clock::now() > deadline) {
        tally.complete = false;
        return;
      }
      Node next = rolling;
      next.cells.cut(operation, loss, testing::mixed(seed, at));
      if (operation.is_erase && loss != Loss::kNothing) ++next.erases[operation.offset / plan_.geometry.sector_bytes];
      // What flickers is decided by the seed: both ways.
      const uint64_t variants = loss == Loss::kFlicker || loss == Loss::kUnstable ? 2 : 1;
      for (uint64_t variant = 0; variant < variants; ++variant) {
        ++tally.cuts;
        if (!first_seen(next, depth, variant)) continue;
        next.story =
            node.story + ", operation " + std::to_string(at) + (operation.is_erase ? " (erase of " : " (write to ") +
            plan_.region_of(operation.offset / plan_.geometry.sector_bytes) + ") " + std::string(name_of(loss));
        const uint64_t next_seed = testing::mixed(seed + variant, at * 16 + static_cast<uint64_t>(loss));
        device_.flash().keep_operations(false);
        if (judge(next, next_seed, tally, false) && depth > 1)
          explore(next, depth - 1, stride, next_seed, deadline, tally);
      }
    }
    if (operation.is_erase) {
      rolling.cells.erase(operation.offset);
      ++rolling.erases[operation.offset / plan_.geometry.sector_bytes];
    } else {
      static_cast<void>(rolling.cells.program(operation));
    }
  }
}

uint64_t Campaign::stride_for(Clock::duration time) {
  device_.flash().keep_operations(true);
  const auto before = Clock::now();
  for (int i = 0; i < 4; ++i) device_.run(start_, old_, offer_, {}, 1);
  const auto one = (Clock::now() - before) / 4;
  // A run after a cut takes about half as long as a whole one, and most kinds of loss need one.
  const auto needed = one * static_cast<int64_t>(device_.flash().operation_count() * 4);
  return static_cast<uint64_t>(std::max<int64_t>(needed / std::max(time, Clock::duration(1)), 0)) + 1;
}

Tally Campaign::cut_everywhere(int depth, uint64_t stride, Clock::time_point deadline, bool only_after_install) {
  Tally tally;
  tally.stride = stride;
  Node node{start_, {}, std::vector<uint32_t>(plan_.geometry.size_bytes / plan_.geometry.sector_bytes, 0), ""};
  seen_.clear();
  Tally plain;
  device_.flash().keep_operations(true);
  if (!judge(node, 1, plain, false)) {
    tally.add(plain);
    return tally;
  }
  tally.erases_plain = plain.erases;
  run_ = device_.run(node.cells, old_, offer_, {}, 1);
  tally.operations = device_.flash().operation_count();
  if (only_after_install) {
    // The device stops as its agent has asked for the reboot.
    device_.stop_after_install = true;
    device_.run(node.cells, old_, offer_, {}, 1);
    device_.stop_after_install = false;
    node.cells = device_.flash().cells();
  }
  explore(node, depth, stride, 1, deadline, tally);
  return tally;
}

Tally Campaign::fail_everywhere(uint64_t stride) {
  Tally tally;
  tally.stride = stride;
  const Node node{start_, {}, std::vector<uint32_t>(plan_.geometry.size_bytes / plan_.geometry.sector_bytes, 0), ""};
  device_.run(start_, old_, offer_, {}, 1);
  const uint64_t operations = device_.flash().operation_count(), reads = device_.flash().reads();
  device_.flash().keep_operations(false);
  const auto try_one = [&](const std::string& story) {
    Node next = node;
    next.story = story;
    ++tally.cuts;
    judge(next, 1, tally, true);
  };
  for (uint64_t at = 1; at <= operations; at += stride) {
    for (const Loss loss : {Loss::kNothing, Loss::kRandom, Loss::kUnreadable}) {
      device_.fail_operation = at;
      device_.fail_with = loss;
      try_one(", operation " + std::to_string(at) + " fails, " + std::string(name_of(loss)));
    }
  }
  device_.fail_operation = 0;
  for (uint64_t at = 1; at <= reads; at += stride) {
    device_.fail_read = at;
    try_one(", read " + std::to_string(at) + " fails");
  }
  device_.fail_read = 0;
  return tally;
}

Tally Campaign::unreadable_everywhere() {
  Tally tally;
  const Node node{start_, {}, std::vector<uint32_t>(plan_.geometry.size_bytes / plan_.geometry.sector_bytes, 0), ""};
  for (uint32_t sector = 0; sector < node.erases.size(); ++sector) {
    Node next = node;
    next.cells.cut({true, sector * plan_.geometry.sector_bytes, {}}, Loss::kUnreadable, 1);
    // What the device needs to run today may not be lost; everything else may.
    device_.run(next.cells, old_, old_, {}, 1);
    const Device::Run run = device_.run(next.cells, old_, old_, {}, 1);
    if (!run.fault.empty() || run.running != old_.name) continue;
    next.story = std::string(", unreadable: sector ") + std::to_string(sector) + " (" + plan_.region_of(sector) + ")";
    ++tally.cuts;
    judge(next, 1, tally, false);
  }
  return tally;
}

}  // namespace tailor::powerfail
