#include "server/management/upload_store.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/base/sha256.h"

namespace convoy::management {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class UploadStoreTest : public ::testing::Test {
 protected:
  // Uploads the text in one piece.
  absl::StatusOr<std::string> Send(const std::string& text, const std::string& expected = "") {
    auto upload = store_.Begin(static_cast<int64_t>(text.size()));
    if (!upload.ok()) return upload.status();
    if (const absl::Status taken = (*upload)->Append(text); !taken.ok()) return taken;
    return (*upload)->Finish(expected);
  }

  UploadStore::Clock::time_point now_;
  UploadStore store_{10, [this] { return now_; }};
};

TEST_F(UploadStoreTest, KeepsWhatItGotUnderItsSha256) {
  auto upload = store_.Begin(5);
  ASSERT_TRUE(upload.ok());
  EXPECT_TRUE((*upload)->Append("he").ok());
  EXPECT_TRUE((*upload)->Append("llo").ok());
  const auto sha256 = (*upload)->Finish("");
  ASSERT_TRUE(sha256.ok()) << sha256.status();
  EXPECT_EQ(*sha256, Sha256Hex("hello"));
  upload->reset();
  EXPECT_EQ(**store_.Find(*sha256), "hello");
  EXPECT_EQ(store_.held_bytes(), 5);
}

TEST_F(UploadStoreTest, LetsGoAfterTenMinutes) {
  const std::string sha256 = *Send("hello");
  now_ += UploadStore::kKept - seconds(1);
  store_.Expire();
  const FileBytes kept = *store_.Find(sha256);
  now_ += seconds(1);
  EXPECT_TRUE(absl::IsFailedPrecondition(store_.Find(sha256).status()));
  store_.Expire();
  EXPECT_EQ(store_.held_bytes(), 0);
  EXPECT_EQ(*kept, "hello");  // whoever has it keeps it
}

TEST_F(UploadStoreTest, KeepsTheSameFileOnceAndFromTheLastTimeOn) {
  const std::string sha256 = *Send("hello");
  now_ += minutes(9);
  EXPECT_EQ(*Send("hello"), sha256);
  EXPECT_EQ(store_.held_bytes(), 5);
  now_ += minutes(9);
  EXPECT_TRUE(store_.Find(sha256).ok());
}

TEST_F(UploadStoreTest, BoundsWhatIsKeptAndWhatIsAnnounced) {
  EXPECT_TRUE(absl::IsResourceExhausted(store_.Begin(11).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(store_.Begin(-1).status()));
  ASSERT_TRUE(Send("hello").ok());
  auto announced = store_.Begin(5);
  ASSERT_TRUE(announced.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(store_.Begin(1).status()));
  announced->reset();  // given up
  EXPECT_TRUE(store_.Begin(5).ok());
  EXPECT_TRUE(store_.Begin(0).ok());
  now_ += UploadStore::kKept;
  EXPECT_TRUE(store_.Begin(10).ok());  // the first one has gone
}

TEST_F(UploadStoreTest, RefusesOtherBytesThanWereAnnounced) {
  auto longer = store_.Begin(2);
  EXPECT_TRUE(absl::IsInvalidArgument((*longer)->Append("abc")));
  auto shorter = store_.Begin(2);
  EXPECT_TRUE((*shorter)->Append("a").ok());
  EXPECT_TRUE(absl::IsInvalidArgument((*shorter)->Finish("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Send("ab", Sha256Hex("ba")).status()));
  EXPECT_TRUE(Send("ab", Sha256Hex("ab")).ok());
  longer->reset();
  shorter->reset();
  EXPECT_EQ(store_.held_bytes(), 2);
}

TEST_F(UploadStoreTest, GivesUpWhatDoesNotMove) {
  auto upload = store_.Begin(10);
  EXPECT_TRUE((*upload)->Append("a").ok());
  now_ += UploadStore::kKept - seconds(1);
  EXPECT_TRUE((*upload)->Append("b").ok());
  now_ += UploadStore::kKept;
  auto other = store_.Begin(10);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(absl::IsAborted((*upload)->Append("c")));
  EXPECT_TRUE(absl::IsAborted((*upload)->Finish("").status()));
  upload->reset();
  EXPECT_EQ(store_.held_bytes(), 10);  // the other's
}

}  // namespace
}  // namespace convoy::management
