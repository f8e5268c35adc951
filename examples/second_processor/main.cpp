// SPDX-License-Identifier: Apache-2.0
// Updates both processors in one transaction, over a bus that loses a third of what it carries, and takes away the
// power at each flash operation of either: whenever both are in service they have the same version, and the update
// comes to its end; and with a new image of the first one that is no good, both go back. Prints what was tried; the
// exit code is 0 only if that held.
#include <cstdio>
#include <string>

#include "core/update/status.hpp"
#include "examples/second_processor/board.hpp"
#include "testing/suit/author.hpp"

namespace {

using namespace second_processor;
using testing::Author;
using testing::Octets;
namespace command = suit::command;
namespace key = suit::manifest_key;

Octets image_of(const std::string& name, size_t bytes) {
  Octets image(bytes);
  for (size_t i = 0; i < bytes; ++i) image[i] = static_cast<uint8_t>(name[i % name.size()] + i / 11);
  return image;
}

Octets id_of(ByteView id) {
  return {id.begin(), id.end()};
}

/// Parameters of the component at hand.
void expects(suit::SequenceWriter& s, const Octets& content) {
  s.override_parameters(
      {.vendor = identity_of_board().vendor, .digest = crypto::sha256(content).value(), .image_size = content.size()});
}

/// The second processor's own envelope: it verifies that as any device does.
Octets envelope_of_second(const Author& signer, uint64_t number) {
  const Octets image = image_of("second" + std::to_string(number), 700);
  Author author;
  author.like(signer).number(number).named({id_of(kAppId)});
  author.shared(testing::sequence([&](suit::SequenceWriter& s) {
    expects(s, image);
    s.command(command::kVendorIdentifier, 15);
  }));
  author.member(key::kValidate,
                testing::sequence([](suit::SequenceWriter& s) { s.command(command::kImageMatch, 15); }));
  author.member(key::kInstall, testing::sequence([](suit::SequenceWriter& s) {
                  s.override_parameters({.uri = "#i"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                }));
  return author.payload("#i", image).envelope();
}

/// The board's: two components, of which one is the second processor's envelope. At boot the first one validates its
/// own.
Octets envelope_of_board(const Author& signer, uint64_t number) {
  const Octets image = image_of("main" + std::to_string(number), 800);
  const Octets second = envelope_of_second(signer, number);
  Author author;
  author.like(signer).number(number).named({id_of(kMainId), id_of(kSecondId)});
  author.shared(testing::sequence([&](suit::SequenceWriter& s) {
    s.set_component_index(0);
    expects(s, image);
    s.command(command::kVendorIdentifier, 15);
    s.set_component_index(1);
    expects(s, second);
  }));
  author.member(key::kValidate, testing::sequence([](suit::SequenceWriter& s) {
                  s.set_component_index(0).command(command::kImageMatch, 15);
                }));
  author.member(key::kInstall, testing::sequence([](suit::SequenceWriter& s) {
                  s.set_component_index(1);
                  s.override_parameters({.uri = "#a"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                  s.set_component_index(0);
                  s.override_parameters({.uri = "#b"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                }));
  return author.payload("#a", second).payload("#b", image).envelope();
}

bool expect(bool holds, const std::string& what) {
  if (!holds) std::fprintf(stderr, "second_processor: %s\n", what.c_str());
  return holds;
}

/// Lives until both have version `wanted`, confirmed. Whatever is in service on the way has one version.
bool comes_to(Board& board, const Octets& offered, uint64_t wanted, const std::string& where) {
  std::string last;
  for (int life = 0; life < 12; ++life) {
    board.power_on();
    const auto service = board.lives(offered, 2);
    if (!service.ok()) {
      last = name_of(service.error());
      continue;
    }
    if (!expect(service->first.sequence == service->second.sequence, where + ": a mix is in service")) return false;
    if (service->first.sequence != wanted) continue;
    const auto report = Board::report(*service);
    const auto told = report.ok() ? update::decode_status(*report) : Result<update::DeviceStatus>(report.error());
    return expect(told.ok() && told->components.size() == 2 && told->components[1].sequence_number == wanted,
                  where + ": the report does not have the second processor's version");
  }
  return expect(false, where + ": the update does not come to its end; " + last);
}

/// A board with version 1 on both.
struct Start {
  Start() : board(author.anchors()) {}
  Author author;
  Board board;
};

}  // namespace

int main() {
  Start start;
  Board& board = start.board;
  const Octets offered = envelope_of_board(start.author, 2);
  const Status made = board.provision(envelope_of_board(start.author, 1));
  if (!expect(made.ok(), made.ok() ? "" : std::string(name_of(made.error())))) return 1;
  const auto first = board.first.flash.snapshot();
  const auto second = board.second.flash.snapshot();
  const auto begin_again = [&] {
    board.power_on();
    board.first.flash.restore(first);
    board.second.flash.restore(second);
  };
  const uint64_t first_before = board.first.flash.operations(), second_before = board.second.flash.operations();
  if (!comes_to(board, offered, 2, "without a cut")) return 1;
  const uint64_t counts[] = {board.first.flash.operations() - first_before,
                             board.second.flash.operations() - second_before};
  uint64_t cuts = 0;
  for (const testing::Cut cut : testing::kAllCuts) {
    for (int which = 0; which < 2; ++which) {
      for (uint64_t at = 1; at <= counts[which]; ++at) {
        begin_again();
        testing::FakeFlash& flash = which == 0 ? board.first.flash : board.second.flash;
        const std::string where = std::string(which == 0 ? "first" : "second") + ", operation " + std::to_string(at);
        // Lives up to the cut; what comes after it is comes_to().
        const uint64_t operation = flash.operations();
        flash.cut_power_at(at, cut);
        for (int life = 0; life < 6 && flash.has_power(); ++life) {
          const auto service = board.lives(offered, 2);
          if (service.ok() && !expect(service->first.sequence == service->second.sequence, where + ": a mix")) return 1;
        }
        cuts += flash.operations() - operation >= at ? 1 : 0;
        if (!comes_to(board, offered, 2, where)) return 1;
        if (!expect(flash.violation().empty(), flash.violation())) return 1;
      }
    }
  }
  // A new image of the first processor that is no good: both go back, and stay there.
  begin_again();
  if (!expect(board.lives(offered, 2, false).ok(), "the update is not taken")) return 1;
  const auto trial = board.lives({}, 1, false);
  if (!expect(!trial.ok() && trial.error() == Error::kTrialNotConfirmed, "there is no trial that could fail")) return 1;
  const auto back = board.lives({}, 1);
  if (!expect(back.ok() && back->first.sequence == 1 && back->second.sequence == 1, "they do not both go back"))
    return 1;
  std::printf(
      "second_processor: %llu cuts over %llu and %llu flash operations, a third of all messages lost: 0 mixes in "
      "service\n",
      static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(counts[0]),
      static_cast<unsigned long long>(counts[1]));
  return 0;
}
