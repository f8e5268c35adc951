// SPDX-License-Identifier: Apache-2.0
#include "hosted/secret.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "hosted/log.hpp"

namespace tailor {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(Streamable<std::string>, "the check itself can succeed");
static_assert(!Streamable<SecretString> && !Streamable<SecretBytes>);
static_assert(fmt::is_formattable<std::string>::value);
static_assert(!fmt::is_formattable<SecretString>::value && !fmt::is_formattable<SecretBytes>::value);
static_assert(std::is_constructible_v<LogField, const char*, std::string>);
static_assert(!std::is_constructible_v<LogField, const char*, SecretString>);
static_assert(!std::is_constructible_v<LogField, const char*, SecretBytes>);
static_assert(!std::is_convertible_v<SecretString, std::string> &&
              !std::is_convertible_v<SecretString, std::string_view>);
static_assert(!std::is_copy_constructible_v<SecretString> && !std::is_copy_assignable_v<SecretBytes>);

TEST(Secret, KeepsItsContentThroughMovesAndEmptiesTheSource) {
  SecretString first("open sesame");
  SecretString second(std::move(first));
  EXPECT_EQ(second.reveal(), "open sesame");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  SecretString third;
  third = second.clone();
  EXPECT_EQ(third.reveal(), "open sesame");
  EXPECT_EQ(second.reveal(), "open sesame");
}

TEST(Secret, SizedSecretStartsAsZeroesAndCanBeFilled) {
  SecretBytes bytes = SecretBytes::of_size(3);
  EXPECT_TRUE(equal(bytes.reveal(), "00 00 00"_hex));
  bytes.reveal_mutable()[1] = 7;
  EXPECT_TRUE(equal(bytes.clone().reveal(), "00 07 00"_hex));
}

}  // namespace
}  // namespace tailor
