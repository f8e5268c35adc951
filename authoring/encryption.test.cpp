// SPDX-License-Identifier: Apache-2.0
// What is encrypted here is decrypted by the device's own decryptor, for each kind of recipient and cipher.
#include "authoring/encryption.hpp"

#include <gtest/gtest.h>

#include "authoring/model/cbor_item.hpp"
#include "authoring/testing.hpp"
#include "core/suit/payload_decryptor.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::authoring {
namespace {

Bytes symmetric_key(size_t bytes) {
  return cbor_map({{cbor_int(1), cbor_int(4)},
                   {cbor_int(2), cbor_bytes(as_bytes("kek"))},
                   {cbor_int(-1), cbor_bytes(Bytes(bytes, 9))}});
}

Bytes decrypt(const EncryptedImage& encrypted, suit::DecryptionKeyKind kind, ByteView secret, ByteView key_id) {
  const suit::DecryptionKeyTable::Row row{key_id, suit::ContentDecryptionKey::from_bytes(kind, secret).value()};
  const suit::DecryptionKeyTable keys({&row, 1});
  const auto info = suit::decode_encryption_info(encrypted.info);
  EXPECT_TRUE(info.ok());
  suit::PayloadDecryptor decryptor;
  EXPECT_TRUE(decryptor.start(*info, keys).ok());
  Bytes out(encrypted.ciphertext.size());
  const auto plain = decryptor.update(encrypted.ciphertext, out);
  EXPECT_TRUE(plain.ok());
  out.resize(plain->size());
  EXPECT_TRUE(decryptor.finish().ok());
  return out;
}

TEST(Encryption, DevicesDecryptIt) {
  const TemporaryFolder folder;
  const Bytes image(1000, 0x42);
  for (const size_t size : {16U, 32U}) {
    ASSERT_TRUE(write_file(folder / "kek.cbor", symmetric_key(size)).ok());
    std::vector<RecipientKey> recipients;
    recipients.push_back(read_recipient_key(folder / "kek.cbor").value());
    for (const auto algorithm : {crypto::ContentAlgorithm::kA128Ctr, crypto::ContentAlgorithm::kA128Gcm,
                                 crypto::ContentAlgorithm::kA256Ctr, crypto::ContentAlgorithm::kChaCha20Poly1305}) {
      const auto encrypted = encrypt_image(algorithm, recipients, image);
      ASSERT_TRUE(encrypted.ok()) << encrypted.error().context;
      EXPECT_NE(encrypted->ciphertext, image);
      EXPECT_EQ(decrypt(*encrypted, suit::DecryptionKeyKind::kAesKw, Bytes(size, 9), as_bytes("kek")), image);
    }
  }
}

TEST(Encryption, ForTheHolderOfAPrivateKey) {
  const TemporaryFolder folder;
  const auto secret = crypto::generate_p256().value();
  const auto open = crypto::public_key_of(secret).value();
  const Bytes key = cbor_map({{cbor_int(1), cbor_int(2)},
                              {cbor_int(-1), cbor_int(1)},
                              {cbor_int(-2), cbor_bytes(ByteView(open.xy).first(32))},
                              {cbor_int(-3), cbor_bytes(ByteView(open.xy).last(32))}});
  ASSERT_TRUE(write_file(folder / "device.cbor", key).ok());
  std::vector<RecipientKey> recipients;
  recipients.push_back(read_recipient_key(folder / "device.cbor").value());
  const Bytes image(77, 1);
  const auto encrypted = encrypt_image(crypto::ContentAlgorithm::kA128Gcm, recipients, image);
  ASSERT_TRUE(encrypted.ok()) << encrypted.error().context;
  EXPECT_EQ(decrypt(*encrypted, suit::DecryptionKeyKind::kP256, secret.secret_scalar(), {}), image);
}

TEST(Encryption, RefusesOtherKeys) {
  const TemporaryFolder folder;
  const Bytes rows[] = {
      bytes_of("00"_hex),
      bytes_of("a0"_hex),
      cbor_map({{cbor_int(1), cbor_int(5)}}),
      cbor_map({{cbor_int(1), cbor_int(4)}}),
      cbor_map({{cbor_int(1), cbor_int(2)}, {cbor_int(-1), cbor_int(2)}}),
      cbor_map({{cbor_int(1), cbor_int(1)}, {cbor_int(-1), cbor_int(6)}, {cbor_int(-2), cbor_bytes(Bytes(32))}}),
  };
  for (const Bytes& row : rows) {
    ASSERT_TRUE(write_file(folder / "key", row).ok());
    EXPECT_EQ(read_recipient_key(folder / "key").error().code, Error::kCoseUnsupported) << to_hex(row);
  }
  EXPECT_EQ(read_recipient_key(folder / "absent").error().code, Error::kFileFailed);
  ASSERT_TRUE(write_file(folder / "key", symmetric_key(17)).ok());
  std::vector<RecipientKey> recipients;
  recipients.push_back(read_recipient_key(folder / "key").value());
  EXPECT_FALSE(encrypt_image(crypto::ContentAlgorithm::kA128Gcm, recipients, Bytes(1)).ok());
  EXPECT_FALSE(encrypt_image(crypto::ContentAlgorithm::kA128Gcm, {}, Bytes(1)).ok());
}

}  // namespace
}  // namespace tailor::authoring
