// SPDX-License-Identifier: Apache-2.0
// Updates a device with two images from one pair to the next, and takes its power away at each operation of its flash,
// in each way that a cut can go: the old pair runs or the new one, never a mix, and the update can be brought to its
// end. Prints what was tried; the exit code is 0 only if that held.
#include <cstdio>
#include <map>
#include <string>

#include "examples/two_images/pair_device.hpp"
#include "testing/suit/author.hpp"

namespace {

using namespace two_images;
using testing::Octets;
namespace command = suit::command;
namespace key = suit::manifest_key;

Octets image_of(const std::string& name, size_t bytes) {
  Octets image(bytes);
  for (size_t i = 0; i < bytes; ++i) image[i] = static_cast<uint8_t>(name[i % name.size()] + i / 13);
  return image;
}

/// Version `number` of both images; the secure one fills its part of the slot.
struct Pair {
  explicit Pair(uint64_t version)
      : number(version),
        secure(image_of("secure" + std::to_string(version), kSecureBytes)),
        normal(image_of("normal" + std::to_string(version), 900 + 40 * version)) {}
  uint64_t number;
  Octets secure, normal;

  [[nodiscard]] Octets in_slot() const {
    Octets both = secure;
    both.insert(both.end(), normal.begin(), normal.end());
    return both;
  }

  /// One manifest for both: two components, each with its digest; fetched in the order of the slot.
  [[nodiscard]] Octets envelope(const testing::Author& signer, const processor::Identity& device) const {
    testing::Author author;
    author.like(signer).number(number);
    author.named(
        {Octets(std::begin(kSecureId), std::end(kSecureId)), Octets(std::begin(kNormalId), std::end(kNormalId))});
    author.shared(testing::sequence([&](suit::SequenceWriter& s) {
      s.set_component_index(0);
      s.override_parameters({.vendor = device.vendor,
                             .device_class = device.device_class,
                             .digest = crypto::sha256(secure).value(),
                             .image_size = secure.size()});
      s.command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
      s.set_component_index(1);
      s.override_parameters({.vendor = device.vendor,
                             .device_class = device.device_class,
                             .digest = crypto::sha256(normal).value(),
                             .image_size = normal.size()});
    }));
    author.member(key::kValidate, testing::sequence([](suit::SequenceWriter& s) {
                    s.set_component_index(0).command(command::kImageMatch, 15);
                    s.set_component_index(1).command(command::kImageMatch, 15);
                  }));
    author.member(key::kInstall, testing::sequence([](suit::SequenceWriter& s) {
                    s.set_component_index(0);
                    s.override_parameters({.uri = "#a"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                    s.set_component_index(1);
                    s.override_parameters({.uri = "#b"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                  }));
    return author.payload("#a", secure).payload("#b", normal).envelope();
  }
};

bool expect(bool holds, const char* what, uint64_t operation = 0, std::string_view loss = {}) {
  if (!holds) {
    std::fprintf(stderr, "two_images: %s (operation %llu, %.*s)\n", what, static_cast<unsigned long long>(operation),
                 static_cast<int>(loss.size()), loss.data());
  }
  return holds;
}

class Story {
 public:
  Story() {
    who_.vendor.bytes.fill(1);
    who_.device_class.bytes.fill(2);
    who_.device.bytes.fill(3);
  }

  bool is_told() {
    if (!begins()) return false;
    const testing::Cells before = flash_.cells();
    flash_.load(before, 1);
    if (!goes_through()) return false;
    const std::vector<testing::FlashOperation> operations = flash_.operations();
    testing::Cells cells = before;
    for (size_t i = 0; i < operations.size(); ++i) {
      for (const testing::Loss loss : testing::kAllLosses) {
        testing::Cells cut = cells;
        cut.cut(operations[i], loss, testing::mixed(i, static_cast<uint64_t>(loss) + 1));
        if (!survives(cut, i, testing::name_of(loss))) return false;
      }
      operations[i].is_erase ? cells.erase(operations[i].offset) : static_cast<void>(cells.program(operations[i]));
    }
    std::printf(
        "two_images: %zu flash operations, each cut in %zu ways: %llu cuts, %llu found the old pair, %llu the new one, "
        "0 a mix\n",
        operations.size(), std::size(testing::kAllLosses), static_cast<unsigned long long>(cuts_),
        static_cast<unsigned long long>(found_[1]), static_cast<unsigned long long>(found_[2]));
    return lies_are_found(before);
  }

 private:
  PairDevice device() { return {flash_, author_.anchors(), who_}; }

  bool begins() {
    PairDevice factory = device();
    const Status made = factory.provision(old_.envelope(author_, who_));
    return expect(made.ok(), made.ok() ? "" : name_of(made.error()).data()) && runs(old_);
  }
  /// One boot starts just this pair.
  bool runs(const Pair& pair) {
    flash_.restart();
    const auto running = device().boots();
    return expect(running.ok() && running->pair == pair.in_slot() && running->sequence == pair.number,
                  "another pair runs than the one that should");
  }
  /// The update without a cut: received, on trial, confirmed.
  bool goes_through() {
    const Status taken = device().receives(next_.envelope(author_, who_));
    return expect(taken.ok(), taken.ok() ? "" : name_of(taken.error()).data()) && runs(next_) &&
           expect(device().confirms().ok(), "the new pair cannot confirm itself") && runs(next_);
  }
  /// After a cut: what boots is one of the two pairs, and from there the update comes to its end.
  bool survives(const testing::Cells& cells, uint64_t operation, std::string_view loss) {
    ++cuts_;
    flash_.load(cells, operation * 31 + loss.size());
    flash_.keep_operations(false);
    bool first = true;
    for (int boot = 0; boot < 8; ++boot) {
      flash_.restart();
      const auto running = device().boots();
      if (!expect(running.ok(), "nothing boots", operation, loss)) return false;
      const bool is_old = running->pair == old_.in_slot() && running->sequence == old_.number;
      const bool is_new = running->pair == next_.in_slot() && running->sequence == next_.number;
      if (!expect(is_old != is_new, "a mix of two pairs runs", operation, loss)) return false;
      if (first) ++found_[is_new ? 2 : 1];
      first = false;
      if (is_new && !running->on_trial) return expect(flash_.violation().empty(), flash_.violation().c_str());
      const Status went_on = is_new ? device().confirms() : device().receives(next_.envelope(author_, who_));
      if (!expect(went_on.ok(), went_on.ok() ? "" : name_of(went_on.error()).data(), operation, loss)) return false;
    }
    return expect(false, "the update does not come to its end", operation, loss);
  }
  /// Either image damaged, or taken from the other version, is found at boot.
  bool lies_are_found(const testing::Cells& before) {
    constexpr uint32_t kSlotA = 22 * 256;
    for (const uint32_t at : {5U, kSecureBytes + 5U}) {
      testing::Cells cells = before;
      cells.poke(kSlotA + at, static_cast<uint8_t>(cells.peek(kSlotA + at) ^ 1));
      flash_.load(cells, 1);
      const auto running = device().boots();
      if (!expect(!running.ok() && running.error() == Error::kNoValidImage, "a damaged pair boots")) return false;
    }
    testing::Cells mixed = before;
    for (uint32_t i = 0; i < kSecureBytes; ++i) mixed.poke(kSlotA + i, next_.secure[i]);
    flash_.load(mixed, 1);
    const auto running = device().boots();
    return expect(!running.ok() && running.error() == Error::kNoValidImage, "a mix of two pairs boots");
  }

  processor::Identity who_;
  testing::Author author_;
  testing::NorFlash flash_{kGeometry};
  Pair old_{1}, next_{2};
  uint64_t cuts_ = 0;
  std::map<int, uint64_t> found_;
};

}  // namespace

int main() {
  return Story().is_told() ? 0 : 1;
}
