// SPDX-License-Identifier: Apache-2.0
// What a manifest costs: splitting the envelope, authenticating it and interpreting it, on a device whose components
// and payloads cost nothing. bench/suit_bench.py has callgrind count the instructions of suit_bench_measured(); alone,
// this prints microseconds.
//
//   suit_process ENVELOPE update|invoke KEY VENDOR CLASS SECONDS [@ID SIZE DIGEST | =URI SIZE]...
//
// KEY is a file with a COSE_Key; ID (encoded), DIGEST, VENDOR and CLASS are hexadecimal.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "core/cose/key.hpp"
#include "core/processor/processor.hpp"
#include "testing/suit/known_keys.hpp"
#include "testing/vectors/vectors.hpp"

namespace {

using namespace tailor;
using testing::Octets;

struct NullComponent final : processor::Component {
  Result<uint32_t> open(const processor::Expectation&) noexcept override { return uint32_t{0}; }
  Status write(uint32_t, ByteView) noexcept override { return kOk; }
  Status finish(uint32_t) noexcept override { return kOk; }
  Result<uint32_t> size() noexcept override { return present_size; }
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override {
    const size_t size = std::min<size_t>(out.size(), present_size - std::min(offset, present_size));
    std::fill_n(out.begin(), size, uint8_t{0});
    return size;
  }
  Result<ByteView> digest(crypto::HashAlgorithm, MutableBytes out) noexcept override {
    std::copy(claim.begin(), claim.end(), out.begin());
    return ByteView(out).first(claim.size());
  }

  Octets id, claim;
  uint32_t present_size = 0;
};

struct NullDevice final : processor::Platform, processor::PayloadSource, processor::Authorization {
  const processor::Identity& identity() const noexcept override { return who; }
  processor::Component* find_component(ByteView id) noexcept override {
    for (NullComponent& component : components) {
      if (equal(component.id, id)) return &component;
    }
    return nullptr;
  }
  Result<uint64_t> sequence_number(ByteView) noexcept override { return uint64_t{0}; }
  Status invoke(processor::Component&, ByteView) noexcept override { return kOk; }
  Result<Piece> read(std::string_view uri, uint32_t) noexcept override {
    const auto found = payloads.find(uri);
    if (found == payloads.end()) return Error::kPayloadUnavailable;
    return Piece{found->second, true};
  }
  Status permits(std::span<const cose::VerificationKey* const>, ByteView, processor::Action) const noexcept override {
    return kOk;
  }

  processor::Identity who;
  std::vector<NullComponent> components;
  std::map<std::string, Octets, std::less<>> payloads;
};

/// Everything between the octets of the envelope and the verdict.
Status process(ByteView bytes, const suit::TrustAnchors& anchors, processor::Procedure procedure, NullDevice& device) {
  constexpr suit::Leniency kExamples{.legacy_algorithms = true};
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, suit::Envelope::from_bytes(bytes));
  TAILOR_TRY_ASSIGN(const suit::AuthenticManifest authentic, suit::authenticate(envelope, anchors, kExamples));
  processor::Processor processor({device, device, device});
  TAILOR_TRY_ASSIGN(const processor::ApplicableManifest applicable, processor.check(authentic));
  TAILOR_TRY(processor.start(applicable, procedure));
  TAILOR_TRY_ASSIGN(const Progress progress, processor.step());
  return progress == Progress::kDone ? kOk : Status(Error::kTimeout);
}

template <size_t N>
void copy_hex(const char* text, std::array<uint8_t, N>& out) {
  const Octets bytes = testing::from_hex(text);
  std::copy_n(bytes.begin(), std::min(bytes.size(), N), out.begin());
}

}  // namespace

// C linkage gives callgrind a name to collect in.
extern "C" __attribute__((noinline)) void suit_bench_measured(ByteView bytes, const suit::TrustAnchors& anchors,
                                                              processor::Procedure procedure, NullDevice& device) {
  const Status status = process(bytes, anchors, procedure, device);
  if (status.ok()) return;
  std::fprintf(stderr, "suit_process: refused: %s\n", std::string(name_of(status.error())).c_str());
  std::exit(1);
}

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fprintf(stderr, "usage: suit_process ENVELOPE update|invoke KEY VENDOR CLASS SECONDS [...]\n");
    return 2;
  }
  const Octets envelope = testing::read_octets(argv[1]);
  const auto procedure =
      std::string_view(argv[2]) == "invoke" ? processor::Procedure::kInvoke : processor::Procedure::kUpdate;
  const Octets key = testing::read_octets(argv[3]);
  const testing::KnownKeys anchors({cose::decode_key(key).value().key});
  NullDevice device;
  copy_hex(argv[4], device.who.vendor.bytes);
  copy_hex(argv[5], device.who.device_class.bytes);
  for (int i = 7; i + 1 < argc; ++i) {
    const auto size = static_cast<uint32_t>(std::atoi(argv[i + 1]));
    if (argv[i][0] == '=') {
      device.payloads[argv[i] + 1] = Octets(size);
      i += 1;
    } else {
      device.components.emplace_back();
      device.components.back().id = testing::from_hex(argv[i] + 1);
      device.components.back().present_size = size;
      device.components.back().claim = testing::from_hex(argv[i + 2]);
      i += 2;
    }
  }
  if (!process(envelope, anchors, procedure, device).ok()) return 1;  // OpenSSL sets itself up at the first call
  const double seconds = std::atof(argv[6]);
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  size_t runs = 0;
  std::chrono::duration<double> spent{};
  do {
    suit_bench_measured(envelope, anchors, procedure, device);
    ++runs;
    spent = Clock::now() - start;
  } while (spent.count() < seconds);
  std::printf("%.3f\n", spent.count() * 1e6 / static_cast<double>(runs));
  return 0;
}
