#include "server/base/cgroup.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace convoy {
namespace {

class CgroupTest : public ::testing::Test {
 protected:
  ~CgroupTest() override { std::filesystem::remove_all(mount_); }

  void Write(const std::filesystem::path& relative, const std::string& content) {
    std::filesystem::create_directories((mount_ / relative).parent_path());
    std::ofstream(mount_ / relative) << content;
  }

  std::optional<double> QuotaCores(std::string_view membership) const {
    return Cgroup(mount_, membership).QuotaCores();
  }
  std::optional<int64_t> MemoryBytes(std::string_view membership) const {
    return Cgroup(mount_, membership).MemoryBytes();
  }

  const std::filesystem::path mount_ = [] {
    std::string name = ::testing::TempDir() + "cgroup_XXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
};

TEST_F(CgroupTest, ReadsTheQuotaOfVersion2) {
  Write("cpu.max", "150000 100000\n");
  EXPECT_EQ(QuotaCores("0::/\n"), 1.5);
}

TEST_F(CgroupTest, TakesTheSmallestQuotaOnTheWayToTheGroup) {
  Write("a/cpu.max", "200000 100000\n");
  Write("a/b/cpu.max", "800000 100000\n");
  Write("a/b/c/cpu.max", "max 100000\n");
  EXPECT_EQ(QuotaCores("0::/a/b/c\n"), 2.0);
}

TEST_F(CgroupTest, LooksAtTheMountWhereThePathIsTheHosts) {
  Write("cpu.max", "300000 100000\n");
  EXPECT_EQ(QuotaCores("0::/host/pod/container\n"), 3.0);
}

TEST_F(CgroupTest, ReadsTheQuotaOfVersion1) {
  Write("cpu/docker/x/cpu.cfs_quota_us", "50000\n");
  Write("cpu/docker/x/cpu.cfs_period_us", "100000\n");
  Write("memory/docker/x/cpu.max", "1 100000\n");
  EXPECT_EQ(QuotaCores("9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n"), 0.5);
}

TEST_F(CgroupTest, FindsNoQuotaWhereThereIsNone) {
  EXPECT_EQ(QuotaCores(""), std::nullopt);
  EXPECT_EQ(QuotaCores("garbage"), std::nullopt);
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(QuotaCores("0::/\n"), std::nullopt);
  Write("cpu/cpu.cfs_quota_us", "-1\n");
  Write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(QuotaCores("4:cpu:/\n"), std::nullopt);
}

TEST_F(CgroupTest, ReadsTheSmallestMemoryLimitOfVersion2) {
  Write("memory.max", "max\n");
  Write("a/memory.max", "268435456\n");
  Write("a/b/memory.max", "max\n");
  EXPECT_EQ(MemoryBytes("0::/a/b\n"), 256 << 20);
  Write("a/b/memory.max", "1048576\n");
  EXPECT_EQ(MemoryBytes("0::/a/b\n"), 1 << 20);
}

TEST_F(CgroupTest, ReadsTheMemoryLimitOfVersion1) {
  Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(MemoryBytes("9:memory:/docker/x\n"), std::nullopt);
  Write("memory/docker/x/memory.limit_in_bytes", "536870912\n");
  EXPECT_EQ(MemoryBytes("9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n"), 512 << 20);
}

TEST_F(CgroupTest, FindsNoMemoryLimitWhereThereIsNone) {
  EXPECT_EQ(MemoryBytes(""), std::nullopt);
  Write("memory.max", "max\n");
  EXPECT_EQ(MemoryBytes("0::/\n"), std::nullopt);
  Write("memory.max", "many\n");
  EXPECT_EQ(MemoryBytes("0::/\n"), std::nullopt);
}

}  // namespace
}  // namespace convoy
