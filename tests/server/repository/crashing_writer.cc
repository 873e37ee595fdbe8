// Writes versions until it is killed, by itself or by others. For the tests of crashes.
//
//   crashing_writer REPOSITORY FIRST STEP
//
// Makes versions of the layers "l0" to "l2" whose one weight is FIRST, FIRST + 1 and so
// on, rolls back, and deletes. Says on a line what it begins and what is acknowledged:
//
//   begin create l0 17      done create l0 5 17      (layer, version, weight)
//   begin rollback l1 2     done rollback l1 6 2     (layer, new version, old one)
//   begin delete l2         done delete l2
//
// Kills itself at the STEPth step of the writer, or goes on for ever if that is 0.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/repository/byte_source.h"
#include "server/repository/repository_writer.h"
#include "tests/server/repository/safetensors_builder.h"

namespace convoy::repository {
namespace {

constexpr char kConfig[] =
    R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": 1, "use_bias": false}})";
// All that are there can be asked for.
constexpr char kServing[] = R"({"live_versions": 1000})";

class CrashingWriter {
 public:
  CrashingWriter(const std::string& root, int last_step)
      : writer_(root, [this, last_step](const char*) {
          if (++steps_ == last_step) kill(getpid(), SIGKILL);
        }) {}

  void Run(int first) {
    Expect(writer_.CleanUp());
    for (int i = first;; ++i) {
      const std::string layer = absl::StrCat("l", i % 3);
      if (i % 7 == 6) {
        Rollback(layer);
      } else if (i % 23 == 22) {
        Delete(layer);
      } else {
        Create(layer, i);
      }
    }
  }

 private:
  void Create(const std::string& layer, int value) {
    std::printf("begin create %s %d\n", layer.c_str(), value);
    const auto weight = static_cast<float>(value);
    const std::string weights =
        SafetensorsBytes(R"({"kernel":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}})",
                         std::string(reinterpret_cast<const char*>(&weight), sizeof(weight)));
    MemorySource config_source(kConfig);
    MemorySource weights_source(weights);
    MemorySource serving_source(kServing);
    const absl::StatusOr<WrittenVersion> version =
        writer_.CreateVersion(layer, {{"config.json", config_source},
                                      {"weights.safetensors", weights_source},
                                      {"serving.json", serving_source}});
    Expect(version.status());
    newest_ = version->number;
    std::printf("done create %s %ld %d\n", layer.c_str(), version->number, value);
  }

  void Rollback(const std::string& layer) {
    const int64_t old = newest_ > 1 ? newest_ - 1 : 1;
    std::printf("begin rollback %s %ld\n", layer.c_str(), old);
    const absl::StatusOr<WrittenVersion> version = writer_.Rollback(layer, old);
    if (absl::IsNotFound(version.status())) return;
    Expect(version.status());
    std::printf("done rollback %s %ld %ld\n", layer.c_str(), version->number, old);
  }

  void Delete(const std::string& layer) {
    std::printf("begin delete %s\n", layer.c_str());
    const absl::Status deleted = writer_.Delete(layer, /*with_foreign=*/false);
    if (!absl::IsNotFound(deleted)) Expect(deleted);
    std::printf("done delete %s\n", layer.c_str());
  }

  static void Expect(const absl::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::_Exit(1);
  }

  int steps_ = 0;
  int64_t newest_ = 0;
  RepositoryWriter writer_;
};

}  // namespace
}  // namespace convoy::repository

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  // Each line is out before what follows it happens.
  setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  convoy::repository::CrashingWriter(argv[1], std::atoi(argv[3])).Run(std::atoi(argv[2]));
}
