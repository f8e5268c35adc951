// SPDX-License-Identifier: Apache-2.0
// Manifests a second on one core: reading and authenticating an envelope (one ESP256 signature), and reading it alone.
// The envelope is a minimal signed one.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>

#include "core/suit/authentication.hpp"
#include "core/suit/envelope.hpp"
#include "testing/suit/author.hpp"

namespace {

using namespace tailor;

struct Rate {
  double a_second;
  double microseconds;
};

Rate measure(const std::function<bool()>& once) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(2);
  size_t done = 0;
  while (Clock::now() < end) {
    for (int i = 0; i < 16; ++i, ++done) {
      if (!once()) {
        std::fprintf(stderr, "manifest_verify: a valid envelope was refused\n");
        std::exit(1);
      }
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return {static_cast<double>(done) / seconds, seconds * 1e6 / static_cast<double>(done)};
}

}  // namespace

int main(int argc, char** argv) {
  testing::Author author;
  author.components(1).number(7).shared(testing::sequence([](suit::SequenceWriter&) {}));
  const testing::Octets envelope = author.envelope();

  const Rate verify = measure([&] {
    const auto parsed = suit::Envelope::from_bytes(envelope);
    return parsed.ok() && suit::authenticate(*parsed, author.anchors(), suit::kStrict).ok();
  });
  const Rate read = measure([&] {
    const auto parsed = suit::Envelope::from_bytes(envelope);
    return parsed.ok();
  });
  std::printf("%-34s %12s %12s\n", "one core", "a second", "us each");
  std::printf("%-34s %12.0f %12.2f\n", "read and authenticate (ESP256)", verify.a_second, verify.microseconds);
  std::printf("%-34s %12.0f %12.3f\n", "split the envelope", read.a_second, read.microseconds);
  if (argc == 3 && std::strcmp(argv[1], "--json") == 0) {
    std::ofstream(argv[2]) << "{\"verify_per_second\": " << verify.a_second
                           << ", \"split_per_second\": " << read.a_second << "}\n";
  }
  return 0;
}
