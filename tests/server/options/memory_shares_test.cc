#include "server/options/memory_shares.h"

#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace convoy {
namespace {

constexpr int64_t kMiB = 1 << 20;

ParsedOptions Parsed(std::vector<const char*> flags = {}) {
  flags.insert(flags.begin(), {"convoy-server", "--repository=r"});
  auto parsed = ParseServerOptions(
      static_cast<int>(flags.size()), flags.data(), [](const char*) { return nullptr; }, "1");
  return std::get<ParsedOptions>(parsed);
}

nlohmann::ordered_json InForce(const ParsedOptions& options, const std::string& name) {
  return ToJson(options.in_force).at(name);
}

TEST(MemorySharesTest, WhatNobodySetBecomesAShareOfALowLimit) {
  ParsedOptions options = Parsed();
  FitInMemory(256 * kMiB, options);
  EXPECT_EQ(options.values.grpc.max_message_bytes, 32 * kMiB);
  EXPECT_EQ(options.values.grpc.max_response_bytes, 32 * kMiB);
  EXPECT_EQ(options.values.grpc.max_received_bytes, 64 * kMiB);
  EXPECT_EQ(options.values.scheduler.max_queue_bytes, 32 * kMiB);
  EXPECT_EQ(options.values.scheduler.max_unread_bytes, 64 * kMiB);
  EXPECT_EQ(options.values.scheduler.max_run_bytes, 64 * kMiB);
  EXPECT_EQ(options.values.max_upload_bytes, 32 * kMiB);
  EXPECT_EQ(options.values.primitive_cache_bytes, 64 * kMiB);
  EXPECT_EQ(InForce(options, "max-queue-bytes").at("value"), 32 * kMiB);
  EXPECT_EQ(InForce(options, "max-queue-bytes").at("source"), "memory limit");
}

TEST(MemorySharesTest, AHighLimitLeavesTheDefaults) {
  ParsedOptions options = Parsed();
  const auto before = ToJson(options.in_force);
  FitInMemory(int64_t{1} << 40, options);
  EXPECT_EQ(ToJson(options.in_force), before);
}

TEST(MemorySharesTest, WhatIsSetStays) {
  ParsedOptions options = Parsed({"--max-queue-bytes=200MiB"});
  FitInMemory(256 * kMiB, options);
  EXPECT_EQ(options.values.scheduler.max_queue_bytes, 200 * kMiB);
  EXPECT_EQ(InForce(options, "max-queue-bytes").at("source"), "flag");
}

TEST(MemorySharesTest, EveryLimitInBytesHasItsShare) {
  ParsedOptions options = Parsed();
  FitInMemory(8 * kMiB, options);
  for (const OptionInForce& option : options.in_force) {
    const bool in_bytes = option.name.ends_with("-bytes") && option.name != "max-header-bytes";
    EXPECT_EQ(option.source == OptionSource::kMemoryLimit, in_bytes) << option.name;
  }
}

}  // namespace
}  // namespace convoy
