// SPDX-License-Identifier: Apache-2.0
// See bus.hpp.
#include "examples/second_processor/bus.hpp"

#include <algorithm>

#include "device/storage/flash_region.hpp"

namespace second_processor {
namespace {

constexpr size_t kAnswerBytes = 20;

}  // namespace

std::vector<uint8_t> Second::answer(ByteView request) {
  if (!last_answer_.empty() && last_answer_[0] == request[0]) return last_answer_;
  SecondStatus status;
  const Status done = handle(static_cast<Call>(request[1]), request.subspan(2), status);
  boot::BootControl control(node_.layout());
  if (control.open().ok()) {
    status.phase = control.boot_data().phase;
    status.candidate = control.candidate().sequence;
  }
  last_answer_.assign(kAnswerBytes, 0);
  last_answer_[0] = request[0];
  last_answer_[1] = done.ok() ? uint8_t{0} : static_cast<uint8_t>(done.error());
  last_answer_[2] = static_cast<uint8_t>(status.phase);
  last_answer_[3] = running_.on_trial ? 1 : 0;
  put_le<uint64_t>(&last_answer_[4], status.candidate);
  put_le<uint64_t>(&last_answer_[12], running_.sequence);
  return last_answer_;
}

Status Second::handle(Call call, ByteView argument, SecondStatus&) {
  boot::BootControl control(node_.layout());
  switch (call) {
    case Call::kStatus:
      return kOk;
    case Call::kBegin:
      reception_.emplace(node_, nullptr);
      position_ = 0;
      return reception_->open();
    case Call::kData: {
      if (!reception_.has_value() || argument.size() < 4 || get_le<uint32_t>(argument.data()) != position_) {
        return Error::kStateConflict;
      }
      position_ += static_cast<uint32_t>(argument.size() - 4);
      return reception_->take(argument.subspan(4));
    }
    case Call::kEnd: {
      if (!reception_.has_value()) return Error::kStateConflict;
      const Status ended = reception_->end();
      reception_.reset();
      return ended;
    }
    case Call::kInstall:
      TAILOR_TRY(control.open());
      return control.boot_data().phase == boot::Phase::kInstall ? Status(kOk) : control.install();
    case Call::kStart: {
      if (argument.size() != 1) return Error::kValueOutOfRange;
      if (argument[0] == 0) TAILOR_TRY(node_.holds_back());
      TAILOR_TRY_ASSIGN(running_, node_.boots());
      return kOk;
    }
    case Call::kConfirm:
      TAILOR_TRY(control.open());
      TAILOR_TRY(control.confirm());
      running_.on_trial = false;
      return kOk;
  }
  return Error::kValueOutOfRange;
}

bool Bus::loses() {
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  const bool lost = (random_ >> 33U) % 100 < loss_;
  lost_ += lost ? 1 : 0;
  return lost;
}

Result<SecondStatus> Bus::ask(Call call, ByteView argument) {
  std::vector<uint8_t> request{++number_, static_cast<uint8_t>(call)};
  request.insert(request.end(), argument.begin(), argument.end());
  for (int attempt = 0; attempt < 60; ++attempt) {
    if (loses()) continue;
    std::vector<uint8_t> answer = second_.answer(request);
    if (loses()) continue;
    if (loses()) answer = second_.answer(request);  // it came twice
    if (answer[1] != 0) return error_from_code(answer[1]);
    return SecondStatus{static_cast<boot::Phase>(answer[2]),
                        get_le<uint64_t>(&answer[4]),
                        {get_le<uint64_t>(&answer[12]), answer[3] != 0}};
  }
  return Error::kTimeout;
}

Result<uint32_t> RemoteComponent::open(const processor::Expectation&) noexcept {
  size_ = 0;
  hash_.emplace(crypto::HashAlgorithm::kSha256);
  TAILOR_TRY(bus_.ask(Call::kBegin));
  return uint32_t{0};
}

Status RemoteComponent::write(uint32_t offset, ByteView bytes) noexcept {
  constexpr size_t kMessageBytes = 48;
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kMessageBytes));
    std::vector<uint8_t> argument(4);
    put_le<uint32_t>(argument.data(), offset);
    argument.insert(argument.end(), piece.begin(), piece.end());
    TAILOR_TRY(bus_.ask(Call::kData, argument));
    TAILOR_TRY(hash_->update(piece));
    offset += static_cast<uint32_t>(piece.size());
    bytes = bytes.subspan(piece.size());
  }
  return kOk;
}

Status RemoteComponent::finish(uint32_t size) noexcept {
  TAILOR_TRY(hash_->finish(digest_));
  TAILOR_TRY(bus_.ask(Call::kEnd));
  size_ = size;
  return kOk;
}

Result<ByteView> RemoteComponent::digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept {
  if (size_ == 0) return Error::kStateConflict;
  if (algorithm != crypto::HashAlgorithm::kSha256) return Error::kAlgorithmUnsupported;
  return copy_into(digest, digest_);
}

}  // namespace second_processor
