#include "kernel/engine/tile/stated_primitive.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/batch/packing.h"

namespace convoy::engine {
namespace {

using dnnl::memory;

constexpr auto kF32 = memory::data_type::f32;

// Of source and weights; sums, bias and target are always float32.
memory::data_type OperandType(const Statement& statement) {
  return statement.bfloat16 ? memory::data_type::bf16 : kF32;
}

dnnl::primitive_attr Attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attributes;
}

// Time is the last spatial dimension; an image gets a height of one before it.
memory::dims WithHeight(memory::dims leading, int64_t height, int64_t time, int spatial) {
  if (spatial == 2) leading.push_back(height);
  leading.push_back(time);
  return leading;
}

memory::desc DataDescription(int64_t sequences, int64_t channels, int64_t frames, int spatial,
                             memory::data_type type) {
  const auto tag = spatial == 2 ? memory::format_tag::nhwc : memory::format_tag::nwc;
  return {WithHeight({sequences, channels}, 1, frames, spatial), type, tag};
}

memory::dims WeightDimensions(const ProblemSize& size, int spatial) {
  const int64_t groups = size.groups;
  const int64_t inputs = size.channels / groups;
  const int64_t filters = size.filters / groups;
  memory::dims leading =
      groups == 1 ? memory::dims{filters, inputs} : memory::dims{groups, filters, inputs};
  return WithHeight(std::move(leading), 1, size.kernel_size, spatial);
}

// Keras' (K, C / groups, F) as oneDNN sees it: wio, or wigo with groups.
memory::desc PlainWeights(const ProblemSize& size, int spatial) {
  const int64_t groups = size.groups;
  const int64_t filters = size.filters;
  const int64_t tap = size.channels / groups * filters;
  memory::dims strides =
      groups == 1 ? memory::dims{1, filters} : memory::dims{filters / groups, 1, filters};
  if (spatial == 2) strides.push_back(tap * size.kernel_size);
  strides.push_back(tap);
  return {WeightDimensions(size, spatial), kF32, strides};
}

StatedPrimitive Convolution(const Problem& problem, const Statement& statement,
                            const TileShape& shape) {
  using Description = dnnl::convolution_forward::primitive_desc;
  const ProblemSize& size = problem.size();
  const int spatial = statement.spatial_dimensions;
  const int64_t frames = SourceFrames(size, shape) / shape.sequences;
  const memory::data_type type = OperandType(statement);
  const memory::desc source =
      DataDescription(shape.sequences, size.channels, frames, spatial, type);
  const memory::desc target =
      DataDescription(shape.sequences, size.filters, shape.outputs, spatial, kF32);
  const memory::desc weights(WeightDimensions(size, spatial), type, memory::format_tag::any);
  const memory::dims strides = WithHeight({}, 1, size.strides, spatial);
  const memory::dims dilates = WithHeight({}, 0, size.dilation_rate - 1, spatial);
  const memory::dims no_padding = WithHeight({}, 0, 0, spatial);
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const memory::desc plain = PlainWeights(size, spatial);
  if (problem.bias().empty()) {
    return {Description(CpuEngine(), kind, algorithm, source, weights, target, strides, dilates,
                        no_padding, no_padding, Attributes()),
            plain};
  }
  const memory::desc bias({size.filters}, kF32, memory::format_tag::a);
  return {Description(CpuEngine(), kind, algorithm, source, weights, bias, target, strides, dilates,
                      no_padding, no_padding, Attributes()),
          plain};
}

// Each window is a row of K * C values, one after another without overlap.
StatedPrimitive Matmul(const Problem& problem, const Statement& statement, const TileShape& shape) {
  using Description = dnnl::matmul::primitive_desc;
  const ProblemSize& size = problem.size();
  const int64_t rows = shape.frames();
  const int64_t values = size.kernel_size * size.channels;
  const int64_t filters = size.filters;
  const memory::desc source({rows, values}, OperandType(statement),
                            memory::dims{size.strides * size.channels, 1});
  const memory::desc target({rows, filters}, kF32, memory::format_tag::ab);
  const memory::desc weights({values, filters}, OperandType(statement), memory::format_tag::any);
  const memory::desc plain({values, filters}, kF32, memory::format_tag::ab);
  if (problem.bias().empty()) {
    return {Description(CpuEngine(), source, weights, target, Attributes()), plain};
  }
  const memory::desc bias({1, filters}, kF32, memory::format_tag::ab);
  return {Description(CpuEngine(), source, weights, bias, target, Attributes()), plain};
}

}  // namespace

int64_t SourceFrames(const ProblemSize& size, const TileShape& shape) {
  if (shape.sequences == 1) return size.SourceFrames(shape.outputs);
  return shape.sequences * size.strides *
         batch::OutputPitch(size.extent(), size.strides, shape.outputs);
}

absl::StatusOr<StatedPrimitive> DescribePrimitive(const Problem& problem,
                                                  const Statement& statement,
                                                  const TileShape& shape) {
  if (statement.matmul && !problem.size().IsMatmul()) {
    return absl::InvalidArgumentError("a convolution whose windows overlap is no matmul");
  }
  StatedPrimitive stated =
      statement.matmul ? Matmul(problem, statement, shape) : Convolution(problem, statement, shape);
  for (int i = 0; i < statement.implementation; ++i) {
    if (!stated.description.next_impl()) {
      return absl::UnimplementedError(absl::StrCat("oneDNN offers ", i + 1,
                                                   " implementations, asked for number ",
                                                   statement.implementation + 1));
    }
  }
  return stated;
}

}  // namespace convoy::engine
