// SPDX-License-Identifier: Apache-2.0
// The long power-loss proof: every geometry and install mode, every kind of image. Pairs of cuts of small images first,
// then single cuts of all; each row has its share of the time, and what one leaves the others get. Prints what was
// tried and what failed; ends with 1 if anything did. Words behind the seconds take the rows whose names hold them all.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>

#include "tests/powerfail/campaign.hpp"

namespace tailor::powerfail {
namespace {

using Clock = Campaign::Clock;
constexpr Behaviour kStories[] = {Behaviour::kGood, Behaviour::kCrashes, Behaviour::kHangs, Behaviour::kGivesUp,
                                  Behaviour::kLies};
constexpr Manifests kManifests[] = {Manifests::kOne, Manifests::kTwo};

class Report {
 public:
  static void header() {
    std::printf("%-10s %-10s %-27s %9s %11s %9s %6s %5s  %s\n", "geometry", "mode", "what", "ops", "cuts", "distinct",
                "faults", "boots", "most erases of a sector: with cuts (without)");
  }
  void line(const Geometry& geometry, boot::InstallMode mode, const char* what, const Tally& tally) {
    std::string rest;
    for (const auto& [region, count] : tally.erases) {
      const auto plain = tally.erases_plain.find(region);
      rest += (rest.empty() ? "" : ", ") + region + " " + std::to_string(count);
      if (plain != tally.erases_plain.end()) rest += " (" + std::to_string(plain->second) + ")";
    }
    for (const auto& [region, count] : tally.stopped) {
      rest += "; " + std::to_string(count) + " dead sectors of " + region + " stop the device";
    }
    if (!tally.complete()) {
      rest += "; " + std::to_string(tally.places_tried) + " of " + std::to_string(tally.places) + " operations";
    }
    const std::lock_guard guard(lock_);
    std::printf("%-10s %-10s %-27s %9llu %11llu %9llu %6llu %5d  %s\n", geometry.name, name_of(mode), what,
                number(tally.operations), number(tally.cuts), number(tally.runs), number(tally.faults),
                tally.most_boots, rest.c_str());
    if (!tally.first_fault.empty()) std::printf("  FAULT %s\n", tally.first_fault.c_str());
    std::fflush(stdout);
    total.add(tally);
    ++(tally.complete() ? complete : incomplete);
  }
  static unsigned long long number(uint64_t value) { return value; }
  Tally total;
  unsigned complete = 0, incomplete = 0;

 private:
  std::mutex lock_;
};

/// Something to try, and about how much there is of it.
struct Row {
  std::string name;
  uint64_t size = 0;
  std::function<void(Clock::time_point until)> work;
};

/// Of the rows those whose names hold all of the words.
std::vector<Row> chosen(std::vector<Row> rows, std::span<const std::string_view> words) {
  std::erase_if(rows, [words](const Row& row) {
    return !std::all_of(words.begin(), words.end(),
                        [&row](std::string_view word) { return row.name.find(word) != std::string::npos; });
  });
  return rows;
}

std::string pairs_name(Behaviour story, Manifests manifests) {
  return std::string("pairs, ") + name_of(story) + (manifests == Manifests::kTwo ? ", dependency" : "");
}

/// Does the rows on all processors, small ones first; each has its share of what time is left.
void share_out(std::vector<Row> rows, Clock::time_point until) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.size < b.size; });
  const unsigned workers = std::max(1U, std::thread::hardware_concurrency());
  std::mutex lock;
  size_t taken = 0;
  const auto work = [&] {
    while (true) {
      const Row* row = nullptr;
      Clock::time_point end;
      {
        const std::lock_guard guard(lock);
        if (taken == rows.size()) return;
        const auto left = static_cast<int64_t>(rows.size() - taken);
        end = Clock::now() + (until - Clock::now()) * std::min<int64_t>(workers, left) / left;
        row = &rows[taken++];
      }
      row->work(end);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

class Proof {
 public:
  explicit Proof(Report& report) : report_(report) {}

  /// Every pair of cuts of a small image.
  void pairs(const Geometry& geometry, boot::InstallMode mode, Behaviour story, Manifests manifests,
             Clock::time_point until) {
    const std::string what = pairs_name(story, manifests);
    Campaign campaign(maker_, geometry, mode, story, manifests);
    report_.line(geometry, mode, what.c_str(), campaign.cut_everywhere({.depth = 2, .until = until}));
  }

  /// Single cuts of every story, and then failing calls and dead sectors.
  void singles(const Geometry& geometry, boot::InstallMode mode, Clock::time_point until) {
    const auto share = [&](int64_t parts) { return Clock::now() + (until - Clock::now()) / parts; };
    Tally cuts;
    int64_t left = 2;
    for (const Behaviour story : kStories) left += Campaign::makes_sense(mode, story) ? 1 : 0;
    for (const Manifests manifests : kManifests) {
      for (const Behaviour story : kStories) {
        if (!Campaign::makes_sense(mode, story)) continue;
        if (manifests == Manifests::kTwo && story != Behaviour::kGood) continue;
        cuts.add(Campaign(maker_, geometry, mode, story, manifests).cut_everywhere({.until = share(left--)}));
      }
    }
    report_.line(geometry, mode, "every cut", cuts);
    Campaign faults(maker_, geometry, mode, Behaviour::kGood);
    Tally others = faults.unreadable_everywhere();
    others.add(faults.fail_everywhere(until));
    report_.line(geometry, mode, "failing calls, lost sectors", others);
    if (is_small(geometry)) {
      report_.line(geometry, mode, "sectors that die",
                   Campaign(maker_, geometry, mode, Behaviour::kGood).die_everywhere());
    }
  }

 private:
  Report& report_;
  const Maker maker_;
};

int run(int64_t seconds, std::span<const std::string_view> words) {
  const auto start = Clock::now();
  Report report;
  Report::header();
  Proof proof(report);
  std::vector<Row> pairs, singles;
  for (const Geometry& geometry : geometries()) {
    for (const boot::InstallMode mode : kModes) {
      const std::string row = std::string(geometry.name) + " " + name_of(mode) + " ";
      const uint64_t granules = geometry.sector_bytes / geometry.granule_bytes;
      const uint64_t weight = mode == boot::InstallMode::kSwap ? 3 : 1;
      singles.push_back({row + "single cuts", granules * geometry.sector_bytes * weight,
                         [&proof, &geometry, mode](auto until) { proof.singles(geometry, mode, until); }});
      for (const Manifests manifests : kManifests) {
        for (const Behaviour story : kStories) {
          if (!is_small(geometry) || !Campaign::makes_sense(mode, story)) continue;
          if (manifests == Manifests::kTwo && story != Behaviour::kGood) continue;
          pairs.push_back({row + pairs_name(story, manifests), granules * granules * weight * weight,
                           [&proof, &geometry, mode, story, manifests](auto until) {
                             proof.pairs(geometry, mode, story, manifests, until);
                           }});
        }
      }
    }
  }
  pairs = chosen(std::move(pairs), words);
  singles = chosen(std::move(singles), words);
  if (pairs.empty() && singles.empty()) {
    std::fprintf(stderr, "powerfail: no row has all of these words in its name\n");
    return 2;
  }
  share_out(std::move(pairs), start + std::chrono::seconds(seconds) / (singles.empty() ? 1 : 2));
  share_out(std::move(singles), start + std::chrono::seconds(seconds));
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
  std::printf(
      "%zu geometries x %zu modes: %llu cuts tried, %llu distinct, %llu faults; %u lines complete, %u by time; %lld "
      "s\n",
      geometries().size(), std::size(kModes), Report::number(report.total.cuts), Report::number(report.total.runs),
      Report::number(report.total.faults), report.complete, report.incomplete, static_cast<long long>(took));
  return report.total.faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tailor::powerfail

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  int64_t seconds = 600;
  if (words.empty()) return tailor::powerfail::run(seconds, {});
  const std::string_view first = words.front();
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), seconds);
  if (error != std::errc() || end != first.data() + first.size() || seconds < 1 || seconds > 1'000'000) {
    std::fprintf(stderr, "usage: powerfail [SECONDS [WORD...]], words as in \"256/32/ff\" \"in place\" pairs\n");
    return 2;
  }
  return tailor::powerfail::run(seconds, std::span(words).subspan(1));
}
