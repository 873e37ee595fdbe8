#include "server/batching/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/batching/refusal_reason.h"

namespace convoy::batching {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

const Clock::time_point kNow{std::chrono::hours(1)};
constexpr AdmissionLimits kLimits{
    .max_bytes = 1000, .max_unread_bytes = 5000, .max_seconds = 0.1, .workers = 2};

std::string RetryAfter(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryAfterPayload);
  return payload.has_value() ? std::string(*payload) : "none";
}

TEST(AdmissionTest, AnEmptyServerTakesTasksOfAnySize) {
  EXPECT_TRUE(Admit(kLimits, {}, {.bytes = 5000, .answer_bytes = 9000, .seconds = 60}, kNow).ok());
}

TEST(AdmissionTest, BytesOverTheLimitAreRefusedBesideOthers) {
  const Backlog backlog{.bytes = 600};
  EXPECT_TRUE(Admit(kLimits, backlog, {.bytes = 400}, kNow).ok());
  const absl::Status refused = Admit(kLimits, backlog, {.bytes = 401}, kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("600 bytes wait or run"));
  EXPECT_EQ(RetryAfter(refused), "1");
}

TEST(AdmissionTest, AnswersOverTheLimitAreRefusedWhileOthersAreUnread) {
  const Backlog backlog{.answer_bytes = 4000};
  EXPECT_TRUE(Admit(kLimits, backlog, {.answer_bytes = 1000}, kNow).ok());
  const absl::Status refused = Admit(kLimits, backlog, {.answer_bytes = 1001}, kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("4000 bytes are not read yet, the request's would have 1001, the limit is "
                        "5000"));
  EXPECT_EQ(RetryAfter(refused), "100");
}

TEST(AdmissionTest, MoreMemoryThanMayRunIsRefusedForGoodOfOneTaskAndForNowBesideOthers) {
  AdmissionLimits limits = kLimits;
  limits.max_run_bytes = 100;
  EXPECT_TRUE(Admit(limits, {.run_bytes = 100}, {.run_bytes = 100}, kNow).ok());
  const absl::Status alone = Admit(limits, {.run_bytes = 101}, {.run_bytes = 101}, kNow);
  EXPECT_EQ(alone.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(alone.message()),
              HasSubstr("needs 101 bytes of memory while it runs, the limit is 100"));
  EXPECT_EQ(RetryAfter(alone), "none");
  const absl::Status beside =
      Admit(limits, {.run_bytes = 101, .seconds = 0.2}, {.run_bytes = 41}, kNow);
  EXPECT_EQ(beside.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(beside.message()),
              HasSubstr("up to 101 bytes of memory at a time with the request's 41"));
  EXPECT_EQ(RetryAfter(beside), "50");
}

TEST(AdmissionTest, EveryRefusalHasItsReason) {
  const auto reason = [](const Backlog& backlog, const Demand& demand) {
    AdmissionLimits limits = kLimits;
    limits.max_run_bytes = 100;
    return ReasonOf(Admit(limits, backlog, demand, kNow));
  };
  EXPECT_EQ(reason({}, {.run_bytes = 101}), RefusalReason::kRunBytes);
  EXPECT_EQ(reason({.run_bytes = 101}, {}), RefusalReason::kRunBytes);
  EXPECT_EQ(reason({.bytes = 1}, {.bytes = 1'000'000}), RefusalReason::kQueueBytes);
  EXPECT_EQ(reason({.answer_bytes = 1}, {.answer_bytes = 1'000'000}), RefusalReason::kUnreadBytes);
  EXPECT_EQ(reason({.seconds_before = 1e6}, {}), RefusalReason::kQueueSeconds);
  EXPECT_EQ(reason({}, {.seconds = 1, .deadline = kNow}), RefusalReason::kDeadline);
  EXPECT_EQ(reason({}, {}), std::nullopt);
}

TEST(AdmissionTest, ALongWaitIsRefusedWithHalfOfItToRetry) {
  const Backlog busy{.bytes = 1, .seconds = 0.4, .seconds_before = 0.4};
  const absl::Status refused = Admit(kLimits, busy, {.bytes = 1}, kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("about 200 ms, the limit is 100 ms"));
  EXPECT_EQ(RetryAfter(refused), "100");
}

// Of others' floods only what goes before counts.
TEST(AdmissionTest, AFloodThatIsPassedRefusesNobody) {
  const Backlog backlog{.bytes = 1, .seconds = 10, .seconds_before = 0.001};
  EXPECT_TRUE(Admit(kLimits, backlog, {.bytes = 1}, kNow).ok());
}

TEST(AdmissionTest, ADeadlineShorterThanTheWorkIsExceededAtOnce) {
  const Demand demand{.seconds = 0.2, .parts = 4, .deadline = kNow + milliseconds(99)};
  const absl::Status refused = Admit(kLimits, {}, demand, kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(RetryAfter(refused), "none");
  // Two workers share the parts.
  EXPECT_TRUE(
      Admit(kLimits, {}, {.seconds = 0.2, .parts = 4, .deadline = kNow + milliseconds(101)}, kNow)
          .ok());
  const absl::Status passed =
      Admit(kLimits, {}, {.seconds = 0.2, .deadline = kNow - milliseconds(1)}, kNow);
  EXPECT_THAT(std::string(passed.message()), HasSubstr("has passed"));
}

TEST(AdmissionTest, ADeadlineThatWouldPassInTheQueueIsAFullQueue) {
  const Backlog busy{.bytes = 1, .seconds = 0.1, .seconds_before = 0.1};
  const absl::Status refused =
      Admit(kLimits, busy, {.seconds = 0.01, .deadline = kNow + milliseconds(40)}, kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfter(refused), "25");
  EXPECT_TRUE(
      Admit(kLimits, busy, {.seconds = 0.01, .deadline = kNow + milliseconds(80)}, kNow).ok());
}

// Of tasks that are just in time by the estimate half would be late.
TEST(AdmissionTest, AWaitIsTakenForAQuarterLonger) {
  const Backlog busy{.bytes = 1, .seconds = 0.16, .seconds_before = 0.16};
  const auto taken = [&](int deadline_ms) {
    return Admit(kLimits, busy, {.seconds = 0.01, .deadline = kNow + milliseconds(deadline_ms)},
                 kNow)
        .ok();
  };
  EXPECT_FALSE(taken(109));
  EXPECT_TRUE(taken(111));
}

TEST(AdmissionTest, WorkThatHasBecomeSlowIsRefusedBehindOthersButNotAlone) {
  Demand demand{.seconds = 0.01, .wall_seconds = 0.03, .deadline = kNow + milliseconds(20)};
  EXPECT_TRUE(Admit(kLimits, {}, demand, kNow).ok());
  const Backlog busy{.bytes = 1, .seconds = 0.001, .seconds_before = 0.001};
  EXPECT_EQ(Admit(kLimits, busy, demand, kNow).code(), absl::StatusCode::kResourceExhausted);
  demand.deadline = kNow + milliseconds(32);
  EXPECT_TRUE(Admit(kLimits, busy, demand, kNow).ok());
}

}  // namespace
}  // namespace convoy::batching
