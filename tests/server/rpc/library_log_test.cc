#include "server/rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using testing::HasSubstr;

// The server's log as a string.
class LibraryLogTest : public testing::Test {
 protected:
  void SetUp() override {
    previous_ = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    spdlog::set_level(spdlog::level::info);
    grpc_init();  // decides which severities are logged at all
    RouteLibraryLogs();
  }
  void TearDown() override {
    grpc_shutdown();
    spdlog::set_default_logger(previous_);
  }

  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> previous_;
};

TEST_F(LibraryLogTest, ErrorsOfGrpcAreWarnings) {
  gpr_log(GPR_ERROR, "accept failed");
  EXPECT_THAT(text_.str(), HasSubstr("[warning] grpc: accept failed"));
}

TEST_F(LibraryLogTest, RemarksAboutCallersBytesAreSilentByDefault) {
  GOOGLE_LOG(ERROR) << "invalid UTF-8";
  EXPECT_EQ(text_.str(), "");
  spdlog::set_level(spdlog::level::debug);
  GOOGLE_LOG(ERROR) << "invalid UTF-8";
  EXPECT_THAT(text_.str(), HasSubstr("invalid UTF-8"));
}

}  // namespace
}  // namespace convoy::rpc
