#include "server/repository/manifest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/sha256.h"

namespace convoy::repository {
namespace {

using ::testing::HasSubstr;

FileFacts FactsOf(std::string_view bytes) {
  return {static_cast<int64_t>(bytes.size()), Sha256Hex(bytes)};
}

TEST(ManifestTest, IsReadAsItWasWritten) {
  const Manifest manifest = {{"config.json", FactsOf("{}")}, {"weights.safetensors", FactsOf("")}};
  const absl::StatusOr<Manifest> read = ParseManifest(ManifestText(manifest));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at("config.json").bytes, 2);
  EXPECT_EQ(read->at("config.json").sha256, Sha256Hex("{}"));
  EXPECT_EQ(read->at("weights.safetensors").bytes, 0);
}

TEST(ManifestTest, AnythingElseIsRefused) {
  const std::string sum = Sha256Hex("");
  const auto with_file = [](const std::string& facts) {
    return absl::StrCat(R"({"format": 1, "files": {"a": )", facts, "}}");
  };
  EXPECT_TRUE(
      ParseManifest(with_file(absl::StrCat(R"({"bytes": 1, "sha256": ")", sum, "\"}"))).ok());
  for (const std::string& text : {
           std::string(),
           std::string("{"),
           std::string("[]"),
           std::string("{}"),
           std::string(R"({"format": 2, "files": {}})"),
           std::string(R"({"format": 1})"),
           std::string(R"({"format": 1, "files": []})"),
           with_file("1"),
           with_file("{}"),
           with_file(absl::StrCat(R"({"bytes": -1, "sha256": ")", sum, "\"}")),
           with_file(absl::StrCat(R"({"bytes": 1.5, "sha256": ")", sum, "\"}")),
           with_file(absl::StrCat(R"({"bytes": 18446744073709551615, "sha256": ")", sum, "\"}")),
           with_file(R"({"bytes": 1, "sha256": 7})"),
           with_file(absl::StrCat(R"({"bytes": 1, "sha256": ")", sum, "0\"}")),
           with_file(absl::StrCat(R"({"bytes": 1, "sha256": "X)", sum.substr(1), "\"}")),
           with_file(absl::StrCat(R"({"bytes": 1, "sha256": ")", sum, "\", \"x\": 1}")),
       }) {
    const absl::Status status = ParseManifest(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("expected what this server writes"));
  }
}

TEST(ManifestTest, AFileIsComparedByPresenceSizeAndSum) {
  const Manifest manifest = {{"config.json", FactsOf("{}")}};
  EXPECT_TRUE(CheckFile(manifest, "config.json", FactsOf("{}")).ok());
  const auto message = [&](std::string_view name, std::string_view bytes) {
    return std::string(CheckFile(manifest, name, FactsOf(bytes)).message());
  };
  EXPECT_THAT(message("serving.json", "{}"), HasSubstr("is not in manifest.json"));
  EXPECT_THAT(message("config.json", "{ }"),
              HasSubstr("expected 2 bytes as in manifest.json, got 3"));
  EXPECT_THAT(message("config.json", "[]"), HasSubstr("expected the SHA-256 " + Sha256Hex("{}")));
}

}  // namespace
}  // namespace convoy::repository
