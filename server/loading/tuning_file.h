// The results of tuning on disk.
#ifndef CONVOY_SERVER_LOADING_TUNING_FILE_H_
#define CONVOY_SERVER_LOADING_TUNING_FILE_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/tuning/tuning_store.h"

namespace convoy::loading {

// A JSON file of one machine's timings, so that the next start need not measure
// again. Another processor, instruction set or oneDNN finds nothing in it and
// replaces it.
//
// Thread-safe.
class TuningFile final : public engine::TuningStore {
 public:
  // An empty path keeps everything in memory. `machine` is engine::TuningMachine(),
  // except in tests.
  TuningFile(std::filesystem::path path, std::string machine);

  // Reads the file. A file that is not there or is another machine's is empty.
  //   INVALID_ARGUMENT  it is something else; nothing was read.
  //   UNAVAILABLE       it cannot be read.
  absl::Status Load();

  // Writes the file, unless nothing was kept since it was last read or written;
  // readers see the old one or the new one.
  //   UNAVAILABLE  it cannot be written.
  absl::Status Save();

  std::optional<std::vector<engine::TimedTile>> Find(const std::string& key) const override;
  void Keep(const std::string& key, const std::vector<engine::TimedTile>& tuned) override;

 private:
  using Entries = absl::btree_map<std::string, std::vector<engine::TimedTile>>;

  const std::filesystem::path path_;
  const std::string machine_;

  mutable Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_TUNING_FILE_H_
