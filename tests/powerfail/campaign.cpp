// SPDX-License-Identifier: Apache-2.0
// See campaign.hpp.
#include "tests/powerfail/campaign.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

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
  places += other.places;
  places_tried += other.places_tried;
  for (const auto& [region, count] : other.erases) erases[region] = std::max(erases[region], count);
  for (const auto& [region, count] : other.erases_plain) erases_plain[region] = std::max(erases_plain[region], count);
}

bool Campaign::makes_sense(boot::InstallMode mode, Behaviour behaviour) {
  return mode != boot::InstallMode::kOverwrite || behaviour == Behaviour::kGood || behaviour == Behaviour::kLies;
}

Campaign::Campaign(const Maker& maker, const Geometry& geometry, boot::InstallMode mode, Behaviour behaviour,
                   Manifests manifests)
    : geometry_(geometry),
      plan_(geometry, mode, manifests),
      behaviour_(behaviour),
      device_(maker, plan_),
      before_(maker.image("v0", 5, geometry.sector_bytes / 2, Behaviour::kGood, manifests)),
      old_(maker.image("v1", 10, geometry.sector_bytes + 100, Behaviour::kGood, manifests)),
      offer_(maker.image("v2", 20, 2 * geometry.sector_bytes + 60, behaviour, manifests)),
      next_(maker.image("v3", 30, geometry.sector_bytes + 7, Behaviour::kGood, manifests)),
      start_(device_.made_with(before_, old_)) {}

void Campaign::fail(Tally& tally, const std::string& story, const std::string& what) {
  ++tally.faults;
  if (tally.first_fault.empty()) {
    tally.first_fault =
        std::string(geometry_.name) + ", " + name_of(plan_.mode) + ", " + name_of(behaviour_) + story + ": " + what;
  }
}

Campaign::Node Campaign::first() const {
  return {start_, {}, std::vector<uint32_t>(plan_.all_sectors(), 0), ""};
}

bool Campaign::next_update_works(const Cells& cells, const Image& running) {
  if (!sound_ends_.insert(testing::mixed(cells.hash(), running.sequence)).second) return true;
  Memo& memo = next_memos_[running.sequence == offer_.sequence ? 1 : 0];
  const uint64_t operation = std::exchange(device_.fail_operation, 0), read = std::exchange(device_.fail_read, 0);
  const Device::Run run = device_.run(cells, running, next_, {}, 4711, &memo);
  device_.fail_operation = operation;
  device_.fail_read = read;
  const bool works = run.fault.empty() && (run.rest != nullptr || (run.running == next_.name && run.world.confirmed));
  if (works) {
    for (auto& [key, rest] : device_.rests_of(run)) memo.add(key, std::move(rest));
  }
  return works;
}

void Campaign::count_erases(const Node& node, std::map<std::string, uint32_t>& most) {
  for (uint32_t sector = 0; sector < node.erases.size(); ++sector) {
    uint32_t& so_far = most[plan_.region_of(sector)];
    const uint32_t rest = run_.rest != nullptr ? run_.rest->erases[sector] : 0U;
    so_far = std::max(so_far, node.erases[sector] + device_.flash().erases(sector) + rest);
  }
}

bool Campaign::judge(const Node& node, uint64_t seed, Tally& tally, bool may_refuse) {
  ++tally.runs;
  device_.flash().keep_operations(false);
  device_.may_refuse_good_images = may_refuse;
  run_ = device_.run(node.cells, old_, offer_, node.world, seed, &memo_);
  tally.most_boots = std::max(tally.most_boots, run_.boots + (run_.rest != nullptr ? run_.rest->boots : 0));
  count_erases(node, tally.erases);
  std::string fault = run_.fault;
  // What is known to end well has been judged.
  if (run_.rest == nullptr && fault.empty()) {
    auto rests = device_.rests_of(run_);
    const bool updated = run_.running == offer_.name && run_.world.confirmed;
    const bool went_back = run_.running == old_.name && run_.world.refused;
    const bool good = behaviour_ == Behaviour::kGood ? updated || (may_refuse && went_back) : went_back;
    const Cells end = device_.flash().cells();
    if (!good) fault = "ends with " + run_.running;
    if (fault.empty() && device_.counter() != (updated ? offer_ : old_).sequence) {
      fault = "the counter against rollback is " + std::to_string(device_.counter());
    }
    if (fault.empty() && !next_update_works(end, updated ? offer_ : old_)) fault = "the next update does not work";
    if (fault.empty() && !may_refuse) {
      for (auto& [key, rest] : rests) memo_.add(key, std::move(rest));
    }
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

/// Every kind of loss at one operation.
void Campaign::cut_one(Node& rolling, const FlashOperation& operation, uint64_t at, int depth, uint64_t seed,
                       const Cuts& cuts, Tally& tally) {
  const Cells::Saved before = rolling.cells.save(operation.offset);
  const uint32_t sector = operation.offset / plan_.geometry.sector_bytes;
  for (const Loss loss : testing::kAllLosses) {
    rolling.cells.cut(operation, loss, testing::mixed(seed, at));
    // What flickers is decided by the seed: both ways.
    const uint64_t variants = loss == Loss::kFlicker || loss == Loss::kUnstable ? 2 : 1;
    for (uint64_t variant = 0; variant < variants; ++variant) {
      ++tally.cuts;
      if (!first_seen(rolling, depth, variant)) continue;
      Node next = rolling;
      if (operation.is_erase && loss != Loss::kNothing) ++next.erases[sector];
      next.story = rolling.story + ", operation " + std::to_string(at) +
                   (operation.is_erase ? " (erase of " : " (write to ") + plan_.region_of(sector) + ") " +
                   std::string(name_of(loss));
      const uint64_t next_seed = testing::mixed(seed + variant, at * 16 + static_cast<uint64_t>(loss));
      if (judge(next, next_seed, tally, false) && depth > 1) {
        explore(next, depth - 1, cuts.stride, next_seed % cuts.stride, next_seed, cuts, tally);
      }
    }
    rolling.cells.restore(before);
  }
}

void Campaign::explore(const Node& node, int depth, uint64_t stride, uint64_t rest, uint64_t seed, const Cuts& cuts,
                       Tally& tally) {
  // Where the last cut of several comes to a start from which all was tried, all was tried.
  const bool prunes = depth == 1 && cuts.depth > 1 && stride == 1;
  device_.flash().keep_operations(true);
  const Device::Run run = device_.run(node.cells, old_, offer_, node.world, seed, prunes ? &explored_ : nullptr);
  const std::vector<FlashOperation> operations = device_.flash().take_operations();
  std::vector<uint64_t> cuts_before;
  Node rolling = node;
  bool complete = true;
  for (uint64_t at = 0; at <= operations.size(); ++at) {
    while (cuts_before.size() < run.places.size() && run.places[cuts_before.size()].operations == at) {
      cuts_before.push_back(tally.cuts);
    }
    if (at == operations.size()) break;
    const FlashOperation& operation = operations[at];
    if (at == run.refused_at) rolling.world.refused = true;
    if (at == run.confirmed_at) rolling.world.confirmed = true;
    if (at % stride == rest) {
      complete = complete && Clock::now() <= cuts.until;
      if (!complete) return;
      cut_one(rolling, operation, at, depth, seed, cuts, tally);
      if (depth == cuts.depth && Clock::now() <= cuts.until) ++tally.places_tried;
    }
    if (operation.is_erase) {
      rolling.cells.erase(operation.offset);
      ++rolling.erases[operation.offset / plan_.geometry.sector_bytes];
    } else {
      static_cast<void>(rolling.cells.program(operation));
    }
  }
  if (run.rest != nullptr) tally.cuts += run.rest->cuts;
  for (size_t i = 0; prunes && i < cuts_before.size(); ++i) {
    explored_.add(run.places[i].key, {0, run.places[i].erases, tally.cuts - cuts_before[i]});
  }
}

Tally Campaign::cut_everywhere(const Cuts& cuts) {
  Tally tally;
  Node node = first();
  seen_.clear();
  explored_.clear();
  Tally plain;
  if (!judge(node, 1, plain, false)) {
    tally.add(plain);
    return tally;
  }
  run_ = device_.run(node.cells, old_, offer_, {}, 1);
  count_erases(node, tally.erases_plain);
  tally.erases = tally.erases_plain;
  tally.operations = tally.places = device_.flash().operation_count();
  if (cuts.only_after_install) {
    // The device stops as its agent has asked for the reboot.
    device_.stop_after_install = true;
    device_.run(node.cells, old_, offer_, {}, 1);
    device_.stop_after_install = false;
    node.cells = device_.flash().cells();
    tally.places -= device_.flash().operation_count();
  }
  if (cuts.until == Clock::time_point::max()) {
    explore(node, cuts.depth, cuts.stride, 0, 1, cuts, tally);
    if (cuts.stride > 1) tally.places = tally.places_tried;
    return tally;
  }
  // In passes, each of which takes operations far from each other, and from those of the passes before.
  uint64_t passes = 1;
  while (passes < 256 && passes * 32 < tally.operations) passes *= 2;
  for (uint64_t pass = 0; pass < passes && Clock::now() < cuts.until; ++pass) {
    uint64_t reversed = 0;
    for (uint64_t bit = 1, mirror = passes / 2; bit < passes; bit *= 2, mirror /= 2) {
      if ((pass & bit) != 0) reversed += mirror;
    }
    explore(node, cuts.depth, passes, reversed, 1, cuts, tally);
  }
  return tally;
}

Tally Campaign::fail_everywhere(Clock::time_point until) {
  Tally tally;
  device_.run(start_, old_, offer_, {}, 1);
  const uint64_t operations = device_.flash().operation_count(), reads = device_.flash().reads();
  const auto try_one = [&](const std::string& story) {
    Node next = first();
    next.story = story;
    ++tally.cuts;
    judge(next, 1, tally, true);
  };
  // Evenly spread when time is short: a step that has no divisor in common with the number of calls meets each once.
  const auto each = [&](uint64_t count, const auto& call) {
    tally.places += count;
    uint64_t step = std::max<uint64_t>(count / 2 - count / 9, 1);
    while (std::gcd(step, count) != 1) ++step;
    for (uint64_t i = 0; i < count && Clock::now() < until; ++i, ++tally.places_tried) call(i * step % count + 1);
  };
  each(operations, [&](uint64_t at) {
    for (const Loss loss : {Loss::kNothing, Loss::kRandom, Loss::kUnreadable}) {
      device_.fail_operation = at;
      device_.fail_with = loss;
      try_one(", operation " + std::to_string(at) + " fails, " + std::string(name_of(loss)));
    }
  });
  device_.fail_operation = 0;
  each(reads, [&](uint64_t at) {
    device_.fail_read = at;
    try_one(", read " + std::to_string(at) + " fails");
  });
  device_.fail_read = 0;
  return tally;
}

Tally Campaign::unreadable_everywhere() {
  Tally tally;
  for (uint32_t sector = 0; sector < plan_.all_sectors(); ++sector) {
    Node next = first();
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

Tally Campaign::die_everywhere() {
  Tally tally;
  device_.flash().keep_operations(true);
  device_.run(start_, old_, offer_, {}, 1);
  std::vector<uint64_t> operations(plan_.all_sectors(), 0);
  for (const FlashOperation& operation : device_.flash().take_operations()) {
    ++operations[operation.offset / plan_.geometry.sector_bytes];
  }
  device_.flash().keep_operations(false);
  device_.may_refuse_good_images = true;
  for (uint32_t sector = 0; sector < plan_.all_sectors(); ++sector) {
    for (uint64_t from = 1; from <= operations[sector]; ++from) {
      for (const Loss loss : {Loss::kNothing, Loss::kRandom, Loss::kUnreadable}) {
        device_.dead_sector = sector;
        device_.dead_from = from;
        device_.fail_with = loss;
        ++tally.cuts;
        ++tally.runs;
        run_ = device_.run(start_, old_, offer_, {}, 1);
        const bool runs = run_.running == old_.name || run_.running == offer_.name;
        const std::string story = std::string(", sector ") + std::to_string(sector) + " (" + plan_.region_of(sector) +
                                  ") dies at its operation " + std::to_string(from) + ", " + std::string(name_of(loss));
        const bool rests = run_.fault.empty() || run_.fault.starts_with("never comes to rest");
        if (runs && !rests) fail(tally, story, run_.fault);
        if (runs) continue;
        // Without a journal no move can be finished, there is no other place to run an image from than slot A, and a
        // copy that has begun has no old image to go back to.
        const std::string region = plan_.region_of(sector);
        ++tally.stopped[region];
        const bool begun = plan_.mode == boot::InstallMode::kOverwrite && sector > plan_.journal + 2 * plan_.manifest;
        const bool lost = region == "journal" || (region == "slot A" && (loss != Loss::kNothing || from > 1 || begun));
        if (!lost || !device_.layout().moves()) fail(tally, story, run_.fault);
      }
    }
  }
  device_.dead_sector = UINT32_MAX;
  device_.may_refuse_good_images = false;
  return tally;
}

}  // namespace tailor::powerfail
