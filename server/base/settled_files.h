// Files whose content may change while the server runs.
#ifndef CONVOY_SERVER_BASE_SETTLED_FILES_H_
#define CONVOY_SERVER_BASE_SETTLED_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace convoy {

// Small files that belong together, as a certificate and its key: compared by content, so
// that it does not matter whether they are written in place, replaced, or reached over
// links that are switched, as orchestrators do with secrets.
//
// What is being written can be read half: a change counts when two looks in a row find the
// same. For one thread.
class SettledFiles {
 public:
  // The content of each file, in the order of the paths.
  using Contents = std::vector<std::string>;

  // Nothing for a path that is empty.
  explicit SettledFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  // What the files hold now; counts as taken.
  //   NOT_FOUND, ...     a file cannot be read; names it.
  //   INVALID_ARGUMENT   it is larger than 1 MiB: no such file is.
  absl::StatusOr<Contents> Read();

  // What they hold, once for each change since it was taken; nothing while it is the same,
  // has not settled, or a file cannot be read.
  std::optional<Contents> Look();

 private:
  absl::StatusOr<Contents> ReadAll() const;

  const std::vector<std::string> paths_;
  Contents taken_;
  Contents last_;  // at the last look
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_SETTLED_FILES_H_
