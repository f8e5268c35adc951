// SPDX-License-Identifier: Apache-2.0
// For tests: owned bytes from literals, and the official SUIT files where they are on this machine.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "hosted/encoding.hpp"
#include "hosted/file.hpp"

namespace tailor::authoring {

inline Bytes bytes_of(ByteView view) {
  return Bytes(view.begin(), view.end());
}

/// The folder of published vectors: $TAILOR_VECTORS, else beside the sources.
inline std::filesystem::path vectors_folder() {
  if (const char* folder = std::getenv("TAILOR_VECTORS")) return folder;
  const char* sources = std::getenv("TAILOR_SOURCE_DIR");
  return std::filesystem::path(sources == nullptr ? "." : sources) / ".." / "shared" / "vectors";
}

/// A file of the SUIT vectors, or nothing where the folder is absent.
inline std::optional<Bytes> suit_vector(const std::string& name) {
  Outcome<Bytes> bytes = read_file(vectors_folder() / "suit" / name);
  if (!bytes.ok()) return std::nullopt;
  return std::move(bytes).value();
}

}  // namespace tailor::authoring
