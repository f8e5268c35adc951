// SPDX-License-Identifier: Apache-2.0
// Files that commands read and write, with the failures a person at a terminal expects: an input that is missing is
// unreadable, an output that exists is not overwritten by accident.
#pragma once

#include <filesystem>
#include <string>

#include "authoring/key_file.hpp"
#include "core/crypto/crypto.hpp"
#include "hosted/encoding.hpp"
#include "hosted/file.hpp"

namespace tailor::cli {

/// Largest input: an envelope with an image inside, or an image.
inline constexpr size_t kInputBytes = 256U << 20U;

/// Reads an input file. @returns kFileFailed when there is none, kBodyTooLarge
[[nodiscard]] Outcome<Bytes> read_input(const std::filesystem::path& path);

enum class Overwrite : uint8_t { kRefuse, kAllow };

/// Writes an output file, wholly or not at all.
/// @returns kAlreadyExists with kRefuse when the file is there
[[nodiscard]] Outcome<void> write_output(const std::filesystem::path& path, ByteView content, FileMode mode,
                                         Overwrite overwrite);

/// One of several outputs that belong together.
struct Output {
  std::filesystem::path path;
  ByteView content;
  FileMode mode = FileMode::kPublic;
};
/// Writes all of them, or none.
/// @returns kAlreadyExists with kRefuse when one of the files is there
[[nodiscard]] Outcome<void> write_outputs(std::initializer_list<Output> outputs, Overwrite overwrite);

using authoring::read_public_key;

/// Reads a P-256 private key from PEM.
[[nodiscard]] Outcome<crypto::P256PrivateKey> read_private_key(const std::filesystem::path& path);

}  // namespace tailor::cli
