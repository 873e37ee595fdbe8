#include "kernel/engine/tile/onednn_tile.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tile/kept_primitives.h"
#include "kernel/engine/tile/onednn_status.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::engine {
namespace {

using dnnl::memory;

constexpr size_t kCacheLine = 64;

// `bias_format` is the one that the primitive asked for.
memory BiasMemory(const Problem& problem, const memory::desc& bias_format) {
  if (problem.bias().empty()) return {};
  // oneDNN does not write through a bias argument.
  return {bias_format, CpuEngine(), const_cast<float*>(problem.bias().data())};
}

}  // namespace

absl::StatusOr<std::unique_ptr<CompiledTile>> OnednnTile::Create(
    std::shared_ptr<StatedProblem> stated, const Statement& statement, const TileShape& shape) {
  return CatchOnednn(
      "creating a primitive", [&]() -> absl::StatusOr<std::unique_ptr<CompiledTile>> {
        StayOnThisThread();
        CONVOY_ASSIGN_OR_RETURN(const StatedPrimitive primitive,
                                DescribePrimitive(stated->problem, statement, shape));
        return std::unique_ptr<CompiledTile>(
            new OnednnTile(std::move(stated), statement, shape, primitive));
      });
}

OnednnTile::OnednnTile(std::shared_ptr<StatedProblem> stated, const Statement& statement,
                       const TileShape& shape, const StatedPrimitive& primitive)
    : CompiledTile(shape),
      stated_(std::move(stated)),
      statement_(statement),
      source_frames_(SourceFrames(stated_->problem.size(), shape)),
      description_(primitive.description),
      primitive_(PrimitiveOf(description_, stated_->problem, statement, shape)),
      formats_{description_.src_desc(0), description_.dst_desc(0), description_.scratchpad_desc()},
      scratchpad_bytes_((formats_.scratchpad.get_size() + kCacheLine - 1) / kCacheLine *
                        kCacheLine),
      narrow_bytes_(statement.bfloat16 ? formats_.source.get_size() : 0),
      weights_(stated_->weights.InFormat(primitive.plain_weights, description_.weights_desc(0))),
      bias_(BiasMemory(stated_->problem, description_.weights_desc(1))) {}

absl::Status OnednnTile::Run(const float* source, float* target, TileScratch& scratch) const {
  return CatchOnednn("running a primitive", [&]() -> absl::Status {
    StayOnThisThread();
    std::byte* scratchpad = nullptr;
    if (scratchpad_bytes_ + narrow_bytes_ > 0) {
      scratchpad = scratch.Scratchpad(scratchpad_bytes_ + narrow_bytes_ + kCacheLine);
    }
    const void* operand = source;
    if (statement_.bfloat16) operand = Narrow(source, scratchpad + scratchpad_bytes_);
    std::unique_ptr<Bindings> bindings = spares_.Take();
    if (bindings == nullptr) bindings = std::make_unique<Bindings>(formats_, *weights_, bias_);
    bindings->Execute(primitive_, scratch.stream(), operand, target, scratchpad);
    spares_.Give(std::move(bindings));
    return absl::OkStatus();
  });
}

// The values are bfloat16 numbers already: nothing is lost.
const void* OnednnTile::Narrow(const float* source, std::byte* target) const {
  auto* narrow = reinterpret_cast<uint16_t*>(target);
  const size_t count = narrow_bytes_ / sizeof(uint16_t);
  layer::NarrowToBfloat16(absl::MakeSpan(source, count), absl::MakeSpan(narrow, count));
  // The other half of an odd last channel's pair.
  std::fill_n(target + narrow_bytes_, kCacheLine, std::byte{0});
  return narrow;
}

size_t OnednnTile::bytes() const {
  // Generated code and descriptors; oneDNN does not tell. Measured as resident
  // memory over many shapes: tens of kilobytes each.
  return size_t{64} << 10;
}

std::string OnednnTile::Describe() const {
  return absl::StrCat(ToString(statement_), ": ", description_.impl_info_str());
}

}  // namespace convoy::engine
