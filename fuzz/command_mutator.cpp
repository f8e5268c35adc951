// SPDX-License-Identifier: Apache-2.0
#include "fuzz/command_mutator.hpp"

#include <algorithm>
#include <vector>

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/suit/labels.hpp"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t capacity);

namespace tailor::fuzzing {
namespace {

using Octets = std::vector<uint8_t>;
struct Command {
  int64_t label;
  Octets argument;
};

constexpr int64_t kLabels[] = {1,  2,  3,  4,  5,  6,  7,  8,  11, 12, 14, 15, 18, 19, 20,
                               21, 22, 23, 24, 25, 26, 27, 28, 29, 31, 32, 33, 34, 35, -257};
constexpr size_t kMaxCommands = 40;

std::vector<Command> commands_of(ByteView sequence) {
  std::vector<Command> commands;
  cbor::Reader reader(sequence);
  const auto count = reader.take_array();
  for (size_t i = 0; count.ok() && i + 1 < *count; i += 2) {
    const auto label = reader.take_int();
    const auto argument = reader.take_item();
    if (!label.ok() || !argument.ok()) break;
    commands.push_back({*label, Octets(argument->begin(), argument->end())});
  }
  return commands;
}

Octets sequence_of(const std::vector<Command>& commands) {
  Octets buffer(65536);
  cbor::Writer writer(buffer);
  writer.put_array(2 * commands.size());
  for (const Command& command : commands) writer.put_int(command.label).put_encoded(command.argument);
  const auto bytes = writer.finish();
  return bytes.ok() ? Octets(bytes->begin(), bytes->end()) : Octets{0x80};
}

/// Sequences inside try-each and run-sequence are bent as sequences; other arguments byte by byte.
void bend(Command& command, unsigned seed) {
  cbor::Reader reader(command.argument);
  if (command.label == suit::command::kRunSequence && seed % 3 != 0) {
    const auto inner = reader.take_bytes();
    if (!inner.ok()) return;
    Octets nested(2 * inner->size() + 64);
    nested[0] = 0;
    std::copy(inner->begin(), inner->end(), nested.begin() + 1);
    const size_t size = mutate_commands(nested.data(), inner->size() + 1, nested.size(), seed / 3);
    Octets wrapped(size + 16);
    cbor::Writer writer(wrapped);
    writer.put_bytes(ByteView(nested).subspan(1, size - 1));
    const auto bytes = writer.finish();
    if (bytes.ok()) command.argument.assign(bytes->begin(), bytes->end());
    return;
  }
  Octets bytes = command.argument;
  const size_t size = bytes.size();
  bytes.resize(size + 16);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
  cbor::Reader whole(bytes);
  if (whole.take_item().ok() && whole.at_end()) command.argument = bytes;
}

}  // namespace

size_t mutate_commands(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  if (size < 2 || seed % 16 == 0) return LLVMFuzzerMutate(data, size, capacity);
  std::vector<Command> commands = commands_of(ByteView(data + 1, size - 1));
  const size_t at = commands.empty() ? 0 : (seed >> 8U) % commands.size();
  const size_t other = commands.empty() ? 0 : (seed >> 16U) % commands.size();
  const int64_t label = kLabels[(seed >> 12U) % std::size(kLabels)];
  switch (commands.empty() ? 0 : seed % 7) {
    case 0:
      commands.insert(commands.begin() + static_cast<ptrdiff_t>(at), Command{label, {static_cast<uint8_t>(seed % 16)}});
      break;
    case 1:
      commands.erase(commands.begin() + static_cast<ptrdiff_t>(at));
      break;
    case 2:
      std::swap(commands[at], commands[other]);
      break;
    case 3:
      commands.insert(commands.begin() + static_cast<ptrdiff_t>(at), Command(commands[other]));
      break;
    case 4: {  // around the others, as a sequence inside a sequence
      const Octets inner = sequence_of({commands[at], commands[other]});
      Octets wrapped(inner.size() + 16);
      cbor::Writer writer(wrapped);
      const auto bytes = writer.put_bytes(inner).finish();
      if (bytes.ok()) commands[at] = {suit::command::kRunSequence, Octets(bytes->begin(), bytes->end())};
      break;
    }
    default:
      bend(commands[at], seed >> 4U);
  }
  if (commands.size() > kMaxCommands) commands.resize(kMaxCommands);
  const Octets mutated = sequence_of(commands);
  if (mutated.size() + 1 > capacity) return size;
  std::copy(mutated.begin(), mutated.end(), data + 1);
  return mutated.size() + 1;
}

}  // namespace tailor::fuzzing
