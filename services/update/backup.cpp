// SPDX-License-Identifier: Apache-2.0
// See service.hpp. The store is copied first: every file that it names is there then, and a file never changes.
#include "services/update/backup.hpp"

#include <unistd.h>

#include "hosted/encoding.hpp"
#include "hosted/file.hpp"
#include "services/store/backup.hpp"

namespace tailor::update_server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStoreFile = "store.backup";
constexpr const char* kFolders[] = {"images", "envelopes"};

/// Copies the immutable files of a folder that are not there yet.
Outcome<void> copy_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return fail(Error::kFileFailed, to.string() + ": " + error.message());
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    if (!entry.is_regular_file(error)) continue;
    const fs::path target = to / entry.path().filename();
    if (fs::exists(target, error)) continue;
    TAILOR_TRY_ASSIGN(const Bytes bytes, read_file(entry.path(), SIZE_MAX));
    TAILOR_TRY(write_file(target, bytes, FileMode::kPrivate));
  }
  if (error) return fail(Error::kFileFailed, from.string() + ": " + error.message());
  return kOk;
}

}  // namespace

store::StoreConfig store_config(const UpdateServiceConfig& config) {
  store::StoreConfig out;
  out.url = config.store_url.empty() ? "sqlite:" + (config.folder / "update.db").string() : config.store_url;
  out.sessions = 8;
  return out;
}

Outcome<void> backup(const UpdateServiceConfig& config, const fs::path& target) {
  const fs::path part = target.string() + ".part";
  std::error_code error;
  if (fs::exists(target, error)) return fail(Error::kAlreadyExists, target.string());
  fs::remove_all(part, error);
  const Outcome<void> made = [&]() -> Outcome<void> {
    std::error_code failed;
    fs::create_directories(part, failed);
    if (failed) return fail(Error::kFileFailed, part.string() + ": " + failed.message());
    TAILOR_TRY(store::backup(store_config(config), (part / kStoreFile).string()));
    for (const char* folder : kFolders) TAILOR_TRY(copy_files(config.folder / folder, part / folder));
    fs::rename(part, target, failed);
    if (failed) return fail(Error::kFileFailed, target.string() + ": " + failed.message());
    return kOk;
  }();
  if (!made.ok()) fs::remove_all(part, error);
  return made;
}

Outcome<void> restore(const UpdateServiceConfig& config, const fs::path& source) {
  // Files first: a store that names a file which is not there would be worse than a file that nobody names.
  for (const char* folder : kFolders) TAILOR_TRY(copy_files(source / folder, config.folder / folder));
  return store::restore(store_config(config), (source / kStoreFile).string());
}

}  // namespace tailor::update_server
