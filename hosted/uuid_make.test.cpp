// SPDX-License-Identifier: Apache-2.0
#include "hosted/uuid_make.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tailor {
namespace {

TEST(UuidMake, Rfc9562AppendixA4) {
  EXPECT_EQ(uuid_text(uuid5(kDnsNamespace, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(UuidMake, Rfc9124And9019ExampleVendor) {
  // SUIT manifest examples: vendor fa6b4a53-..., class 1492af14-... (appendix B).
  EXPECT_EQ(uuid_text(uuid5(kDnsNamespace, "arm.com")), "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe");
  EXPECT_EQ(vendor_id("arm.com"), uuid5(kDnsNamespace, "arm.com"));
}

TEST(UuidMake, ClassHangsOnVendor) {
  EXPECT_NE(class_id(vendor_id("a.example"), "lamp"), class_id(vendor_id("b.example"), "lamp"));
  EXPECT_EQ(class_id(vendor_id("a.example"), "lamp").bytes[6] >> 4U, 5);
}

TEST(UuidMake, RandomOnesDifferAndCarryVersionAndVariant) {
  std::set<Uuid> seen;
  for (int i = 0; i < 200; ++i) {
    const Uuid uuid = uuid4().value();
    EXPECT_EQ(uuid.bytes[6] >> 4U, 4);
    EXPECT_EQ(uuid.bytes[8] >> 6U, 2);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace tailor
