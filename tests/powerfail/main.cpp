// SPDX-License-Identifier: Apache-2.0
// The long power-loss proof: every geometry and install mode, every kind of image, single cuts first, then pairs, then
// many in a row, as far as the time given allows. Prints what was tried and what failed; ends with 1 if anything did.
#include <charconv>
#include <cstdio>
#include <string_view>

#include "tests/powerfail/campaign.hpp"

namespace tailor::powerfail {
namespace {

using Clock = Campaign::Clock;
constexpr Behaviour kStories[] = {Behaviour::kGood, Behaviour::kCrashes, Behaviour::kHangs, Behaviour::kGivesUp,
                                  Behaviour::kLies};

class Report {
 public:
  static void header() {
    std::printf("%-10s %-10s %-26s %9s %10s %9s %6s %5s  %s\n", "geometry", "mode", "what", "ops", "cuts", "distinct",
                "faults", "boots", "most erases of a sector: with cuts (without)");
  }
  void line(const Geometry& geometry, boot::InstallMode mode, const char* what, const Tally& tally) {
    std::string erases;
    for (const auto& [region, count] : tally.erases) {
      const auto plain = tally.erases_plain.find(region);
      erases += (erases.empty() ? "" : ", ") + region + " " + std::to_string(count);
      if (plain != tally.erases_plain.end()) erases += " (" + std::to_string(plain->second) + ")";
    }
    std::printf("%-10s %-10s %-26s %9llu %10llu %9llu %6llu %5d  %s%s%s\n", geometry.name, name_of(mode), what,
                number(tally.operations), number(tally.cuts), number(tally.runs), number(tally.faults),
                tally.most_boots, erases.c_str(), tally.complete ? "" : "; cut short by time",
                tally.stride > 1 ? ("; one operation of " + std::to_string(tally.stride)).c_str() : "");
    if (!tally.first_fault.empty()) std::printf("  FAULT %s\n", tally.first_fault.c_str());
    std::fflush(stdout);
    total.add(tally);
  }
  Tally total;

 private:
  static unsigned long long number(uint64_t value) { return value; }
};

int run(int64_t seconds) {
  const auto start = Clock::now();
  const auto until = [&](int percent) { return start + std::chrono::seconds(seconds) * percent / 100; };
  const Maker maker;
  Report report;
  Report::header();
  // Each row gets its share of the time; where that is too little, it takes every so manieth operation, and says so.
  auto rows = static_cast<int64_t>(geometries().size() * std::size(kModes));
  for (const Geometry& geometry : geometries()) {
    for (const boot::InstallMode mode : kModes) {
      const auto share = (until(60) - Clock::now()) / std::max<int64_t>(rows--, 1);
      Tally singles;
      int64_t stories = 0;
      for (const Behaviour story : kStories) stories += Campaign::makes_sense(mode, story) ? 1 : 0;
      for (const Behaviour story : kStories) {
        if (!Campaign::makes_sense(mode, story)) continue;
        Campaign campaign(maker, geometry, mode, story);
        const uint64_t stride = campaign.stride_for(share * 3 / 4 / stories);
        singles.add(campaign.cut_everywhere(1, stride, Clock::time_point::max()));
      }
      report.line(geometry, mode, "every cut", singles);
      Campaign faults(maker, geometry, mode, Behaviour::kGood);
      Tally others = faults.unreadable_everywhere();
      others.add(faults.fail_everywhere(faults.stride_for(share / 4)));
      report.line(geometry, mode, "failing calls, dead sectors", others);
    }
  }
  for (const bool whole : {false, true}) {
    for (const Geometry& geometry : geometries()) {
      if (!is_small(geometry)) continue;
      for (const boot::InstallMode mode : kModes) {
        Tally pairs;
        for (const Behaviour story : kStories) {
          if (!Campaign::makes_sense(mode, story) || (whole && story != Behaviour::kGood)) continue;
          pairs.add(Campaign(maker, geometry, mode, story).cut_everywhere(2, 1, until(whole ? 100 : 80), !whole));
        }
        report.line(geometry, mode, whole ? "every pair" : "every pair after install()", pairs);
      }
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
  std::printf("%zu geometries x %zu modes: %llu cuts tried, %llu distinct, %llu faults, %lld s\n", geometries().size(),
              std::size(kModes), static_cast<unsigned long long>(report.total.cuts),
              static_cast<unsigned long long>(report.total.runs), static_cast<unsigned long long>(report.total.faults),
              static_cast<long long>(took));
  return report.total.faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tailor::powerfail

int main(int count, char** words) {
  int64_t seconds = 600;
  if (count > 2) return 2;
  if (count == 2) {
    const std::string_view word = words[1];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    if (error != std::errc() || end != word.data() + word.size() || seconds < 1 || seconds > 1'000'000) {
      std::fprintf(stderr, "usage: powerfail [SECONDS]\n");
      return 2;
    }
  }
  return tailor::powerfail::run(seconds);
}
