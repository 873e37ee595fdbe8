// What kind of file system a folder lies on.
#ifndef CONVOY_SERVER_REPOSITORY_FILE_SYSTEMS_H_
#define CONVOY_SERVER_REPOSITORY_FILE_SYSTEMS_H_

#include <cstdint>
#include <filesystem>

namespace convoy::repository {

// Whether the system tells of every change in it: not where other machines or
// processes write behind its back. True for what cannot be looked at.
bool TellsChanges(const std::filesystem::path& folder);

// The same for a type as statfs(2) names it.
bool TellsChanges(uint64_t file_system_type);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_FILE_SYSTEMS_H_
