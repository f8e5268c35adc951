// SPDX-License-Identifier: Apache-2.0
// Request bodies on their way in.
#include "net/http/body_sink.hpp"

#include <system_error>

namespace tailor::http {

Outcome<BodySink> BodySink::open(const BodyPlan& plan, std::optional<uint64_t> announced_bytes) {
  BodySink sink;
  sink.max_bytes_ = plan.max_bytes;
  if (announced_bytes && *announced_bytes > plan.max_bytes) {
    return fail(Error::kBodyTooLarge, "the limit is " + std::to_string(plan.max_bytes) + " bytes");
  }
  if (plan.folder.empty()) return sink;
  std::error_code error;
  const auto space = std::filesystem::space(plan.folder, error);
  if (!error && announced_bytes && *announced_bytes > space.available) {
    return fail(Error::kDiskFull, "body is larger than the free space");
  }
  TAILOR_TRY_ASSIGN(AtomicFile file, AtomicFile::create(plan.folder / "upload", FileMode::kPrivate));
  sink.file_ = std::make_unique<AtomicFile>(std::move(file));
  return sink;
}

Outcome<void> BodySink::append(ByteView piece) {
  if (piece.size() > max_bytes_ - size_) {
    return fail(Error::kBodyTooLarge, "the limit is " + std::to_string(max_bytes_) + " bytes");
  }
  size_ += piece.size();
  if (file_) return file_->append(piece);
  memory_.append(as_text(piece));
  return kOk;
}

void BodySink::give_to(Request& request) {
  request.content_length = size_;
  if (file_) {
    request.body_file = file_->temporary_path();
  } else {
    request.body = std::move(memory_);
  }
}

}  // namespace tailor::http
