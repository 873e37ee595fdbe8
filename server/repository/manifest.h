// manifest.json: what the files of a version are that the server wrote.
#ifndef CONVOY_SERVER_REPOSITORY_MANIFEST_H_
#define CONVOY_SERVER_REPOSITORY_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace convoy::repository {

struct FileFacts {
  int64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
};

// By file name. A version is the server's own if it has a manifest, and whole if its
// files are those of the manifest.
using Manifest = absl::btree_map<std::string, FileFacts>;

// {"format": 1, "files": {"config.json": {"bytes": 12, "sha256": "..."}, ...}}
std::string ManifestText(const Manifest& manifest);

//   INVALID_ARGUMENT  it is something else; says what was expected.
absl::StatusOr<Manifest> ParseManifest(std::string_view json_text);

// Compares a file that was read with the manifest.
//   INVALID_ARGUMENT  it is another one; says in what.
absl::Status CheckFile(const Manifest& manifest, std::string_view name, const FileFacts& facts);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_MANIFEST_H_
