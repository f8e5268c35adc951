// SPDX-License-Identifier: Apache-2.0
#include "core/suit/envelope_reader.hpp"

#include <algorithm>
#include <memory>

#include "core/cbor/utf8.hpp"

namespace tailor::suit {

static_assert(std::is_trivially_destructible_v<AuthenticManifest>);

EnvelopeReader::EnvelopeReader(MutableBytes buffer, const TrustAnchors& anchors, const Leniency& leniency) noexcept
    : buffer_(buffer), anchors_(anchors), leniency_(leniency) {}

Result<Progress> EnvelopeReader::feed(ByteView& input, MemberSink& sink) noexcept {
  TAILOR_TRY(failure_);
  const auto progress = run(input, sink);
  if (!progress.ok()) failure_ = progress.error();
  return progress;
}

Status EnvelopeReader::finish() const noexcept {
  TAILOR_TRY(failure_);
  return state_ == State::kDone ? Status(kOk) : Status(Error::kTruncated);
}

Result<Progress> EnvelopeReader::run(ByteView& input, MemberSink& sink) noexcept {
  while (state_ != State::kDone) {
    if (state_ <= State::kValueHead && state_ != State::kUri) {
      cbor::Head head;
      TAILOR_TRY_ASSIGN(const bool complete, take_head(input, head));
      if (!complete) return Progress::kNeedInput;
      switch (state_) {
        case State::kTag:
          TAILOR_TRY(take_tag(head));
          break;
        case State::kMap:
          TAILOR_TRY(take_map(head));
          break;
        case State::kKey:
          TAILOR_TRY(take_key(head));
          break;
        default:
          TAILOR_TRY(take_value_head(head, sink));
      }
      if (value_left_ != 0 || state_ <= State::kValueHead) continue;
    }
    ByteView part = input.first(static_cast<size_t>(std::min<uint64_t>(value_left_, input.size())));
    if (state_ == State::kStreamed && !part.empty()) {
      TAILOR_TRY_ASSIGN(const size_t taken, sink.write(part));
      if (taken > part.size()) return Error::kInternal;
      input = input.subspan(taken);
      value_left_ -= taken;
      if (taken < part.size()) return Progress::kWait;
    } else {
      TAILOR_TRY(state_ == State::kDigested ? hash_->update(part) : hold(part));
      input = input.subspan(part.size());
      value_left_ -= part.size();
    }
    if (value_left_ != 0) return Progress::kNeedInput;
    if (state_ == State::kUri) {
      TAILOR_TRY(take_uri());
      continue;
    }
    if (state_ == State::kHeld) TAILOR_TRY(finish_held());
    if (state_ == State::kDigested) TAILOR_TRY(finish_digested());
    if (state_ == State::kStreamed) TAILOR_TRY(sink.end());
    TAILOR_TRY(next_member());
  }
  return Progress::kDone;
}

Result<bool> EnvelopeReader::take_head(ByteView& input, cbor::Head& head) noexcept {
  while (!input.empty()) {
    head_[head_size_++] = input[0];
    input = input.subspan(1);
    const Status status = cbor::decode_head(ByteView(head_, head_size_), head);
    if (status.ok()) {
      head_size_ = 0;
      return true;
    }
    if (status.error() != Error::kTruncated) return status.error();
  }
  return false;
}

Status EnvelopeReader::take_tag(const cbor::Head& head) noexcept {
  if (leniency_.untagged_envelope && head.type == cbor::Type::kMap) return take_map(head);
  if (head.type != cbor::Type::kTag || head.argument != kEnvelopeTag) return Error::kEnvelopeUntagged;
  state_ = State::kMap;
  return kOk;
}

Status EnvelopeReader::take_map(const cbor::Head& head) noexcept {
  if (head.type != cbor::Type::kMap) return Error::kCborWrongType;
  members_left_ = head.argument;
  if (members_left_ < 2) return Error::kMissingKey;
  state_ = State::kKey;
  return kOk;
}

// Order and uniqueness: integers ascend and stand before texts; texts are compared when they are complete.
Status EnvelopeReader::take_key(const cbor::Head& head) noexcept {
  if (head.type == cbor::Type::kText) {
    if (!is_authentic_) return Error::kMissingKey;
    if (head.argument == 0 || head.argument > limits::kUriBytes) return Error::kValueOutOfRange;
    manifest_.close();
    key_ = 0;
    value_left_ = head.argument;
    item_ = held_;
    state_ = State::kUri;
    return kOk;
  }
  if (head.type != cbor::Type::kUnsigned) return Error::kCborWrongType;
  if (head.argument > INT8_MAX) return Error::kUnknownKey;
  const auto key = static_cast<int8_t>(head.argument);
  const int8_t previous = key_;
  if (previous == 0 && is_authentic_) return Error::kCborNotCanonical;
  if (key == previous) return Error::kDuplicateKey;
  if (key < previous) return Error::kCborNotCanonical;
  key_ = key;
  state_ = State::kValueHead;
  if (previous == 0 && key == envelope_key::kAuthentication) return kOk;
  if (previous == envelope_key::kAuthentication && key == envelope_key::kManifest) return kOk;
  if (previous >= envelope_key::kManifest && is_severable(key)) return kOk;
  if (previous < envelope_key::kManifest && key >= envelope_key::kAuthentication) return Error::kMissingKey;
  return Error::kUnknownKey;
}

Status EnvelopeReader::take_uri() noexcept {
  const size_t size = held_ - item_;
  const ByteView uri = ByteView(buffer_).subspan(item_, size);
  if (!cbor::is_utf8(uri)) return Error::kCborMalformed;
  const ByteView previous = uri_ == 0 ? ByteView{} : ByteView(buffer_).subspan(uri_, item_ - uri_);
  // Encoded texts are ordered by length first.
  if (size < previous.size()) return Error::kCborNotCanonical;
  if (size == previous.size()) TAILOR_TRY(cbor::check_key_order(previous, uri));
  if (uri_ == 0) uri_ = item_;
  std::memmove(buffer_.data() + uri_, uri.data(), size);
  held_ = uri_ + size;
  state_ = State::kValueHead;
  return kOk;
}

Status EnvelopeReader::take_value_head(const cbor::Head& head, MemberSink& sink) noexcept {
  if (head.type != cbor::Type::kBytes) return Error::kCborWrongType;
  value_left_ = head.argument;
  if (key_ == 0) {
    state_ = State::kStreamed;
    return sink.begin(as_text(ByteView(buffer_).subspan(uri_, held_ - uri_)), head.argument);
  }
  uint8_t encoded[cbor::kMaxHeadBytes];
  const ByteView item_head(encoded, cbor::encode_head(head.type, head.argument, encoded));
  if (is_descriptive(key_)) return begin_digest(item_head);
  state_ = State::kHeld;
  item_ = held_;
  TAILOR_TRY(hold(item_head));
  if (head.argument > buffer_.size() - held_) return Error::kManifestTooLarge;
  return kOk;
}

Status EnvelopeReader::begin_digest(ByteView head) noexcept {
  const Member member = manifest_.manifest().member(key_);
  TAILOR_TRY(member.check_severed());
  void* place = buffer_.data() + held_;
  size_t room = buffer_.size() - held_;
  if (std::align(alignof(crypto::Hash), sizeof(crypto::Hash), place, room) == nullptr) return Error::kManifestTooLarge;
  hash_ = std::construct_at(static_cast<crypto::Hash*>(place), member.algorithm);
  state_ = State::kDigested;
  return hash_->update(head);
}

Status EnvelopeReader::finish_digested() noexcept {
  const Status held = finish_digest(*hash_, manifest_.manifest().member(key_).digest(), Error::kSeveredDigestMismatch);
  drop_hash();
  return held;
}

void EnvelopeReader::drop_hash() noexcept {
  if (hash_ != nullptr) std::destroy_at(hash_);
  hash_ = nullptr;
}

Status EnvelopeReader::finish_held() noexcept {
  const ByteView item = ByteView(buffer_).subspan(item_, held_ - item_);
  if (key_ == envelope_key::kAuthentication) return kOk;
  if (key_ != envelope_key::kManifest) return manifest_.attach(key_, item);
  const ByteView authentication = cbor::Reader(ByteView(buffer_).first(item_)).bytes();
  new (&manifest_) AuthenticManifest;
  TAILOR_TRY(manifest_.authenticate(authentication, item, anchors_, leniency_));
  is_authentic_ = true;
  return kOk;
}

Status EnvelopeReader::next_member() noexcept {
  --members_left_;
  state_ = State::kKey;
  if (members_left_ != 0) return kOk;
  if (!is_authentic_) return Error::kMissingKey;
  manifest_.close();
  state_ = State::kDone;
  return kOk;
}

Status EnvelopeReader::hold(ByteView bytes) noexcept {
  if (bytes.size() > buffer_.size() - held_) return Error::kManifestTooLarge;
  if (!bytes.empty()) std::memcpy(buffer_.data() + held_, bytes.data(), bytes.size());
  held_ += bytes.size();
  return kOk;
}

}  // namespace tailor::suit
