// SPDX-License-Identifier: Apache-2.0
// What every backend promises of content encryption and key wrap beyond published vectors: sizes, order of calls,
// damaged input.
#include "core/crypto/content.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tailor::crypto {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr ContentAlgorithm kAll[] = {ContentAlgorithm::kA128Ctr,         ContentAlgorithm::kA192Ctr,
                                     ContentAlgorithm::kA256Ctr,         ContentAlgorithm::kA128Gcm,
                                     ContentAlgorithm::kA192Gcm,         ContentAlgorithm::kA256Gcm,
                                     ContentAlgorithm::kChaCha20Poly1305};

class Content : public testing::TestWithParam<ContentAlgorithm> {
 protected:
  const ContentAlgorithm algorithm_ = GetParam();
  const ContentSizes sizes_ = content_sizes(GetParam());
  const Bytes key_ = Bytes(sizes_.key, 0x11);
  const Bytes iv_ = Bytes(sizes_.iv, 0x22);
  const Bytes additional_ = sizes_.tag != 0 ? Bytes(5, 0x33) : Bytes{};

  [[nodiscard]] Bytes sealed(const Bytes& plain) const {
    Bytes out(plain.size() + sizes_.tag);
    EXPECT_TRUE(encrypt_content(algorithm_, key_, iv_, additional_, plain, out).ok());
    return out;
  }
  [[nodiscard]] Status open(const Bytes& sealed, const Bytes& additional) const {
    ContentDecryption decryption;
    TAILOR_TRY(decryption.start(algorithm_, key_, iv_, additional));
    const size_t text = sealed.size() - sizes_.tag;
    Bytes out(text);
    TAILOR_TRY(decryption.update(ByteView{sealed}.first(text), out));
    return decryption.finish(ByteView{sealed}.subspan(text));
  }
};

TEST_P(Content, EncryptedInPlaceIsDecryptedInPlaceForEveryLength) {
  for (size_t length = 0; length <= 70; ++length) {
    const Bytes plain(length, 0x42);
    Bytes memory = plain;
    memory.resize(length + sizes_.tag);
    const auto written = encrypt_content(algorithm_, key_, iv_, additional_, ByteView{memory}.first(length), memory);
    ASSERT_TRUE(written.ok());
    ASSERT_EQ(written->size(), memory.size());
    ContentDecryption decryption;
    ASSERT_TRUE(decryption.start(algorithm_, key_, iv_, additional_).ok());
    const auto opened = decryption.update(ByteView{memory}.first(length), MutableBytes{memory}.first(length));
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(equal(*opened, plain));
    ASSERT_TRUE(decryption.finish(ByteView{memory}.subspan(length)).ok()) << length;
  }
}

TEST_P(Content, EveryChangedBitIsRefusedByAnAead) {
  const Bytes message = sealed(Bytes(20, 0x42));
  ASSERT_TRUE(open(message, additional_).ok());
  if (sizes_.tag == 0) return;
  for (size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes changed = message;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_EQ(open(changed, additional_).error(), Error::kSignatureInvalid) << bit;
  }
  EXPECT_EQ(open(message, Bytes(4, 0x33)).error(), Error::kSignatureInvalid);
}

TEST_P(Content, WrongSizesAreRefused) {
  ContentDecryption decryption;
  Bytes longer = key_;
  longer.push_back(0);
  for (const ByteView key : {ByteView{key_}.first(sizes_.key - 1U), ByteView{longer}, ByteView{}}) {
    EXPECT_EQ(decryption.start(algorithm_, key, iv_, {}).error(), Error::kValueOutOfRange);
  }
  Bytes long_iv = iv_;
  long_iv.push_back(0);
  for (const ByteView iv : {ByteView{iv_}.first(sizes_.iv - 1U), ByteView{long_iv}, ByteView{}}) {
    EXPECT_EQ(decryption.start(algorithm_, key_, iv, {}).error(), Error::kValueOutOfRange);
  }
  const Bytes plain(3, 1);
  Bytes out(plain.size() + sizes_.tag);
  EXPECT_EQ(encrypt_content(algorithm_, key_, iv_, {}, plain, MutableBytes{out}.first(out.size() - 1)).error(),
            Error::kBufferTooSmall);
  ASSERT_TRUE(decryption.start(algorithm_, key_, iv_, {}).ok());
  EXPECT_EQ(decryption.update(plain, MutableBytes{out}.first(2)).error(), Error::kBufferTooSmall);
  if (sizes_.tag == 0) {
    EXPECT_EQ(decryption.start(algorithm_, key_, iv_, plain).error(), Error::kValueOutOfRange);
  }
}

TEST_P(Content, TagsOfAnotherSizeAreRefused) {
  const Bytes message = sealed({});
  for (size_t size = 0; size <= 17; ++size) {
    if (size == sizes_.tag) continue;
    ContentDecryption decryption;
    ASSERT_TRUE(decryption.start(algorithm_, key_, iv_, additional_).ok());
    Bytes tag = message;
    tag.resize(size);
    EXPECT_EQ(decryption.finish(tag).error(), Error::kSignatureInvalid) << size;
  }
}

TEST_P(Content, CallsOutOfOrderAreRefused) {
  ContentDecryption decryption;
  Bytes out(4);
  EXPECT_EQ(decryption.update(Bytes(4), out).error(), Error::kStateConflict);
  EXPECT_EQ(decryption.finish({}).error(), Error::kStateConflict);
  const Bytes message = sealed(Bytes(4, 7));
  for (int turn = 0; turn < 2; ++turn) {  // an object may be used again
    ASSERT_TRUE(decryption.start(algorithm_, key_, iv_, additional_).ok());
    ASSERT_TRUE(decryption.update(ByteView{message}.first(4), out).ok());
    EXPECT_EQ(out, Bytes(4, 7));
    ASSERT_TRUE(decryption.finish(ByteView{message}.subspan(4)).ok());
    EXPECT_EQ(decryption.update(ByteView{message}.first(4), out).error(), Error::kStateConflict);
    EXPECT_EQ(decryption.finish(ByteView{message}.subspan(4)).error(), Error::kStateConflict);
  }
  // A start that failed leaves nothing started.
  ASSERT_TRUE(decryption.start(algorithm_, key_, iv_, additional_).ok());
  EXPECT_FALSE(decryption.start(algorithm_, {}, iv_, additional_).ok());
  EXPECT_EQ(decryption.update(ByteView{message}.first(4), out).error(), Error::kStateConflict);
}

INSTANTIATE_TEST_SUITE_P(All, Content, testing::ValuesIn(kAll), [](const auto& test) {
  const auto number = static_cast<int>(test.param);
  return std::string(number < 0 ? "Minus" : "Algorithm") + std::to_string(number < 0 ? -number : number);
});

TEST(ContentEncryption, NumbersThatAreNoAlgorithmAreRefused) {
  for (const int32_t number : {0, 4, 10, 25, -65531, -65535}) {
    ContentDecryption decryption;
    const auto algorithm = static_cast<ContentAlgorithm>(number);
    EXPECT_EQ(decryption.start(algorithm, Bytes(16), Bytes(12), {}).error(), Error::kAlgorithmUnsupported) << number;
    Bytes out(16);
    EXPECT_EQ(encrypt_content(algorithm, Bytes(16), Bytes(12), {}, {}, out).error(), Error::kAlgorithmUnsupported);
  }
}

TEST(KeyWrap, WrappedIsUnwrappedAndEveryChangedBitIsRefused) {
  for (const size_t kek_bytes : {16U, 24U, 32U}) {
    for (size_t key_bytes = 16; key_bytes <= kMaxWrappedKeyBytes; key_bytes += 8) {
      const Bytes kek(kek_bytes, 0x17);
      const Bytes key(key_bytes, 0x2a);
      Bytes wrapped(key_bytes + kKeyWrapBytes);
      ASSERT_TRUE(wrap_key(kek, key, wrapped).ok());
      Bytes out(key_bytes);
      const auto unwrapped = unwrap_key(kek, wrapped, out);
      ASSERT_TRUE(unwrapped.ok());
      EXPECT_TRUE(equal(*unwrapped, key));
      for (size_t bit = 0; bit < wrapped.size() * 8; bit += (key_bytes == 16 ? 1 : 31)) {
        Bytes changed = wrapped;
        changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
        Bytes room(key_bytes, 0xee);
        ASSERT_EQ(unwrap_key(kek, changed, room).error(), Error::kSignatureInvalid) << bit;
        for (const uint8_t byte : room) ASSERT_TRUE(byte == 0 || byte == 0xee);
      }
    }
  }
}

TEST(KeyWrap, WrongSizesAreRefused) {
  Bytes out(128);
  for (const size_t kek_bytes : {0U, 15U, 17U, 33U}) {
    EXPECT_EQ(wrap_key(Bytes(kek_bytes), Bytes(16), out).error(), Error::kValueOutOfRange);
    EXPECT_EQ(unwrap_key(Bytes(kek_bytes), Bytes(24), out).error(), Error::kValueOutOfRange);
  }
  for (const size_t key_bytes : {0U, 8U, 15U, 17U, 72U}) {
    EXPECT_EQ(wrap_key(Bytes(16), Bytes(key_bytes), out).error(), Error::kValueOutOfRange) << key_bytes;
    EXPECT_EQ(unwrap_key(Bytes(16), Bytes(key_bytes + 8), out).error(), Error::kValueOutOfRange) << key_bytes;
  }
  EXPECT_EQ(unwrap_key(Bytes(16), {}, out).error(), Error::kValueOutOfRange);
  EXPECT_EQ(wrap_key(Bytes(16), Bytes(16), MutableBytes{out}.first(23)).error(), Error::kBufferTooSmall);
  EXPECT_EQ(unwrap_key(Bytes(16), Bytes(24), MutableBytes{out}.first(15)).error(), Error::kBufferTooSmall);
}

}  // namespace
}  // namespace tailor::crypto
