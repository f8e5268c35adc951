// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz harness without a fuzzer: every file of a corpus, its prefixes, and mutations from a fixed seed, so that
// the result is the same each time. A finding is a trap or a sanitizer's abort.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// A harness may bring its own mutator, which knows the format and calls the other for what is inside.
extern "C" __attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity,
                                                                unsigned seed);
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t capacity);

namespace {

constexpr size_t kMutationsPerSeed = 2000;
constexpr size_t kPrefixes = 256;

uint64_t state = 0x9E3779B97F4A7C15U;

uint64_t next() {  // xorshift64*
  state ^= state >> 12U;
  state ^= state << 25U;
  state ^= state >> 27U;
  return state * 0x2545F4914F6CDD1DU;
}

void mutate(std::vector<uint8_t>& bytes) {
  for (uint64_t edits = 1 + next() % 4; edits > 0 && !bytes.empty(); --edits) {
    const size_t at = next() % bytes.size();
    switch (next() % 5) {
      case 0:
        bytes[at] = static_cast<uint8_t>(next());
        break;
      case 1:
        bytes[at] ^= static_cast<uint8_t>(1U << (next() % 8));
        break;
      case 2:
        bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at));
        break;
      case 3:
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), static_cast<uint8_t>(next()));
        break;
      default:
        bytes[at] = bytes[next() % bytes.size()];
    }
  }
}

void mutate_by_format(std::vector<uint8_t>& bytes) {
  const size_t size = bytes.size();
  bytes.resize(2 * size + 64);
  bytes.resize(LLVMFuzzerCustomMutator(bytes.data(), size, bytes.size(), static_cast<unsigned>(next())));
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t capacity) {
  std::vector<uint8_t> bytes(data, data + size);
  mutate(bytes);
  if (bytes.size() > capacity) bytes.resize(capacity);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.insert(entry.path());
  size_t runs = 0;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<uint8_t> seed(std::istreambuf_iterator<char>(in), {});
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    ++runs;
    for (size_t length = 0; length < seed.size() && length < kPrefixes; ++length, ++runs) {
      LLVMFuzzerTestOneInput(seed.data(), length);
    }
    for (size_t i = 0; i < kMutationsPerSeed; ++i, ++runs) {
      std::vector<uint8_t> mutant = seed;
      if (LLVMFuzzerCustomMutator != nullptr && i % 4 != 0) {
        mutate_by_format(mutant);
      } else {
        mutate(mutant);
      }
      LLVMFuzzerTestOneInput(mutant.data(), mutant.size());
    }
  }
  std::printf("%zu seeds, %zu runs\n", files.size(), runs);
  return files.empty() ? 1 : 0;
}
