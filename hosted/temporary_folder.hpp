// SPDX-License-Identifier: Apache-2.0
// A folder for one test or one short job, removed with everything in it when the object goes.
#pragma once

#include <filesystem>

namespace tailor {

class TemporaryFolder {
 public:
  /// Makes a new folder under the system's temporary folder; throws std::filesystem::filesystem_error when it cannot.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace tailor
