// SPDX-License-Identifier: Apache-2.0
#include "tests/suit/vector_case.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace tailor::conformance {

namespace fs = std::filesystem;

fs::path VectorCase::folder() {
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  return fs::path(source == nullptr ? "." : source) / "tests/vectors/suit";
}

VectorCase VectorCase::read(const std::string& name) {
  const fs::path at = folder() / name;
  const Json file = Json::parse(testing::read_text(at / "case.json"));
  const Json& device = file.at("device");
  return {name, testing::read_octets(at / "envelope.suit"), device, file.at("expected"), device.at("procedure")};
}

std::vector<VectorCase> VectorCase::all() {
  std::vector<VectorCase> cases;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (fs::exists(entry.path() / "case.json")) cases.push_back(read(entry.path().filename()));
  }
  return cases;
}

std::unique_ptr<trial::Recipient> declare(const Json& state) {
  auto made = trial::recipient_from_json(state);
  if (!made.ok()) throw std::runtime_error(made.error().to_text());
  return std::move(made).value();
}

Octets octets(const Json& text) {
  return testing::from_hex(text.get<std::string>());
}

void expect_as_stated(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const VectorCase one = VectorCase::read(name);
    const auto ran = trial::run(one.envelope, one.device);
    ASSERT_TRUE(ran.ok()) << ran.error().to_text();
    const Json& result = *ran;
    EXPECT_EQ(result.at("verdict"), one.expected.at("verdict"));
    EXPECT_EQ(result.at("invoked"), one.expected.at("invoked"));
    const Json& reason = one.expected.at("reason");
    const Json reasons = reason.is_array() ? reason : Json::array({reason});
    EXPECT_NE(std::find(reasons.begin(), reasons.end(), result.at("reason")), reasons.end()) << result.at("reason");
    for (size_t i = 0; i < one.expected.at("components").size(); ++i) {
      const Json& content = one.expected.at("components").at(i).at("content");
      if (content.is_null()) continue;
      EXPECT_EQ(result.at("components").at(i).at("content"), content);
    }
  }
}

}  // namespace tailor::conformance
