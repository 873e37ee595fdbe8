#include "server/version_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(VersionReportTest, NamesTheServerItsLibrariesAndTheInstructionSet) {
  const std::string report = VersionReport();
  EXPECT_THAT(report, StartsWith("convoy-server "));
  for (const auto& [name, version] : LibraryVersions()) {
    EXPECT_THAT(report, HasSubstr(absl::StrCat(name, " ", version)));
  }
  EXPECT_THAT(report, HasSubstr("\ninstruction set "));
}

}  // namespace
}  // namespace convoy
