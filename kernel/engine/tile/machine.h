// What the engine must know of the processor and of oneDNN.
#ifndef CONVOY_KERNEL_ENGINE_TILE_MACHINE_H_
#define CONVOY_KERNEL_ENGINE_TILE_MACHINE_H_

#include <string>

namespace convoy::engine {

// Whether the processor multiplies bfloat16 itself (AMX or AVX512-BF16), as far as
// ONEDNN_MAX_CPU_ISA lets oneDNN use it. Elsewhere oneDNN would emulate it, slower
// than float32.
bool HasBfloat16();

// Whether it has AVX2 and FMA, as far as ONEDNN_MAX_CPU_ISA lets oneDNN use them.
bool HasAvx2();

// Of the library in use: "3.2.0".
std::string OnednnVersion();

// The newest instruction set that oneDNN uses here, by its name for it: "AVX2".
std::string InstructionSet();

// The processor's name, the instruction set that oneDNN may use, and oneDNN's
// version: "AMD EPYC 7R13, isa 7, oneDNN 3.2.0".
std::string DescribeMachine();

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_MACHINE_H_
