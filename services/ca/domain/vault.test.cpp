// SPDX-License-Identifier: Apache-2.0
#include "services/ca/domain/vault.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::ca {
namespace {

TEST(Vault, OpensForTheSameDeviceAndKeyOnly) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Vault::create_key(folder / "a").ok());
  ASSERT_TRUE(Vault::create_key(folder / "b").ok());
  const Vault a = Vault::open_key(folder / "a").value();
  const Vault b = Vault::open_key(folder / "b").value();
  const Uuid device = uuid4().value();
  const auto secret = "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"_hex;
  const Bytes sealed = a.seal(device, secret).value();
  EXPECT_TRUE(equal(a.open(device, sealed)->reveal(), secret));
  EXPECT_EQ(a.open(uuid4().value(), sealed).error().code, Error::kRecordMalformed);
  EXPECT_EQ(b.open(device, sealed).error().code, Error::kRecordMalformed);
  EXPECT_NE(a.seal(device, secret).value(), sealed) << "a nonce is used once";
}

TEST(Vault, EveryDamageIsSeen) {
  const Vault vault(SecretBytes(std::vector<uint8_t>(Vault::kKeyBytes, 7)));
  const Uuid device = uuid4().value();
  Bytes sealed = vault.seal(device, as_bytes("sixteen bytes...")).value();
  for (size_t at = 0; at < sealed.size(); ++at) {
    sealed[at] ^= 1U;
    EXPECT_FALSE(vault.open(device, sealed).ok()) << at;
    sealed[at] ^= 1U;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(vault.open(device, ByteView(sealed).first(size)).ok()) << size;
  }
  EXPECT_TRUE(vault.open(device, sealed).ok());
}

TEST(Vault, KeyFileIsPrivateAndNeverReplaced) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Vault::create_key(folder / "key").ok());
  struct stat info {};
  ASSERT_EQ(::stat((folder / "key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(Vault::create_key(folder / "key").error().code, Error::kAlreadyExists);
  EXPECT_EQ(Vault::open_key(folder / "none").error().code, Error::kNotFound);
  for (const char* text : {"", "00", "zz"}) {
    ASSERT_TRUE(write_file(folder / "bad", as_bytes(text)).ok());
    EXPECT_EQ(Vault::open_key(folder / "bad").error().code, Error::kRecordMalformed) << text;
  }
}

}  // namespace
}  // namespace tailor::ca
