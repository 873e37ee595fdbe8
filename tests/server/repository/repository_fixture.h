// A repository folder for one test.
#ifndef CONVOY_TESTS_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_
#define CONVOY_TESTS_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/server/repository/safetensors_builder.h"

namespace convoy::repository {

class RepositoryTest : public ::testing::Test {
 protected:
  ~RepositoryTest() override { std::filesystem::remove_all(root_); }

  // Creates the folders on the way.
  void Write(const std::filesystem::path& relative, std::string_view content) {
    std::filesystem::create_directories((root_ / relative).parent_path());
    std::ofstream(root_ / relative, std::ios::binary) << content;
  }

  // A Conv1D of 3 filters, kernel size 2 and 1 channel with its weights.
  void WriteVersion(const std::string& layer, const std::string& version) {
    Write(layer + "/" + version + "/config.json",
          R"({"class_name": "Conv1D", "config": {"filters": 3, "kernel_size": 2}})");
    Write(layer + "/" + version + "/weights.safetensors", KernelAndBias(2, 1, 3));
  }

  const std::filesystem::path root_ = [] {
    std::string name = ::testing::TempDir() + "repository_XXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
};

}  // namespace convoy::repository

#endif  // CONVOY_TESTS_SERVER_REPOSITORY_REPOSITORY_FIXTURE_H_
