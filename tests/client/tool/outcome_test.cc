#include "client/tool/outcome.h"

#include <gtest/gtest.h>

#include <sstream>

#include "client/retry_hint.h"

namespace convoy::tool {
namespace {

std::string Printed(const Outcome& outcome, int expected_code) {
  std::ostringstream err;
  EXPECT_EQ(Report(outcome, err), expected_code);
  return err.str();
}

TEST(Outcome, SuccessPrintsNothing) { EXPECT_EQ(Printed({}, 0), ""); }

TEST(Outcome, ARefusalNamesTheCodeOfGrpc) {
  EXPECT_EQ(Printed(Refused(absl::NotFoundError("no layer \"x\"")), 1),
            "convoy: NOT_FOUND: no layer \"x\"\n");
}

TEST(Outcome, WrongUsageHasNoCodeBecauseNoServerSpoke) {
  EXPECT_EQ(Printed(BadUsage(absl::InvalidArgumentError("--shape: three sizes")), 2),
            "convoy: --shape: three sizes\n");
}

TEST(Outcome, AMissingConnectionHasItsOwnExitCode) {
  EXPECT_EQ(Printed(NotConnected(absl::UnavailableError("refused")), 3),
            "convoy: UNAVAILABLE: refused\n");
}

TEST(Outcome, TheTimeToWaitIsToldIfTheServerKnowsIt) {
  absl::Status status = absl::ResourceExhaustedError("queue is full");
  client::AttachRetryHint("20", status);
  EXPECT_EQ(Printed(Refused(status), 1),
            "convoy: RESOURCE_EXHAUSTED: queue is full (retry after 20ms)\n");
}

TEST(Outcome, ManyLinesAndEscapesBecomeOneLine) {
  EXPECT_EQ(Printed(Refused(absl::InternalError("a\r\n\tb\x1b[31mc")), 1),
            "convoy: INTERNAL: a b [31mc\n");
  EXPECT_EQ(OneLine("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
}

}  // namespace
}  // namespace convoy::tool
