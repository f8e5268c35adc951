// SPDX-License-Identifier: Apache-2.0
// Takes the pieces of a request body to memory or to a file, up to a limit. Internal to the server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "hosted/file.hpp"
#include "net/http/router.hpp"

namespace tailor::http {

class BodySink {
 public:
  /// @returns kBodyTooLarge or kDiskFull at once when the announced length cannot fit
  [[nodiscard]] static Outcome<BodySink> open(const BodyPlan& plan, std::optional<uint64_t> announced_bytes);

  [[nodiscard]] Outcome<void> append(ByteView piece);
  /// Hands the body to the request; a file lives as long as this object.
  void give_to(Request& request);

 private:
  BodySink() = default;
  uint64_t max_bytes_ = 0;
  uint64_t size_ = 0;
  std::string memory_;
  std::unique_ptr<AtomicFile> file_;
};

}  // namespace tailor::http
