#include "server/repository/repository_writer.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kConfig[] =
    R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "use_bias": false}})";

std::string WeightsOf(float value) {
  return SafetensorsBytes(R"({"kernel":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}})",
                          std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
}

class RepositoryWriterTest : public RepositoryTest {
 protected:
  absl::StatusOr<int64_t> Create(const std::string& layer, float value,
                                 const WriteCondition& condition = {}) {
    return CreateOf(layer, kConfig, WeightsOf(value), condition);
  }

  absl::StatusOr<int64_t> CreateOf(const std::string& layer, const std::string& config,
                                   const std::string& weights,
                                   const WriteCondition& condition = {}) {
    MemorySource config_source(config);
    MemorySource weights_source(weights);
    const absl::StatusOr<WrittenVersion> written = writer_.CreateVersion(
        layer, {{"config.json", config_source}, {"weights.safetensors", weights_source}},
        condition);
    if (!written.ok()) return written.status();
    written_ = *written;
    return written->number;
  }

  // The kernel's value, or what is wrong.
  absl::StatusOr<float> Read(const std::string& layer, int64_t version) const {
    const auto repository = ModelRepository::Open(root_).value();
    const absl::StatusOr<LoadedVersion> loaded = repository.ReadVersion(layer, version);
    if (!loaded.ok()) return loaded.status();
    return loaded->layer->kernel()[0];
  }

  std::vector<int64_t> Versions(const std::string& layer) const {
    const auto listing = ModelRepository::Open(root_).value().ListVersions(layer);
    return listing.ok() ? listing->versions : std::vector<int64_t>();
  }

  std::vector<std::string> Entries(const fs::path& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  // A version by hand.
  void WriteByHand(const fs::path& folder, float value) {
    Write(folder / "config.json", kConfig);
    Write(folder / "weights.safetensors", WeightsOf(value));
  }

  RepositoryWriter writer_{root_};
  WrittenVersion written_;  // the last one
};

TEST_F(RepositoryWriterTest, WritesVersionsThatAReaderReads) {
  EXPECT_EQ(Create("conv", 1).value(), 1);
  EXPECT_EQ(Create("conv", 2).value(), 2);
  EXPECT_EQ(Read("conv", 1).value(), 1);
  EXPECT_EQ(Read("conv", 2).value(), 2);
  EXPECT_THAT(Entries("conv"), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Entries("conv/1"),
              UnorderedElementsAre("config.json", "manifest.json", "weights.safetensors"));
  EXPECT_THAT(Entries(""), UnorderedElementsAre("conv", ".convoy-lock"));
}

TEST_F(RepositoryWriterTest, TheNumberIsOneAboveTheHighestWhateverThatIs) {
  WriteByHand("conv/7", 7);
  EXPECT_EQ(Create("conv", 8).value(), 8);
  fs::create_directory(root_ / "conv/20");  // broken
  EXPECT_EQ(Create("conv", 21).value(), 21);
}

TEST_F(RepositoryWriterTest, WhatCannotBeReadIsNotWritten) {
  const absl::Status status = CreateOf("conv", "{", WeightsOf(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("/1/config.json: "), Not(HasSubstr(".convoy"))));
  EXPECT_FALSE(fs::exists(root_ / "conv"));
  ASSERT_TRUE(Create("conv", 1).ok());
  EXPECT_FALSE(CreateOf("conv", kConfig, "no weights").ok());
  EXPECT_THAT(Entries("conv"), ElementsAre("1"));
  EXPECT_THAT(Entries(""), UnorderedElementsAre("conv", ".convoy-lock"));
}

TEST_F(RepositoryWriterTest, PathsAndOddNamesAreRefused) {
  for (const std::string name : {"", "..", "../x", "a/b", "/tmp/x", "A", ".hidden", "x y"}) {
    EXPECT_EQ(Create(name, 1).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_THAT(Entries(""), IsEmpty());
}

TEST_F(RepositoryWriterTest, LinksAreNotFollowed) {
  fs::create_directory(root_ / "outside");
  fs::create_directory_symlink("outside", root_ / "conv");
  EXPECT_EQ(Create("conv", 1).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(writer_.Delete("conv", true).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Entries("outside"), IsEmpty());
  EXPECT_TRUE(fs::is_symlink(root_ / "conv"));
}

TEST_F(RepositoryWriterTest, AConditionThatIsNotTrueChangesNothing) {
  EXPECT_EQ(Create("conv", 1, {.newest = 0}).value(), 1);
  EXPECT_TRUE(absl::IsAlreadyExists(Create("conv", 2, {.newest = 0}).status()));
  EXPECT_TRUE(absl::IsAborted(Create("conv", 2, {.newest = 2}).status()));
  EXPECT_TRUE(absl::IsAborted(Create("other", 2, {.newest = 1}).status()));
  EXPECT_TRUE(absl::IsAborted(writer_.Delete("conv", false, {.newest = 2})));
  EXPECT_THAT(Versions("conv"), ElementsAre(1));
  EXPECT_EQ(Create("conv", 2, {.newest = 1}).value(), 2);
}

TEST_F(RepositoryWriterTest, ARollbackIsANewVersionOfTheOldContent) {
  WriteByHand("conv/1", 1);
  Write("conv/1/serving.json", R"({"live_versions": 2})");
  ASSERT_EQ(Create("conv", 2).value(), 2);
  EXPECT_EQ(writer_.Rollback("conv", 1).value().number, 3);
  EXPECT_EQ(Read("conv", 3).value(), 1);
  EXPECT_THAT(Entries("conv/3"), UnorderedElementsAre("config.json", "manifest.json",
                                                      "serving.json", "weights.safetensors"));
  EXPECT_TRUE(absl::IsNotFound(writer_.Rollback("conv", 9).status()));
  EXPECT_TRUE(absl::IsNotFound(writer_.Rollback("none", 1).status()));
  Write("conv/1/weights.safetensors", "broken");
  EXPECT_FALSE(writer_.Rollback("conv", 1).ok());
  EXPECT_THAT(Versions("conv"), ElementsAre(3, 2, 1));
}

TEST_F(RepositoryWriterTest, DeletesItsOwnLayersAndOthersOnlyWhenTold) {
  ASSERT_TRUE(Create("own", 1).ok());
  EXPECT_TRUE(writer_.Delete("own", false).ok());
  EXPECT_FALSE(fs::exists(root_ / "own"));
  EXPECT_TRUE(absl::IsNotFound(writer_.Delete("own", false)));
  ASSERT_TRUE(Create("mixed", 1).ok());
  WriteByHand("mixed/2", 2);
  Write("mixed/notes.txt", "mine");
  const absl::Status status = writer_.Delete("mixed", false);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("2, notes.txt"));
  EXPECT_EQ(Read("mixed", 2).value(), 2);
  EXPECT_TRUE(writer_.Delete("mixed", true).ok());
  EXPECT_FALSE(fs::exists(root_ / "mixed"));
}

TEST_F(RepositoryWriterTest, PrunesOnlyItsOwnVersions) {
  WriteByHand("conv/1", 1);
  for (int i = 2; i <= 5; ++i) ASSERT_EQ(Create("conv", i).value(), i);
  WriteByHand("conv/6", 6);
  EXPECT_TRUE(writer_.Prune("conv", 2).ok());
  EXPECT_THAT(Versions("conv"), ElementsAre(6, 5, 4, 1));
  EXPECT_TRUE(writer_.Prune("none", 2).ok());
}

TEST_F(RepositoryWriterTest, AWithdrawnVersionIsGoneAndWithItALayerOfNothingElse) {
  ASSERT_TRUE(Create("conv", 1).ok());
  const WrittenVersion first = written_;
  ASSERT_TRUE(Create("conv", 2).ok());
  EXPECT_TRUE(writer_.Withdraw("conv", written_).ok());
  EXPECT_THAT(Versions("conv"), ElementsAre(1));
  EXPECT_TRUE(writer_.Withdraw("conv", first).ok());
  EXPECT_FALSE(fs::exists(root_ / "conv"));
}

TEST_F(RepositoryWriterTest, AnotherVersionThatGotTheNumberIsNotWithdrawn) {
  ASSERT_EQ(Create("conv", 1).value(), 1);
  const WrittenVersion mine = written_;
  ASSERT_TRUE(writer_.Delete("conv", false).ok());
  EXPECT_TRUE(absl::IsNotFound(writer_.Withdraw("conv", mine)));
  ASSERT_EQ(Create("conv", 2).value(), 1);
  EXPECT_TRUE(absl::IsNotFound(writer_.Withdraw("conv", mine)));
  EXPECT_EQ(Read("conv", 1).value(), 2);
}

TEST_F(RepositoryWriterTest, CleansUpWhatOthersLeft) {
  WriteByHand("conv/1", 1);
  Write("conv/.convoy-new-1-1/config.json", "half");
  Write(".convoy-old-1-2/1/config.json", "half");
  Write(".hidden/file", "mine");
  EXPECT_TRUE(writer_.CleanUp().ok());
  EXPECT_THAT(Entries("conv"), ElementsAre("1"));
  EXPECT_THAT(Entries(""), UnorderedElementsAre("conv", ".convoy-lock", ".hidden"));
}

TEST_F(RepositoryWriterTest, AFolderThatCannotBeWrittenIsAClearError) {
  RepositoryWriter nowhere(root_ / "none");
  MemorySource config(kConfig);
  const absl::Status status = nowhere.CreateVersion("conv", {{"config.json", config}}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr((root_ / "none").string()));
}

TEST_F(RepositoryWriterTest, WritersAtOnceEachGetANumberOfTheirOwn) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 5;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      RepositoryWriter writer(root_);
      for (int write = 0; write < kWrites; ++write) {
        MemorySource config(kConfig);
        const std::string bytes = WeightsOf(1);
        MemorySource weights(bytes);
        EXPECT_TRUE(
            writer
                .CreateVersion("conv", {{"config.json", config}, {"weights.safetensors", weights}})
                .ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Versions("conv").size(), kThreads * kWrites);
  EXPECT_EQ(Versions("conv").front(), kThreads * kWrites);
}

}  // namespace
}  // namespace convoy::repository
