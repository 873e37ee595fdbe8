#include "server/version_report.h"

#include <map>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/engine/tile/machine.h"
#include "server/base/version.h"
#include "server/rpc/library_versions.h"

namespace convoy {
namespace {

std::string AbseilVersion() {
#ifdef ABSL_LTS_RELEASE_VERSION
  return absl::StrCat(ABSL_LTS_RELEASE_VERSION);
#else
  return "unreleased";
#endif
}

}  // namespace

std::map<std::string, std::string> LibraryVersions() {
  return {{"oneDNN", engine::OnednnVersion()},
          {"gRPC", rpc::GrpcVersion()},
          {"Protobuf", rpc::ProtobufVersion()},
          {"Abseil", AbseilVersion()}};
}

std::string VersionReport() {
  return absl::StrCat("convoy-server ", kVersion, "\n",
                      absl::StrJoin(LibraryVersions(), ", ", absl::PairFormatter(" ")),
                      "\ninstruction set ", engine::InstructionSet());
}

}  // namespace convoy
