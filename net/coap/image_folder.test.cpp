// SPDX-License-Identifier: Apache-2.0
#include "net/coap/image_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::net {
namespace {

TEST(ImageFolder, MapsWhatIsThereAndNothingElse) {
  const TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path() / "images";
  std::filesystem::create_directory(folder);
  std::filesystem::create_directory(folder / "subfolder");
  ASSERT_TRUE(write_file(folder / "abcdefghijk", as_bytes("content")).ok());
  ASSERT_TRUE(write_file(folder / "empty", {}).ok());
  ASSERT_TRUE(write_file(folder / "with.dot", as_bytes("x")).ok());
  ASSERT_TRUE(write_file(temporary.path() / "outside", as_bytes("secret")).ok());
  std::filesystem::create_symlink(temporary.path() / "outside", folder / "link");
  ImageFolder images(folder);
  const ImageCache cache(images);

  const coap::ImmutableObject object = cache.find("abcdefghijk").value();
  EXPECT_EQ(as_text(object.body), "content");
  EXPECT_EQ(as_text(object.etag), "abcdefgh");
  EXPECT_EQ(cache.find("abcdefghijk").value().body.data(), object.body.data());
  EXPECT_TRUE(cache.find("empty").value().body.empty());
  for (const char* name :
       {"", ".", "..", "none", "with.dot", "../outside", "..%2foutside", "subfolder/x", "/etc/passwd"}) {
    EXPECT_EQ(cache.find(name).error(), Error::kNotFound) << name;
  }
  EXPECT_EQ(cache.find("link").error(), Error::kFileFailed);
  EXPECT_EQ(cache.find("subfolder").error(), Error::kFileFailed);
  EXPECT_EQ(cache.find(std::string(ImageFolder::kNameBytes + 1, 'a')).error(), Error::kNotFound);
}

TEST(ImageFolder, ADeletedImageStaysMappedUntilItIsForgotten) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path() / "image", as_bytes("content")).ok());
  ImageFolder images(folder.path());
  ImageCache cache(images);
  const ByteView body = cache.find("image").value().body;
  std::filesystem::remove(folder.path() / "image");
  images.forget("image");
  EXPECT_EQ(as_text(body), "content");
  EXPECT_TRUE(cache.find("image").ok());
  cache.forget("image");
  EXPECT_EQ(cache.find("image").error(), Error::kNotFound);
}

TEST(ImageCache, RemembersOnlySoMany) {
  const TemporaryFolder folder;
  ImageFolder images(folder.path());
  const ImageCache cache(images, 2);
  for (int round = 0; round < 2; ++round) {
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      ASSERT_TRUE(write_file(folder.path() / name, as_bytes(name)).ok());
      EXPECT_EQ(as_text(cache.find(name).value().body), name);
    }
  }
}

}  // namespace
}  // namespace tailor::net
