#include "kernel/engine/tile/machine.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::engine {
namespace {

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

bool HasBfloat16() {
  // Instruction sets are sets of bits: later ones contain earlier ones.
  constexpr auto kNeeded = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  static const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (isa & kNeeded) == kNeeded;
}

std::string DescribeMachine() {
  const dnnl_version_t& version = *dnnl_version();
  return absl::StrCat(ProcessorName(), ", isa ", static_cast<int>(dnnl::get_effective_cpu_isa()),
                      ", oneDNN ", version.major, ".", version.minor, ".", version.patch);
}

}  // namespace convoy::engine
