// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include "pki/key.hpp"

namespace tailor::cli {

Outcome<Bytes> read_input(const std::filesystem::path& path) {
  Outcome<Bytes> bytes = read_file(path, kInputBytes);
  if (!bytes.ok() && bytes.error().code == Error::kNotFound) return fail(Error::kFileFailed, bytes.error().context);
  return bytes;
}

Outcome<void> write_output(const std::filesystem::path& path, ByteView content, FileMode mode, Overwrite overwrite) {
  std::error_code ignored;  // a path that cannot be looked at cannot be written either, and the write says why
  if (overwrite == Overwrite::kRefuse && std::filesystem::exists(path, ignored)) {
    return fail(Error::kAlreadyExists, path.string() + " exists; choose another name or remove it");
  }
  Outcome<void> written = write_file(path, content, mode);
  if (!written.ok() && written.error().code == Error::kNotFound) {
    return fail(Error::kFileFailed, written.error().context);
  }
  return written;
}

Outcome<void> write_outputs(std::initializer_list<Output> outputs, Overwrite overwrite) {
  const auto beside = [](const Output& output) { return std::filesystem::path(output.path.string() + ".new"); };
  std::error_code error;
  const auto write_beside = [&]() -> Outcome<void> {
    for (const Output& output : outputs) {
      if (overwrite == Overwrite::kRefuse && std::filesystem::exists(output.path, error)) {
        return fail(Error::kAlreadyExists, output.path.string() + " exists; choose another name or remove it");
      }
      TAILOR_TRY(write_output(beside(output), output.content, output.mode, Overwrite::kAllow));
    }
    return kOk;
  };
  const Outcome<void> written = write_beside();
  for (const Output& output : outputs) {
    if (written.ok()) {
      std::filesystem::rename(beside(output), output.path, error);
      if (error) return fail(Error::kFileFailed, output.path.string() + ": " + error.message());
    } else {
      std::filesystem::remove(beside(output), error);
    }
  }
  return written;
}

Outcome<crypto::P256PrivateKey> read_private_key(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const Bytes content, read_input(path));
  TAILOR_TRY_ASSIGN(const pki::PrivateKey key,
                    with_context(pki::PrivateKey::from_pem(as_text(content)), path.string()));
  return key.to_core();
}

}  // namespace tailor::cli
