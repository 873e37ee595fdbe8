#include "server/base/available_cores.h"

#include <sched.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

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

  const std::filesystem::path mount_ = [] {
    std::string name = ::testing::TempDir() + "cgroup_XXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
};

TEST_F(CgroupTest, ReadsTheQuotaOfVersion2) {
  Write("cpu.max", "150000 100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "0::/\n"), 1.5);
}

TEST_F(CgroupTest, TakesTheSmallestQuotaOnTheWayToTheGroup) {
  Write("a/cpu.max", "200000 100000\n");
  Write("a/b/cpu.max", "800000 100000\n");
  Write("a/b/c/cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "0::/a/b/c\n"), 2.0);
}

TEST_F(CgroupTest, LooksAtTheMountWhereThePathIsTheHosts) {
  Write("cpu.max", "300000 100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "0::/host/pod/container\n"), 3.0);
}

TEST_F(CgroupTest, ReadsTheQuotaOfVersion1) {
  Write("cpu/docker/x/cpu.cfs_quota_us", "50000\n");
  Write("cpu/docker/x/cpu.cfs_period_us", "100000\n");
  Write("memory/docker/x/cpu.max", "1 100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n"), 0.5);
}

TEST_F(CgroupTest, FindsNoQuotaWhereThereIsNone) {
  EXPECT_EQ(CgroupQuotaCores(mount_, ""), std::nullopt);
  EXPECT_EQ(CgroupQuotaCores(mount_, "garbage"), std::nullopt);
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "0::/\n"), std::nullopt);
  Write("cpu/cpu.cfs_quota_us", "-1\n");
  Write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(CgroupQuotaCores(mount_, "4:cpu:/\n"), std::nullopt);
}

TEST(AvailableCoresTest, StaysWithinTheMachineAndTheAffinity) {
  EXPECT_GE(AvailableCores(), 1);
  EXPECT_LE(AvailableCores(), static_cast<int>(std::thread::hardware_concurrency()));
  std::thread pinned([] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    ASSERT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
    EXPECT_EQ(AvailableCores(), 1);
  });
  pinned.join();
}

}  // namespace
}  // namespace convoy
