// SPDX-License-Identifier: Apache-2.0
// HSS/LMS keys in files: what they sign verifies, each signature has its own number whatever happens to the process,
// and damaged files are refused by name.
#include "authoring/hss/hss_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "authoring/signing/key_formats.hpp"
#include "core/cose/algorithms.hpp"
#include "core/hss/verify.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::authoring {
namespace {

constexpr std::string_view kMessage = "tailor";

bool verifies(const cose::VerificationKey& key, ByteView signature) {
  hss::SignatureInMemory source(signature);
  const ByteView pieces[] = {as_bytes(kMessage)};
  return hss::verify(key.bytes(), pieces, source).ok();
}

/// The number of a signature of one level: q of its tree.
uint64_t number_of(ByteView signature) {
  return hss::read_u32(signature.data() + 4);
}

class HssKeyTest : public testing::Test {
 protected:
  cose::VerificationKey create(const std::string& levels) {
    auto created = create_hss_key(path_, parse_levels(levels).value());
    EXPECT_TRUE(created.ok()) << created.error().to_text();
    return created.value();
  }
  [[nodiscard]] Outcome<Bytes> sign() const {
    TAILOR_TRY_ASSIGN(const std::unique_ptr<SigningKey> key, open_signing_key(path_.string()));
    return key->sign(as_bytes(kMessage));
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "author.hss";
};

TEST_F(HssKeyTest, SignsUntilItIsUsedUp) {
  const cose::VerificationKey created = create("H5/W8");
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  for (uint64_t number = 0; number < 32; ++number) {
    const auto signature = sign();
    ASSERT_TRUE(signature.ok()) << signature.error().to_text();
    EXPECT_EQ(signature.value().size(), 1296U);
    EXPECT_EQ(number_of(signature.value()), number);
    EXPECT_TRUE(verifies(created, signature.value()));
  }
  const auto refused = sign();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Error::kKeyExhausted);
  EXPECT_NE(refused.error().context.find(path_.string()), std::string::npos);
}

TEST_F(HssKeyTest, IsASigningKeyLikeOthers) {
  const cose::VerificationKey created = create("H5/W4/192,H5/W8/192");
  const auto key = open_signing_key(path_.string());
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kHssLms);
  EXPECT_EQ((*key)->verification_key(), created);
  EXPECT_EQ((*key)->verification_key().bytes().size(), 52U);
  EXPECT_EQ(read_verification_key(path_).value(), created);
  for (int i = 0; i < 34; ++i) ASSERT_TRUE(verifies(created, (*key)->sign(as_bytes(kMessage)).value())) << i;
  const auto found = hss_key_status(path_, read_file(path_).value());
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->capacity, 1024U);
  EXPECT_EQ(found->left, 1024U - 34U);
  EXPECT_EQ(found->parameters, "H5/W4/192,H5/W8/192");
}

// The example of docs/formats/hss-key.md.
TEST(HssKeyFile, IsWrittenAsItsFormatSays) {
  HssKeyFile key;
  key.secret.levels = parse_levels("H5/W8").value();
  key.secret.identifier.fill(0x49);
  key.secret.seed = SecretBytes(Bytes(32, 0x53));
  LeafCache cache;
  key.public_key = hss_public_key(key.secret, cache);
  EXPECT_EQ(to_hex(encode_hss_key(key)->reveal()),
            "866e7461696c6f722d6873732d6b657901818205045049494949494949494949494949494949"
            "58205353535353535353535353535353535353535353535353535353535353535353"
            "583c00000001000000050000000449494949494949494949494949494949"
            "90acd1a9a762c6e29f881f7a5333fc09f2c61862138c806047d83d432f10405c");
  crypto::Sha256Digest digest = crypto::sha256(key.public_key).value();
  EXPECT_EQ(to_hex(encode_hss_state({.key_digest = digest, .next = 7}).value()),
            "84707461696c6f722d6873732d7374617465015820"
            "a700c97f5b37454b444d81f29ae1832ffc450e0a620f051cf9e1d7f8ebb9c2cf07");
}

TEST_F(HssKeyTest, NeverOverwritesAKeyOrAState) {
  create("H5/W8");
  const Bytes before = read_file(path_).value();
  const auto levels = parse_levels("H5/W8").value();
  EXPECT_EQ(create_hss_key(path_, levels).error().code, Error::kAlreadyExists);
  std::filesystem::remove(path_);
  EXPECT_EQ(create_hss_key(path_, levels).error().code, Error::kAlreadyExists);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(create_hss_key(folder_ / "b.hss", {}).error().code, Error::kValueOutOfRange);
  EXPECT_EQ(create_hss_key(folder_ / "none" / "b.hss", levels).error().code, Error::kFileFailed);
}

/// Takes the number and is killed before anything is made of it.
class KilledAfterReserving final : public Reservations {
 public:
  explicit KilledAfterReserving(const FileReservations& real) : real_(real) {}
  Outcome<uint64_t> reserve() override {
    auto number = real_.reserve();
    ::raise(SIGKILL);
    return number;
  }

 private:
  FileReservations real_;
};

TEST_F(HssKeyTest, AProcessKilledBetweenReservationAndOutputUsesNoNumberTwice) {
  const cose::VerificationKey created = create("H5/W8");
  std::set<uint64_t> used;
  const Bytes content = read_file(path_).value();
  const FileReservations real(path_, crypto::sha256(created.bytes()).value(), 32);
  for (uint64_t turn = 0; turn < 5; ++turn) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto key = open_hss_key(path_, content, std::make_unique<KilledAfterReserving>(real));
      static_cast<void>(key.ok() && key.value()->sign(as_bytes(kMessage)).ok());
      _exit(0);  // not reached: the reservation kills
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    const Bytes signature = sign().value();
    EXPECT_TRUE(verifies(created, signature));
    EXPECT_TRUE(used.insert(number_of(signature)).second);
    EXPECT_EQ(number_of(signature), 2 * turn + 1);  // the killed one's number is spent
  }
}

TEST_F(HssKeyTest, FilesThatAreDamagedAreRefused) {
  create("H5/W8,H5/W8");
  const Bytes good = read_file(path_).value();
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(decode_hss_key(ByteView(good).first(length)).ok()) << length;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_hss_key(longer).ok());
  // Whatever one bit does: it is refused when the file is read, or the signature is not given away.
  const auto state = FileReservations::state_path(path_);
  const Bytes first_state = read_file(state).value();
  for (size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 1U;
    ASSERT_TRUE(write_file(path_, changed, FileMode::kPrivate).ok());
    ASSERT_TRUE(write_file(state, first_state, FileMode::kPrivate).ok());
    EXPECT_FALSE(sign().ok()) << at;
  }
}

TEST_F(HssKeyTest, ACacheThatIsGoneOrDamagedChangesNothing) {
  const cose::VerificationKey created = create("H5/W8,H5/W8");
  const auto cache = std::filesystem::path(path_.string() + ".cache");
  const auto state = FileReservations::state_path(path_);
  const Bytes first_state = read_file(state).value();
  const Bytes expected = sign().value();
  EXPECT_TRUE(verifies(created, expected));
  const Bytes good = read_file(cache).value();
  std::vector<Bytes> contents{{}, Bytes(good.begin(), good.end() - 1), Bytes(100, 0x83)};
  for (size_t at = 0; at < good.size(); at += 61) {
    contents.push_back(good);
    contents.back()[at] ^= 0x10U;
  }
  for (const Bytes& content : contents) {
    ASSERT_TRUE(write_file(cache, content, FileMode::kPrivate).ok());
    ASSERT_TRUE(write_file(state, first_state, FileMode::kPrivate).ok());
    EXPECT_EQ(sign().value(), expected);  // the same upper signatures too: one root for each one-time key
    EXPECT_EQ(read_file(cache).value(), good);
  }
  std::filesystem::remove(cache);
  ASSERT_TRUE(write_file(state, first_state, FileMode::kPrivate).ok());
  EXPECT_EQ(sign().value(), expected);
}

}  // namespace
}  // namespace tailor::authoring
