// SPDX-License-Identifier: Apache-2.0
// The surroundings of a posix device, out of a text file that whoever knows them writes: a supply's daemon, a gateway,
// a test. It is read anew each time it is asked, so that it may change while an update waits.
#pragma once

#include <optional>
#include <string>

#include "tailor/port/surroundings.h"

namespace tailor::posix {

/// Lines of the file, each at most once but `device`; what has no line is not known for the moment:
///
///     power on            # or off
///     battery 1200        # mWh
///     device 0a1b2c 1.4.0 # another device: its identifier in hexadecimal, its version
class SurroundingsFile {
 public:
  /// @param path           empty: power, battery and other devices do not exist here
  /// @param local_offset_s what local time is ahead of UTC; absent: no time zone is configured
  SurroundingsFile(std::string path, std::optional<int32_t> local_offset_s);
  SurroundingsFile(const SurroundingsFile&) = delete;
  SurroundingsFile& operator=(const SurroundingsFile&) = delete;
  [[nodiscard]] const tailor_surroundings_t& port() const noexcept { return port_; }

 private:
  [[nodiscard]] std::optional<std::string> find(const std::string& name) const;

  std::string path_;
  std::optional<int32_t> local_offset_s_;
  tailor_surroundings_t port_{};
};

}  // namespace tailor::posix
