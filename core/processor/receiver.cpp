// SPDX-License-Identifier: Apache-2.0
#include "core/processor/receiver.hpp"

#include <algorithm>

namespace tailor::processor {
namespace {

bool is_integrated(std::string_view uri) noexcept {
  return !uri.empty() && uri[0] == '#';
}

}  // namespace

Result<Progress> UpdateReceiver::feed(ByteView& input) noexcept {
  TAILOR_TRY(failure_);
  const auto progress = go_on(input);
  if (!progress.ok()) failure_ = progress.error();
  return progress;
}

Result<Progress> UpdateReceiver::go_on(ByteView& input) noexcept {
  for (;;) {
    TAILOR_TRY_ASSIGN(const Progress reading, reader_.feed(input, *this));
    if (reader_.manifest() == nullptr) return Progress::kNeedInput;
    if (reading == Progress::kDone && !input.empty()) return Error::kTrailingBytes;
    TAILOR_TRY(start());
    TAILOR_TRY_ASSIGN(const Progress processing, processor_.step());
    if (processing == Progress::kDone && reading != Progress::kWait) return reading;
    if (processing == Progress::kWait && !is_integrated(awaited_uri())) return Progress::kWait;
    if (reading == Progress::kDone) {
      complete_ = true;  // what is waited for will not come: the next step says so
      continue;
    }
    if (reading == Progress::kNeedInput) return Progress::kNeedInput;
    // The reader had stopped for the processor's sake, which now wants something else.
  }
}

Status UpdateReceiver::start() noexcept {
  if (started_) return kOk;
  TAILOR_TRY_ASSIGN(const ApplicableManifest applicable, processor_.check(*reader_.manifest()));
  TAILOR_TRY(platform_.accept(applicable));
  TAILOR_TRY(processor_.start(applicable, Procedure::kUpdate));
  started_ = true;
  return kOk;
}

Status UpdateReceiver::begin(std::string_view uri, uint64_t size) noexcept {
  member_uri_ = uri;
  member_size_ = size;
  position_ = 0;
  TAILOR_TRY(write({}));  // an empty payload is complete at once
  return kOk;
}

Result<size_t> UpdateReceiver::write(ByteView bytes) noexcept {
  TAILOR_TRY(start());
  offered_ = bytes;
  TAILOR_TRY_ASSIGN(const Progress progress, processor_.step());
  const bool wanted_elsewhere = progress == Progress::kWait && !is_integrated(awaited_uri());
  const bool wanted_later = progress == Progress::kWait && awaited_uri() == member_uri_;
  const size_t rest = offered_.size();
  offered_ = {};
  if (wanted_elsewhere || wanted_later) return bytes.size() - rest;
  position_ += rest;  // nobody wants it any more
  return bytes.size();
}

Status UpdateReceiver::end() noexcept {
  member_uri_ = {};
  return kOk;
}

Status UpdateReceiver::use_arguments(std::string_view uri, ByteView arguments) noexcept {
  return is_integrated(uri) ? Status(Error::kParameterUnsupported) : remote_.use_arguments(uri, arguments);
}

Result<PayloadSource::Piece> UpdateReceiver::read(std::string_view uri, uint32_t offset) noexcept {
  if (!is_integrated(uri)) return remote_.read(uri, offset);
  if (uri != member_uri_) return complete_ ? Result<Piece>(Error::kPayloadUnavailable) : Piece{};
  if (offset < position_) return Error::kPayloadUnavailable;
  const auto skipped = static_cast<size_t>(std::min<uint64_t>(offset - position_, offered_.size()));
  const ByteView bytes = offered_.subspan(skipped);
  position_ += offered_.size();
  offered_ = {};
  return Piece{bytes, position_ == member_size_};
}

}  // namespace tailor::processor
