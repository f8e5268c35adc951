// SPDX-License-Identifier: Apache-2.0
// The bus between the processors: requests and answers, each of which may be lost or come twice; and the second
// processor at its end. The first one is its status tracker and its firmware server.
#pragma once

#include <optional>

#include "examples/second_processor/node.hpp"

namespace second_processor {

enum class Call : uint8_t { kStatus = 1, kBegin, kData, kEnd, kInstall, kStart, kConfirm };

/// What the second processor tells of itself.
struct SecondStatus {
  boot::Phase phase = boot::Phase::kIdle;
  uint64_t candidate = 0;  ///< sequence number of what is received, installed or on trial
  Running running;         ///< after kStart
};

/// The second processor: its boot program, which waits to be told what to start, and its application.
class Second {
 public:
  explicit Second(Node& node) : node_(node) {}
  /// Answers a request: [number, call, ...]. One that comes again gets the same answer.
  std::vector<uint8_t> answer(ByteView request);

 private:
  Status handle(Call call, ByteView argument, SecondStatus& status);

  Node& node_;
  std::optional<Reception> reception_;
  uint32_t position_ = 0;
  Running running_;
  std::vector<uint8_t> last_answer_;
};

/// The first processor's end of it.
class Bus {
 public:
  Bus(Second& second, uint64_t seed, unsigned loss_percent) : second_(second), random_(seed), loss_(loss_percent) {}
  /// Asks until there is an answer. @returns kTimeout after 60 tries; what the second processor answered
  Result<SecondStatus> ask(Call call, ByteView argument = {});
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  bool loses();
  Second& second_;
  uint64_t random_;
  unsigned loss_;
  uint64_t lost_ = 0;
  uint8_t number_ = 0;
};

/// A component of the first processor's manifest whose content is the second one's envelope, and goes over the bus as
/// it comes. It is digested on its way; what the second processor makes of it, it verifies itself.
class RemoteComponent final : public processor::Component {
 public:
  explicit RemoteComponent(Bus& bus) : bus_(bus), hash_(std::in_place, crypto::HashAlgorithm::kSha256) {}
  Result<uint32_t> open(const processor::Expectation&) noexcept override;
  Status write(uint32_t offset, ByteView bytes) noexcept override;
  Status finish(uint32_t size) noexcept override;
  Result<uint32_t> size() noexcept override { return size_; }
  Result<size_t> read(uint32_t, MutableBytes) noexcept override { return size_t{0}; }
  Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept override;

 private:
  Bus& bus_;
  std::optional<crypto::Hash> hash_;
  crypto::Sha256Digest digest_{};
  uint32_t size_ = 0;
};

}  // namespace second_processor
