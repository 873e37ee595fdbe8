#include "kernel/layer/reference.h"

#include <cmath>

#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// Rounds to a dtype narrower than float32; float32 is the engine's to round.
void RoundNarrow(DType dtype, absl::Span<double> values) {
  if (SizeOf(dtype) < SizeOf(DType::kFloat32)) RoundTo(dtype, values);
}

double Element(absl::Span<const float> f32, absl::Span<const double> f64, int64_t at) {
  return f64.empty() ? f32[at] : f64[at];
}

// Walks one request in the layer's data_format.
class Walk {
 public:
  Walk(const Conv1D& layer, const InputShape& shape, absl::Span<const double> input)
      : layer_(layer),
        shape_(shape),
        input_(input),
        kernel_channels_(layer.input_channels() / layer.config().groups),
        group_filters_(layer.config().filters / layer.config().groups) {}

  // Sum and magnitude of output frame `o`, filter `f` of sequence `n`.
  void Convolve(int64_t n, int64_t o, int64_t f, double& sum, double& magnitude) const {
    const Window& window = layer_.config().window;
    const int64_t filters = layer_.config().filters;
    sum = magnitude = 0.0;
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate - shape_.frames.pad_left;
      if (t < 0 || t >= shape_.length) continue;
      for (int64_t c = 0; c < kernel_channels_; ++c) {
        const double x = Input(n, t, f / group_filters_ * kernel_channels_ + c);
        const double w =
            Element(layer_.kernel(), layer_.kernel_f64(), (k * kernel_channels_ + c) * filters + f);
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
  bool channels_last() const { return layer_.config().data_format == DataFormat::kChannelsLast; }

  double Input(int64_t n, int64_t t, int64_t c) const {
    const int64_t channels = layer_.input_channels();
    return channels_last() ? input_[(n * shape_.length + t) * channels + c]
                           : input_[(n * channels + c) * shape_.length + t];
  }

  const Conv1D& layer_;
  const InputShape& shape_;
  absl::Span<const double> input_;
  int64_t kernel_channels_;
  int64_t group_filters_;
};

// Convolution and bias, with the roundings between them.
void Convolve(const Conv1D& layer, const InputShape& shape, absl::Span<const double> input,
              ReferenceResult& result) {
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
        const double bias = Element(layer.bias(), layer.bias_f64(), f);
        sum += bias;
        RoundNarrow(layer.compute_dtype(), absl::MakeSpan(&sum, 1));
        result.magnitude[at] += std::abs(bias);
      }
    }
  }
}

template <typename Real>
TensorView<Real> ViewOf(const Conv1D& layer, Real* data, int64_t n, int64_t t, int64_t c) {
  return layer.config().data_format == DataFormat::kChannelsLast
             ? TensorView<Real>::ChannelsLast(data, n, t, c)
             : TensorView<Real>::ChannelsFirst(data, n, t, c);
}

void Activate(const Conv1D& layer, const InputShape& shape, ReferenceResult& result) {
  const std::array<int64_t, 3> out = layer.OutputShape(shape);
  const bool last = layer.config().data_format == DataFormat::kChannelsLast;
  const int64_t filters = layer.config().filters;
  result.output.resize(out[0] * out[1] * out[2]);
  const double* given = result.preactivation.data();
  layer.ApplyActivation(
      ViewOf(layer, given, shape.sequences, shape.frames.output, filters),
      ViewOf(layer, result.output.data(), out[0], out[last ? 1 : 2], out[last ? 2 : 1]));
  RoundNarrow(layer.output_dtype(), absl::MakeSpan(result.output));
}

}  // namespace

ReferenceResult ReferenceConv1D(const Conv1D& layer, const InputShape& shape,
                                absl::Span<const double> input) {
  std::vector<double> rounded(input.begin(), input.end());
  RoundTo(layer.compute_dtype(), absl::MakeSpan(rounded));
  ReferenceResult result;
  result.preactivation.resize(shape.sequences * shape.frames.output * layer.config().filters);
  result.magnitude.resize(result.preactivation.size());
  Convolve(layer, shape, rounded, result);
  RoundNarrow(layer.output_dtype(), absl::MakeSpan(result.preactivation));
  Activate(layer, shape, result);
  return result;
}

ReferenceResult ReferenceConv1D(const Conv1D& layer, const InputShape& shape,
                                absl::Span<const float> input) {
  return ReferenceConv1D(layer, shape, std::vector<double>(input.begin(), input.end()));
}

}  // namespace convoy::layer
