#include "kernel/engine/tile/machine.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::engine {
namespace {

constexpr struct {
  dnnl::cpu_isa isa;
  const char* name;
} kInstructionSets[] = {
    {dnnl::cpu_isa::sse41, "SSE4.1"},
    {dnnl::cpu_isa::avx, "AVX"},
    {dnnl::cpu_isa::avx2, "AVX2"},
    {dnnl::cpu_isa::avx2_vnni, "AVX2-VNNI"},
    {dnnl::cpu_isa::avx2_vnni_2, "AVX2-VNNI-2"},
    {dnnl::cpu_isa::avx512_core, "AVX512"},
    {dnnl::cpu_isa::avx512_core_vnni, "AVX512-VNNI"},
    {dnnl::cpu_isa::avx512_core_bf16, "AVX512-BF16"},
    {dnnl::cpu_isa::avx512_core_fp16, "AVX512-FP16"},
    {dnnl::cpu_isa::avx512_core_amx, "AMX"},
    {dnnl::cpu_isa::avx512_core_amx_fp16, "AMX-FP16"},
};

bool Has(dnnl::cpu_isa needed) {
  // Instruction sets are sets of bits: later ones contain earlier ones.
  const auto bits = static_cast<unsigned>(needed);
  static const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (isa & bits) == bits;
}

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

bool HasBfloat16() { return Has(dnnl::cpu_isa::avx512_core_bf16); }

bool HasAvx2() { return Has(dnnl::cpu_isa::avx2); }

std::string OnednnVersion() {
  const dnnl_version_t& version = *dnnl_version();
  return absl::StrCat(version.major, ".", version.minor, ".", version.patch);
}

std::string InstructionSet() {
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  const auto known = std::find_if(std::begin(kInstructionSets), std::end(kInstructionSets),
                                  [isa](const auto& set) { return set.isa == isa; });
  return known == std::end(kInstructionSets) ? absl::StrCat("isa ", static_cast<int>(isa))
                                             : known->name;
}

std::string DescribeMachine() {
  return absl::StrCat(ProcessorName(), ", isa ", static_cast<int>(dnnl::get_effective_cpu_isa()),
                      ", oneDNN ", OnednnVersion());
}

}  // namespace convoy::engine
