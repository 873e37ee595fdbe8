#include "server/access/access_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace convoy::access {
namespace {

using ::testing::HasSubstr;

constexpr char kSum[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string Entry(const std::string& more, const std::string& name = "a") {
  return absl::StrCat(R"({"name": ")", name, R"(", "sha256": ")", kSum, R"(")", more, "}");
}

std::string Document(const std::string& entries) {
  return absl::StrCat(R"({"tokens": [)", entries, "]}");
}

std::string ErrorOf(const std::string& json) {
  return std::string(AccessList::Parse(json).status().message());
}

TEST(AccessListTest, WhatIsLeftOutIsNotAllowed) {
  const auto list = AccessList::Parse(Document(Entry("")));
  ASSERT_TRUE(list.ok()) << list.status();
  const Grant* const grant = list->FindName("a");
  ASSERT_NE(grant, nullptr);
  EXPECT_FALSE(grant->read);
  EXPECT_FALSE(grant->write);
  EXPECT_FALSE(grant->MayInfer("conv"));
  EXPECT_EQ(grant->secret, HashSecret("abc"));
  EXPECT_EQ(list->FindName("b"), nullptr);
  EXPECT_EQ(list->FindCertificate(""), nullptr);
}

TEST(AccessListTest, LayersAreNamedOrAllOfThem) {
  const auto list = AccessList::Parse(Document(
      absl::StrCat(Entry(R"(, "infer": ["x", "y"])"), ",", Entry(R"(, "infer": ["*"])", "all"))));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->FindName("a")->MayInfer("x"));
  EXPECT_TRUE(list->FindName("a")->MayInfer("y"));
  EXPECT_FALSE(list->FindName("a")->MayInfer("z"));
  EXPECT_FALSE(list->FindName("a")->MayInfer("*"));
  EXPECT_TRUE(list->FindName("all")->MayInfer("z"));
}

TEST(AccessListTest, WhoWritesMayReadAndCertificatesStandForNames) {
  const auto list =
      AccessList::Parse(Document(R"({"name": "a", "certificate": "x.example", "write": true})"));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->FindName("a")->read);
  EXPECT_EQ(list->FindName("a")->secret, std::nullopt);
  EXPECT_EQ(list->FindCertificate("x.example"), list->FindName("a"));
}

TEST(AccessListTest, LimitsOfATenantAreReadAndNoneUnlessGiven) {
  const auto list = AccessList::Parse(Document(
      absl::StrCat(Entry(""), ",",
                   Entry(R"(, "weight": 2.5, "max_in_flight": 3, "max_waiting_bytes": 4)", "b"))));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->FindName("a")->limits.weight, 1);
  EXPECT_EQ(list->FindName("a")->limits.max_in_flight, 0);
  EXPECT_EQ(list->FindName("b")->limits.weight, 2.5);
  EXPECT_EQ(list->FindName("b")->limits.max_in_flight, 3);
  EXPECT_EQ(list->FindName("b")->limits.max_waiting_bytes, 4);
  for (const char* wrong :
       {R"("weight": 0)", R"("weight": "1")", R"("weight": 101)", R"("max_in_flight": -1)",
        R"("max_in_flight": 1.5)", R"("max_waiting_bytes": "1MiB")",
        R"("max_waiting_bytes": 18446744073709551615)"}) {
    EXPECT_THAT(ErrorOf(Document(Entry(absl::StrCat(", ", wrong)))), HasSubstr("tokens[0]."))
        << wrong;
  }
}

TEST(AccessListTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(ErrorOf("["), HasSubstr("JSON"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("tokens"));
  EXPECT_THAT(ErrorOf(R"({"tokens": [], "more": 1})"), HasSubstr("tokens"));
  EXPECT_THAT(ErrorOf(Document("1")), HasSubstr("tokens[0]: expected an object"));
  EXPECT_THAT(ErrorOf(Document(R"({"name": "a"})")), HasSubstr("neither"));
  EXPECT_THAT(ErrorOf(Document(R"({"certificate": "a"})")), HasSubstr("tokens[0].name"));
  EXPECT_THAT(ErrorOf(Document(Entry("", "a.b"))), HasSubstr("tokens[0].name"));
  EXPECT_THAT(ErrorOf(Document(Entry("", std::string(65, 'a')))), HasSubstr("tokens[0].name"));
  EXPECT_THAT(ErrorOf(Document(R"({"name": "a", "sha256": "12"})")), HasSubstr("64 hexadecimal"));
  EXPECT_THAT(ErrorOf(Document(Entry(R"(, "infer": "x")"))), HasSubstr("tokens[0].infer"));
  EXPECT_THAT(ErrorOf(Document(Entry(R"(, "infer": [1])"))), HasSubstr("tokens[0].infer"));
  EXPECT_THAT(ErrorOf(Document(Entry(R"(, "read": 1)"))), HasSubstr("tokens[0].read"));
  EXPECT_THAT(ErrorOf(Document(Entry(R"(, "wriet": true)"))), HasSubstr("wriet: unknown"));
  EXPECT_THAT(ErrorOf(Document(Entry("") + "," + Entry(""))), HasSubstr("called a"));
  const std::string shown = R"(, "certificate": "c")";
  EXPECT_THAT(ErrorOf(Document(Entry(shown) + "," + Entry(shown, "b"))),
              HasSubstr("certificate c"));
}

}  // namespace
}  // namespace convoy::access
