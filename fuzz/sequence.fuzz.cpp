// SPDX-License-Identifier: Apache-2.0
// A command sequence in a manifest that a trusted author signs anew each time, so that the interpreter is reached: the
// whole recipient ends with a verdict, and uses components only as their contract allows (they trap otherwise). The
// first octet chooses the section. The mutator works on commands: their lengths stay right, their order does not.
#include "core/cose/key.hpp"
#include "fuzz/command_mutator.hpp"
#include "testing/suit/author.hpp"
#include "trial/device_state.hpp"

using namespace tailor;

namespace {

constexpr int8_t kSections[] = {7, 8, 9, 15, 16, 18, 20, 24};

trial::Json state_for(const testing::Author& author) {
  std::array<uint8_t, cose::kMaxKeyBytes> buffer;
  const auto key = cose::encode_key({crypto::public_key_of(author.key()).value(), {}, 0}, buffer);
  const trial::Json old = {{"content", "00112233"}, {"version", {1, 2, 3}}, {"capacity", 4096}};
  trial::Json state = trial::Json::parse(
      R"({"vendor": "00000000-0000-0000-0000-000000000000", "class": "00000000-0000-0000-0000-000000000000",
          "device": "00000000-0000-0000-0000-000000000000", "payloads": {"p": "0011223344", "#p": "00"},
          "time": 1700000000, "time_offset": 0, "battery_mwh": 9, "authorization": "yes",
          "events": {"1": "yes", "2": "yes", "3": "later"}, "fetch_arguments": {"p": "61"}})");
  state["trusted"] = trial::Json::array({{{"key", to_hex(*key)}}});
  for (const char* id : {"00", "01", "02"}) {
    state["components"].push_back(old);
    state["components"].back()["id"] = trial::Json::array({id});
  }
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::Author signer;
  static const trial::Json state = state_for(signer);
  if (size < 2 || size > 1500) return 0;
  testing::Author author = signer;
  author.components(3);
  const int8_t chosen = kSections[data[0] % std::size(kSections)];
  for (const int8_t key : kSections) {
    if (key == chosen) author.member(key, testing::Octets(data + 1, data + size));
    if (key != chosen && (key == 7 || key == 9 || key == 20)) author.member(key, {0x80});
  }
  const auto device = trial::recipient_from_json(state);
  const char* procedure = chosen == 8 || chosen == 9 ? "invoke" : chosen == 7 ? "validate" : "update";
  (void)(*device)->receive(author.envelope(), procedure, 64);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  return fuzzing::mutate_commands(data, size, capacity, seed);
}
