// SPDX-License-Identifier: Apache-2.0
// Descriptions as files: each template becomes an envelope in which the walk finds nothing, and what is wrong with a
// description is said with line and key.
#include "authoring/description_file.hpp"

#include <gtest/gtest.h>

#include "authoring/manifest.hpp"
#include "authoring/testing.hpp"
#include "authoring/walk/flow.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::authoring {
namespace {

class DescriptionFile : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"fw.bin", "b.bin", "fw.enc", "fw.info"}) {
      ASSERT_TRUE(write_file(folder_ / name, as_bytes(std::string("content of ") + name)).ok());
    }
    // a COSE_Encrypt as firmware-encryption lays it out: A128GCM, one recipient with A128KW
    ASSERT_TRUE(write_file(folder_ / "tag.cbor", "a1 01 60"_hex).ok());
    ASSERT_TRUE(write_file(folder_ / "fw.info",
                           "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a20122044131"
                           "581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"_hex)
                    .ok());
  }
  Outcome<ManifestDescription> read(const std::string& text, const char* name = "d.toml") {
    EXPECT_TRUE(write_file(folder_ / name, as_bytes(text)).ok());
    return read_description(folder_ / name);
  }
  Outcome<Bytes> create(const std::string& text) {
    TAILOR_TRY_ASSIGN(const ManifestDescription description, read(text));
    return create_envelope(description);
  }
  TemporaryFolder folder_;
};

const std::string kHead = "vendor = \"example.com\"\nclass = \"bulb\"\nsequence = 7\n";

/// Commands of a section by name, in order.
std::string commands(const Walked& walked, int64_t section) {
  std::string out;
  for (const Step& step : flow_of(walked).steps) {
    if (step.section != section) continue;
    out += (out.empty() ? "" : " ") + std::string(short_name(step.command->element->name));
    if (step.command->key != suit::command::kSetComponentIndex) out += std::to_string(step.component);
  }
  return out;
}

TEST_F(DescriptionFile, Templates) {
  ASSERT_TRUE(
      write_file(folder_ / "author.suit",
                 create(kHead + "invoke = \"app\"\n[[components]]\nimage = \"fw.bin\"\noverridable = true\n").value())
          .ok());
  const struct {
    const char* name;
    std::string text;
    std::string install;
    std::string fetch;
  } rows[] = {
      {"single", "[[components]]\nimage = \"fw.bin\"\nuri = \"coaps://x/fw\"\n",
       "override-parameters0 fetch0 image-match0", ""},
      {"slots",
       "[[components]]\n[[components.slots]]\nslot = 0\nimage = \"fw.bin\"\n[[components.slots]]\nslot = 1\nimage = "
       "\"b.bin\"\n",
       "try-each0 override-parameters0 component-slot0 override-parameters0 override-parameters0 component-slot0 "
       "override-parameters0 fetch0 image-match0",
       ""},
      {"several", "[[components]]\nid = \"a\"\nimage = \"fw.bin\"\n[[components]]\nid = \"b\"\nimage = \"b.bin\"\n",
       "set-component-index override-parameters0 fetch0 image-match0 set-component-index override-parameters1 fetch1 "
       "image-match1",
       ""},
      {"encrypted",
       "[[components]]\nimage = \"fw.bin\"\nciphertext = \"fw.enc\"\nencryption_info = \"fw.info\"\nstaging = "
       "\"enc\"\n",
       "set-component-index override-parameters0 copy0 image-match0",
       "set-component-index override-parameters1 fetch1 image-match1"},
      {"encrypted content",
       "[[components]]\nimage = \"fw.bin\"\nciphertext = \"fw.enc\"\nencryption_info = \"fw.info\"\ncontent = true\n",
       "override-parameters0 write0 image-match0", ""},
      {"differential",
       "[[components]]\nid = \"app/patch\"\nimage = \"b.bin\"\n[[components]]\nid = \"app\"\npresent = true\n"
       "image = \"fw.bin\"\nprecursor = \"fw.bin\"\n",
       "set-component-index override-parameters1 image-match1 override-parameters1 set-component-index "
       "override-parameters0 fetch0 image-match0",
       ""},
      {"distributor",
       "manifest_component = \"root\"\n[[dependencies]]\nid = \"author\"\nenvelope = \"author.suit\"\nintegrated = "
       "true\n"
       "[[components]]\nid = \"app\"\nby_dependency = true\nuri = \"coaps://cache/fw\"\n",
       "set-component-index override-parameters0 set-component-index dependency-integrity1 process-dependency1", ""},
      {"texts and CoSWID",
       "coswid = \"tag.cbor\"\n[[components]]\nimage = \"fw.bin\"\nintegrated = true\n[text]\nversion = \"1.2\"\n",
       "override-parameters0 fetch0 image-match0", ""},
      {"conditions",
       "[[components]]\nimage = \"fw.bin\"\n[conditions]\ndevice = \"11111111-2222-4333-8444-555555555555\"\n"
       "use_before = \"2027-01-01T00:00:00Z\"\nminimum_battery = 50\npriority = 1\nversion = \">=1.2\"\n"
       "[conditions.wait]\nauthorization = 1\nday_of_week = 6\n",
       "override-parameters0 use-before0 minimum-battery0 version0 update-authorized0 override-parameters0 wait0 "
       "override-parameters0 fetch0 image-match0",
       ""},
  };
  for (const auto& row : rows) {
    const auto envelope = create(kHead + row.text);
    ASSERT_TRUE(envelope.ok()) << row.name << ": " << envelope.error().context;
    const Walked walked = walk_envelope(*envelope);
    EXPECT_TRUE(walked.check().ok()) << row.name << ": " << walked.check().error().context;
    EXPECT_EQ(commands(walked, suit::manifest_key::kInstall), row.install) << row.name;
    EXPECT_EQ(commands(walked, suit::manifest_key::kPayloadFetch), row.fetch) << row.name;
  }
}

TEST_F(DescriptionFile, JsonSaysTheSame) {
  const auto toml = read(
      kHead +
      "set_version = \"1.2-rc.1\"\nsever = [\"install\"]\ndigest = \"sha384\"\n[[components]]\nimage = \"fw.bin\"\n");
  const auto json = read(R"({"vendor": "example.com", "class": "bulb", "sequence": 7, "set_version": "1.2-rc.1",
      "sever": ["install"], "digest": "sha384", "components": [{"image": "fw.bin"}]})",
                         "d.json");
  ASSERT_TRUE(toml.ok()) << toml.error().context;
  ASSERT_TRUE(json.ok()) << json.error().context;
  EXPECT_EQ(create_envelope(*toml).value(), create_envelope(*json).value());
  EXPECT_EQ(toml->components[0].digest.bytes.size(), 48U);
}

TEST_F(DescriptionFile, SaysWhatIsWrong) {
  const struct {
    std::string text;
    const char* says;
  } rows[] = {
      {"class = \"bulb\"\nsequence = 1\n", "vendor is missing"},
      {"vendor = \"v\"\nclass = \"c\"\n", "sequence: is missing"},
      {kHead, "a manifest needs a component"},
      {kHead + "speed = 1\n", ":4: unknown key speed"},
      {kHead + "[[components]]\n", "components.image: is missing"},
      {kHead + "[[components]]\nimage = \"none\"\n", "none"},
      {kHead + "[[components]]\nid = \"a//b\"\nimage = \"fw.bin\"\n", ":5: components.id: 'a//b' is no component"},
      {kHead + "[[components]]\nimage_digest = \"00\"\nimage_size = 1\n", "no digest of its image"},
      {kHead + "[[components]]\nimage_digest = \"x\"\nimage_size = 1\n", "image_digest: is not hexadecimal"},
      {kHead + "digest = \"md5\"\n[[components]]\nimage = \"fw.bin\"\n", ":4: digest: 'md5' is not supported"},
      {kHead + "sever = [\"validate\"]\n[[components]]\nimage = \"fw.bin\"\n", "'validate' cannot be severed"},
      {kHead + "invoke = \"b\"\n[[components]]\nimage = \"fw.bin\"\n", "'b' is no component of this update"},
      {kHead + "set_version = \"x\"\n[[components]]\nimage = \"fw.bin\"\n", "'x' is no version"},
      {kHead + "[[components]]\nimage = \"fw.bin\"\n[conditions]\nuse_before = \"soon\"\n", "use_before: is no time"},
      {kHead + "[[components]]\nimage = \"fw.bin\"\n[conditions]\nversion = \"1\"\n", "does not begin with"},
      {kHead + "[[components]]\nimage = \"fw.bin\"\nencryption_info = \"fw.info\"\n", "ciphertext: is missing"},
      {kHead + "[[components]]\nimage = \"fw.bin\"\nencryption_info = \"fw.info\"\nciphertext = \"fw.enc\"\n",
       "staging"},
      {kHead + "[[components]]\n[[components.slots]]\nslot = 0\nimage = \"fw.bin\"\n", "one slot is no choice"},
      {kHead + "[[dependencies]]\nid = \"a\"\nenvelope = \"fw.bin\"\nuri = \"/x\"\n", "fw.bin: at byte 4"},
      {kHead + "coswid = \"fw.bin\"\n[[components]]\nimage = \"fw.bin\"\n", "coswid: no concise SWID tag"},
      {kHead + "coswid = \"fw.info\"\n[[components]]\nimage = \"fw.bin\"\n", "RFC 9393 2.3"},
      {kHead + "[[components]]\nimage = \"fw.bin\"\nby_dependency = true\n", "there is no dependency"},
  };
  for (const auto& row : rows) {
    const auto made = create(row.text);
    ASSERT_FALSE(made.ok()) << row.text;
    EXPECT_NE(made.error().context.find(row.says), std::string::npos) << row.says << " / " << made.error().context;
  }
  EXPECT_EQ(read_description(folder_ / "absent.toml").error().code, Error::kFileFailed);
  EXPECT_EQ(read_description(folder_ / "absent.json").error().code, Error::kFileFailed);
}

}  // namespace
}  // namespace tailor::authoring
