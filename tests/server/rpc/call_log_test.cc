#include "server/rpc/call_log.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::HasSubstr;
using testing::Not;

class CallLogTest : public testing::Test {
 protected:
  CallLogTest() : previous_(spdlog::default_logger()) {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(logger);
  }
  ~CallLogTest() override { spdlog::set_default_logger(previous_); }

  // What a call leaves in the log.
  std::string Write(CallLog& log, const CallRecord& call) {
    text_.str("");
    if (log.Wants(call.code, call.stages.total())) log.Write(call);
    return text_.str();
  }

  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> previous_;
};

CallRecord Call(nanoseconds time) {
  return {.layer = "conv", .version = "3", .peer = "ipv4:127.0.0.1:5", .stages = {.compute = time}};
}

TEST_F(CallLogTest, ALineHasWhereTheTimeWentAndWhoseCallItWas) {
  CallRecord call = Call(microseconds(300));
  call.code = absl::StatusCode::kDeadlineExceeded;
  call.error = "too \"late\"";
  call.id = "a 1";
  call.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  call.stages = {microseconds(1), microseconds(20), microseconds(300), microseconds(4000)};
  call.input_bytes = 12;
  call.output_bytes = 8;
  call.batch_parts = 5;
  EXPECT_EQ(FieldsOf(call),
            "layer=\"conv\" version=3 code=DEADLINE_EXCEEDED error=\"too \\\"late\\\"\" id=\"a 1\" "
            "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 parent_id=00f067aa0ba902b7 "
            "peer=ipv4:127.0.0.1:5 total_us=4321 decode_us=1 queue_us=20 compute_us=300 "
            "respond_us=4000 input_bytes=12 output_bytes=8 batch_parts=5");
}

TEST_F(CallLogTest, CallersTextsAreShortAndOfOneLine) {
  CallRecord call = Call(microseconds(1));
  const std::string text = "a\nb\"c" + std::string(1 << 20, 'x');
  call.layer = call.id = text;
  call.traceparent = text;
  const std::string line = FieldsOf(call);
  EXPECT_LT(line.size(), 700u);
  EXPECT_THAT(line, HasSubstr("layer=\"a\\nb\\\"cxx"));
  EXPECT_THAT(line, HasSubstr("...\""));
  EXPECT_THAT(line, Not(HasSubstr("trace_id")));
}

TEST_F(CallLogTest, OnlySlowCallsHaveALineUnlessAllHave) {
  CallLog log({.access = "off", .slow_seconds = 0.1});
  EXPECT_EQ(Write(log, Call(milliseconds(99))), "");
  EXPECT_THAT(Write(log, Call(milliseconds(100))), HasSubstr("warning slow call layer=\"conv\""));
  log.Change({.access = "all", .slow_seconds = 0});
  EXPECT_THAT(Write(log, Call(milliseconds(1))), HasSubstr("info call layer=\"conv\""));
  EXPECT_THAT(Write(log, Call(std::chrono::hours(1))), Not(HasSubstr("slow")));
  log.Change({.access = "off", .slow_seconds = 0});
  EXPECT_EQ(Write(log, Call(std::chrono::hours(1))), "");
}

TEST_F(CallLogTest, AMistakeOfTheServersHasALineWhateverItTook) {
  CallLog log({.access = "off", .slow_seconds = 0});
  CallRecord call = Call(microseconds(1));
  call.code = absl::StatusCode::kInternal;
  EXPECT_THAT(Write(log, call), HasSubstr("error call failed layer=\"conv\""));
  call.code = absl::StatusCode::kResourceExhausted;
  EXPECT_EQ(Write(log, call), "");
}

TEST_F(CallLogTest, OfVeryManySlowCallsSomeHaveALine) {
  CallLog log({.access = "off", .slow_seconds = 0.1});
  uint64_t lines = 0;
  for (int i = 0; i < 1000; ++i) lines += Write(log, Call(milliseconds(100))).empty() ? 0 : 1;
  EXPECT_GE(lines, RepeatLimit::kLines);
  EXPECT_LT(lines, 1000u);
}

}  // namespace
}  // namespace convoy::rpc
