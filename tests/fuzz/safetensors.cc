// weights.safetensors: the tensors that are read have the bytes their shapes tell.
#include "server/repository/safetensors.h"

#include "server/repository/byte_source.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  convoy::repository::MemorySource source(convoy::testing::TextOf(data, size));
  const auto tensors = convoy::repository::ReadSafetensors(source);
  if (!tensors.ok()) return 0;
  size_t bytes = 0;
  for (const auto& [name, tensor] : *tensors) bytes += tensor.data.size();
  convoy::testing::Require(bytes <= size, "tensors are larger than their file");
  return 0;
}
