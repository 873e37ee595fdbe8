#include "server/repository/file_systems.h"

#include <linux/magic.h>

#include <cstdint>
#include <initializer_list>

#include "gtest/gtest.h"

namespace convoy::repository {
namespace {

TEST(FileSystemsTest, KnowsThoseThatDoNotTellOfChanges) {
  for (const uint64_t silent :
       std::initializer_list<uint64_t>{NFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
                                       V9FS_MAGIC, OVERLAYFS_SUPER_MAGIC}) {
    EXPECT_FALSE(TellsChanges(silent)) << silent;
  }
  for (const uint64_t told : {EXT4_SUPER_MAGIC, TMPFS_MAGIC}) {
    EXPECT_TRUE(TellsChanges(told)) << told;
  }
}

TEST(FileSystemsTest, LooksAtTheFolder) {
  EXPECT_TRUE(TellsChanges("/proc/self"));
  EXPECT_TRUE(TellsChanges("/none"));
}

}  // namespace
}  // namespace convoy::repository
