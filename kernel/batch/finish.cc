#include "kernel/batch/finish.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/batch/payload_reader.h"
#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/tensor_values.h"
#include "kernel/layer/tensor_view.h"

namespace convoy::batch {
namespace {

using layer::DType;
using layer::TensorView;

void Round(DType dtype, absl::Span<float> values) { layer::RoundTo(dtype, values); }
// float32 is what floats have anyway, and doubles are wide enough for.
void Round(DType dtype, absl::Span<double> values) {
  if (layer::SizeOf(dtype) < layer::SizeOf(DType::kFloat32)) layer::RoundTo(dtype, values);
}

// One sequence's results to `dense`, with the roundings and the bias.
template <typename Real>
void CollectSequence(const layer::Conv1D& layer, int64_t frames, const Real* results, Real* dense) {
  const int64_t filters = layer.config().filters;
  const absl::Span<Real> values(dense, static_cast<size_t>(frames * filters));
  std::copy_n(results, values.size(), dense);
  if (layer.rounds_before_bias()) {
    Round(layer.compute_dtype(), values);
    const absl::Span<const Real> bias = layer.bias<Real>();
    for (int64_t t = 0; t < frames; ++t) {
      for (size_t f = 0; f < bias.size(); ++f) dense[t * filters + f] += bias[f];
    }
    Round(layer.compute_dtype(), values);
  }
  // Before the activation, where that is a layer with a dtype of its own.
  Round(layer.output_dtype(), values);
}

template <typename Real>
TensorView<Real> AnswerView(const layer::Conv1D& layer, const std::array<int64_t, 3>& shape,
                            Real* data) {
  return layer.config().data_format == layer::DataFormat::kChannelsLast
             ? TensorView<Real>::ChannelsLast(data, shape[0], shape[1], shape[2])
             : TensorView<Real>::ChannelsFirst(data, shape[0], shape[2], shape[1]);
}

// `values` as the output dtype, to a buffer of their own.
void Narrow(DType dtype, absl::Span<float> values, std::byte* target) {
  const absl::Span<uint16_t> halves(reinterpret_cast<uint16_t*>(target), values.size());
  if (dtype == DType::kBfloat16) {
    layer::NarrowToBfloat16(values, halves);
  } else if (dtype == DType::kFloat16) {
    layer::NarrowToFloat16(values, halves);
  } else {
    std::copy(values.begin(), values.end(), reinterpret_cast<float*>(target));
  }
}

void Narrow(DType dtype, absl::Span<double> values, std::byte* target) {
  uint16_t* halves = reinterpret_cast<uint16_t*>(target);
  switch (dtype) {
    case DType::kBfloat16:
      std::transform(values.begin(), values.end(), halves, layer::DoubleToBfloat16);
      return;
    case DType::kFloat16:
      std::transform(values.begin(), values.end(), halves, layer::DoubleToFloat16);
      return;
    case DType::kFloat32:
      std::copy(values.begin(), values.end(), reinterpret_cast<float*>(target));
      return;
    default:
      std::copy(values.begin(), values.end(), reinterpret_cast<double*>(target));
  }
}

}  // namespace

bool NeedsFinish(const layer::Conv1D& layer) {
  const layer::ActivationReach reach = layer.activation().reach();
  return layer.uses_double() || layer.rounds_before_bias() ||
         layer.output_dtype() != DType::kFloat32 ||
         (reach != layer::ActivationReach::kNone && reach != layer::ActivationReach::kElement);
}

template <typename Real>
Output Finish(const layer::Conv1D& layer, const layer::InputShape& shape,
              absl::Span<const int64_t> targets, const Real* results, BufferPool& pool) {
  const int64_t frames = shape.frames.output;
  const int64_t filters = layer.config().filters;
  const size_t count = targets.size() * static_cast<size_t>(frames * filters);
  BufferRef dense = pool.Get(count * sizeof(Real));
  Real* given = reinterpret_cast<Real*>(dense->data());
  for (size_t n = 0; n < targets.size(); ++n) {
    CollectSequence(layer, frames, results + targets[n] * filters, given + n * frames * filters);
  }

  const std::array<int64_t, 3> answer_shape = layer.OutputShape(shape);
  const size_t answers = static_cast<size_t>(answer_shape[0] * answer_shape[1] * answer_shape[2]);
  BufferRef activated = pool.Get(answers * sizeof(Real));
  Real* made = reinterpret_cast<Real*>(activated->data());
  layer.activation().Apply(
      TensorView<const Real>::ChannelsLast(given, shape.sequences, frames, filters),
      AnswerView(layer, answer_shape, made));
  dense.Reset();

  Output output;
  const size_t bytes = answers * static_cast<size_t>(layer::SizeOf(layer.output_dtype()));
  if (layer.output_dtype() == kNative<Real>) {
    output.buffer = std::move(activated);
  } else {
    output.buffer = pool.Get(bytes);
    Narrow(layer.output_dtype(), absl::MakeSpan(made, answers), output.buffer->data());
  }
  output.pieces.push_back(Bytes(output.buffer->data(), bytes));
  return output;
}

int64_t FinishBytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const int64_t real = layer.uses_double() ? sizeof(double) : sizeof(float);
  const std::array<int64_t, 3> answer = layer.OutputShape(shape);
  const int64_t answers = answer[0] * answer[1] * answer[2];
  const int64_t values = shape.sequences * shape.frames.output * layer.config().filters;
  const int64_t activated = BufferPool::CapacityOf(answers * real);
  const int64_t output =
      layer::SizeOf(layer.output_dtype()) == real
          ? 0
          : BufferPool::CapacityOf(answers * layer::SizeOf(layer.output_dtype()));
  const int64_t activating = BufferPool::CapacityOf(values * real) +
                             layer.activation().ScratchNumbers(shape.sequences, shape.frames.output,
                                                               layer.config().filters) *
                                 real;
  return activated + std::max(activating, output);
}

template Output Finish(const layer::Conv1D&, const layer::InputShape&, absl::Span<const int64_t>,
                       const float*, BufferPool&);
template Output Finish(const layer::Conv1D&, const layer::InputShape&, absl::Span<const int64_t>,
                       const double*, BufferPool&);

}  // namespace convoy::batch
