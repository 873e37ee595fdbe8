#include "tests/kernel/support/reference.h"

#include <cmath>

#include "kernel/layer/tensor_values.h"
#include "tests/kernel/support/reference_activation.h"

namespace convoy::testing {
namespace {

// Rounds to a dtype narrower than float32; float32 is the engine's to round.
void RoundNarrow(layer::DType dtype, absl::Span<double> values) {
  if (layer::SizeOf(dtype) < layer::SizeOf(layer::DType::kFloat32)) layer::RoundTo(dtype, values);
}

double Element(absl::Span<const float> f32, absl::Span<const double> f64, int64_t at) {
  return f64.empty() ? f32[at] : f64[at];
}

// Walks one request in the layer's data_format.
class Walk {
 public:
  Walk(const layer::Conv1D& layer, const layer::InputShape& shape, absl::Span<const double> input)
      : layer_(layer),
        shape_(shape),
        input_(input),
        kernel_channels_(layer.input_channels() / layer.config().groups),
        group_filters_(layer.config().filters / layer.config().groups) {}

  // Sum and magnitude of output frame `o`, filter `f` of sequence `n`.
  void Convolve(int64_t n, int64_t o, int64_t f, double& sum, double& magnitude) const {
    const layer::Window& window = layer_.config().window;
    const int64_t filters = layer_.config().filters;
    sum = magnitude = 0.0;
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate - shape_.frames.pad_left;
      if (t < 0 || t >= shape_.length) continue;
      for (int64_t c = 0; c < kernel_channels_; ++c) {
        const double x = Input(n, t, f / group_filters_ * kernel_channels_ + c);
        const double w = Element(layer_.kernel(), layer_.kernel<double>(),
                                 (k * kernel_channels_ + c) * filters + f);
        sum += x * w;
        magnitude += std::abs(x * w);
      }
    }
  }

  size_t OutputIndex(int64_t n, int64_t o, int64_t f) const {
    const int64_t filters = layer_.config().filters;
    const int64_t frames = shape_.frames.output;
    return channels_last() ? (n * frames + o) * filters + f : (n * filters + f) * frames + o;
  }

 private:
  bool channels_last() const {
    return layer_.config().data_format == layer::DataFormat::kChannelsLast;
  }

  double Input(int64_t n, int64_t t, int64_t c) const {
    const int64_t channels = layer_.input_channels();
    return channels_last() ? input_[(n * shape_.length + t) * channels + c]
                           : input_[(n * channels + c) * shape_.length + t];
  }

  const layer::Conv1D& layer_;
  const layer::InputShape& shape_;
  absl::Span<const double> input_;
  int64_t kernel_channels_;
  int64_t group_filters_;
};

// Convolution and bias, with the roundings between them.
void Convolve(const layer::Conv1D& layer, const layer::InputShape& shape,
              absl::Span<const double> input, ReferenceResult& result) {
  const Walk walk(layer, shape, input);
  const bool biased = layer.config().use_bias;
  for (int64_t n = 0; n < shape.sequences; ++n) {
    for (int64_t o = 0; o < shape.frames.output; ++o) {
      for (int64_t f = 0; f < layer.config().filters; ++f) {
        const size_t at = walk.OutputIndex(n, o, f);
        double& sum = result.preactivation[at];
        walk.Convolve(n, o, f, sum, result.magnitude[at]);
        RoundNarrow(layer.compute_dtype(), absl::MakeSpan(&sum, 1));
        if (!biased) continue;
        const double bias = Element(layer.bias(), layer.bias<double>(), f);
        sum += bias;
        RoundNarrow(layer.compute_dtype(), absl::MakeSpan(&sum, 1));
        result.magnitude[at] += std::abs(bias);
      }
    }
  }
}

void Activate(const layer::Conv1D& layer, const layer::InputShape& shape, ReferenceResult& result) {
  const bool last = layer.config().data_format == layer::DataFormat::kChannelsLast;
  const int64_t filters = layer.config().filters, frames = shape.frames.output;
  result.output =
      ReferenceActivate(layer, {shape.sequences, last ? frames : filters, last ? filters : frames},
                        result.preactivation);
  RoundNarrow(layer.output_dtype(), absl::MakeSpan(result.output));
}

}  // namespace

ReferenceResult ReferenceConv1D(const layer::Conv1D& layer, const layer::InputShape& shape,
                                absl::Span<const double> input) {
  std::vector<double> rounded(input.begin(), input.end());
  layer::RoundTo(layer.compute_dtype(), absl::MakeSpan(rounded));
  ReferenceResult result;
  result.preactivation.resize(shape.sequences * shape.frames.output * layer.config().filters);
  result.magnitude.resize(result.preactivation.size());
  Convolve(layer, shape, rounded, result);
  RoundNarrow(layer.output_dtype(), absl::MakeSpan(result.preactivation));
  Activate(layer, shape, result);
  return result;
}

ReferenceResult ReferenceConv1D(const layer::Conv1D& layer, const layer::InputShape& shape,
                                absl::Span<const float> input) {
  return ReferenceConv1D(layer, shape, std::vector<double>(input.begin(), input.end()));
}

}  // namespace convoy::testing
