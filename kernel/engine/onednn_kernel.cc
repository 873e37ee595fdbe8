#include "kernel/engine/convolution_kernel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/engine/onednn_status.h"
#include "kernel/layer/reduced_precision.h"

namespace convoy::engine {
namespace {

using dnnl::convolution_forward;
using dnnl::memory;

constexpr auto kF32 = memory::data_type::f32;
constexpr size_t kCacheLine = 64;

// Time is the last spatial dimension; an image gets a height of one before it.
memory::dims WithHeight(memory::dims leading, int64_t height, int64_t time, int spatial) {
  if (spatial == 2) leading.push_back(height);
  leading.push_back(time);
  return leading;
}

// Of source and weights; sums, bias and target are always float32.
memory::data_type OperandType(const Statement& statement) {
  return statement.bfloat16 ? memory::data_type::bf16 : kF32;
}

memory::desc DataDescription(int64_t channels, int64_t frames, int spatial,
                             memory::data_type type) {
  const auto tag = spatial == 2 ? memory::format_tag::nhwc : memory::format_tag::nwc;
  return {WithHeight({1, channels}, 1, frames, spatial), type, tag};
}

memory::dims WeightDimensions(const Problem& problem, int spatial) {
  const int64_t groups = problem.groups();
  const int64_t inputs = problem.channels() / groups;
  const int64_t filters = problem.filters() / groups;
  memory::dims leading =
      groups == 1 ? memory::dims{filters, inputs} : memory::dims{groups, filters, inputs};
  return WithHeight(std::move(leading), 1, problem.kernel_size(), spatial);
}

// Keras' (K, C / groups, F) as oneDNN sees it: wio, or wigo with groups.
memory::desc PlainWeights(const Problem& problem, int spatial) {
  const int64_t groups = problem.groups();
  const int64_t filters = problem.filters();
  const int64_t tap = problem.channels() / groups * filters;
  memory::dims strides =
      groups == 1 ? memory::dims{1, filters} : memory::dims{filters / groups, 1, filters};
  if (spatial == 2) strides.push_back(tap * problem.kernel_size());
  strides.push_back(tap);
  return {WeightDimensions(problem, spatial), kF32, strides};
}

convolution_forward::primitive_desc Describe(const Problem& problem, int64_t outputs,
                                             const Statement& statement) {
  const int spatial = statement.spatial_dimensions;
  const int64_t frames = problem.SourceFrames(outputs);
  const memory::data_type type = OperandType(statement);
  const memory::desc source = DataDescription(problem.channels(), frames, spatial, type);
  const memory::desc target = DataDescription(problem.filters(), outputs, spatial, kF32);
  const memory::desc weights(WeightDimensions(problem, spatial), type, memory::format_tag::any);
  const memory::dims strides = WithHeight({}, 1, problem.strides(), spatial);
  const memory::dims dilates = WithHeight({}, 0, problem.dilation_rate() - 1, spatial);
  const memory::dims no_padding = WithHeight({}, 0, 0, spatial);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  if (problem.bias().empty()) {
    return {CpuEngine(), kind,    algorithm,  source,     weights,   target,
            strides,     dilates, no_padding, no_padding, attributes};
  }
  const memory::desc bias({problem.filters()}, kF32, memory::format_tag::a);
  return {CpuEngine(), kind,    algorithm, source,     weights,    bias,
          target,      strides, dilates,   no_padding, no_padding, attributes};
}

memory BiasMemory(const Problem& problem) {
  if (problem.bias().empty()) return {};
  const memory::desc bias({problem.filters()}, kF32, memory::format_tag::a);
  // oneDNN does not write through a bias argument.
  return {bias, CpuEngine(), const_cast<float*>(problem.bias().data())};
}

}  // namespace

absl::StatusOr<std::unique_ptr<TileKernel>> ConvolutionKernel::Create(const Problem& problem,
                                                                      PackedWeights& weights,
                                                                      const Statement& statement,
                                                                      int64_t outputs) {
  return CatchOnednn(
      "creating a convolution", [&]() -> absl::StatusOr<std::unique_ptr<TileKernel>> {
        auto description = engine::Describe(problem, outputs, statement);
        for (int i = 0; i < statement.implementation; ++i) {
          if (!description.next_impl()) {
            return absl::UnimplementedError(absl::StrCat("oneDNN offers ", i + 1,
                                                         " implementations, asked for number ",
                                                         statement.implementation + 1));
          }
        }
        const dnnl::memory& packed = weights.InFormat(
            PlainWeights(problem, statement.spatial_dimensions), description.weights_desc());
        return std::unique_ptr<TileKernel>(
            new ConvolutionKernel(outputs, statement, std::move(description), packed, problem));
      });
}

ConvolutionKernel::ConvolutionKernel(int64_t outputs, const Statement& statement,
                                     convolution_forward::primitive_desc description,
                                     memory weights, const Problem& problem)
    : TileKernel(outputs),
      statement_(statement),
      source_frames_(problem.SourceFrames(outputs)),
      description_(std::move(description)),
      primitive_(description_),
      source_(description_.src_desc()),
      target_(description_.dst_desc()),
      scratchpad_(description_.scratchpad_desc()),
      scratchpad_bytes_((scratchpad_.get_size() + kCacheLine - 1) / kCacheLine * kCacheLine),
      narrow_bytes_(statement.bfloat16 ? source_.get_size() : 0),
      weights_(std::move(weights)),
      bias_(BiasMemory(problem)) {}

absl::Status ConvolutionKernel::Run(const float* source, float* target,
                                    Workspace& workspace) const {
  return CatchOnednn("running a convolution", [&]() -> absl::Status {
    std::byte* const scratch = workspace.Scratchpad(scratchpad_bytes_ + narrow_bytes_ + kCacheLine);
    const void* operand = source;
    if (statement_.bfloat16) operand = Narrow(source, scratch + scratchpad_bytes_);
    const BoundMemory source_memory(source_, operand);
    const BoundMemory target_memory(target_, target);
    const BoundMemory scratchpad(scratchpad_, scratch);
    dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, source_memory.get()},
                                    {DNNL_ARG_WEIGHTS, weights_.get()},
                                    {DNNL_ARG_DST, target_memory.get()},
                                    {DNNL_ARG_SCRATCHPAD, scratchpad.get()}};
    int count = 4;
    if (bias_) arguments[count++] = {DNNL_ARG_BIAS, bias_.get()};
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_.get(), workspace.stream().stream.get(), count, arguments),
        "cannot execute a convolution");
    return absl::OkStatus();
  });
}

// The values are bfloat16 numbers already: nothing is lost.
const void* ConvolutionKernel::Narrow(const float* source, std::byte* scratch) const {
  const size_t count = narrow_bytes_ / sizeof(uint16_t);
  auto* narrow = reinterpret_cast<uint16_t*>(scratch);
  layer::NarrowToBfloat16(absl::MakeSpan(source, count), absl::MakeSpan(narrow, count));
  // The other half of an odd last channel's pair.
  std::fill_n(scratch + narrow_bytes_, kCacheLine, std::byte{0});
  return narrow;
}

size_t ConvolutionKernel::bytes() const {
  // Generated code and descriptors; oneDNN does not tell. Measured as resident
  // memory over many shapes: tens of kilobytes each.
  return size_t{64} << 10;
}

std::string ConvolutionKernel::Describe() const {
  return absl::StrCat(ToString(statement_), ": ", description_.impl_info_str());
}

}  // namespace convoy::engine
