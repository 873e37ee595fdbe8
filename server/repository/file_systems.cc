#include "server/repository/file_systems.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <iterator>

namespace convoy::repository {
namespace {

// On an overlay, changes of the layers below are not told.
constexpr uint64_t kSilent[] = {
    NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
    V9FS_MAGIC,       AFS_SUPER_MAGIC, AFS_FS_MAGIC,     CEPH_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC,
    CODA_SUPER_MAGIC,
    0x0BD00BD0,  // Lustre, of statfs(2)
    0x786F4256,  // folders that VirtualBox shares
};

}  // namespace

bool TellsChanges(const std::filesystem::path& folder) {
  struct statfs status {};
  if (statfs(folder.c_str(), &status) != 0) return true;
  return TellsChanges(static_cast<uint64_t>(status.f_type) & 0xFFFFFFFFu);
}

bool TellsChanges(uint64_t file_system_type) {
  return std::find(std::begin(kSilent), std::end(kSilent), file_system_type) == std::end(kSilent);
}

}  // namespace convoy::repository
