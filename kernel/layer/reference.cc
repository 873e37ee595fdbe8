#include "kernel/layer/reference.h"

#include <cmath>

namespace convoy::layer {
namespace {

// Walks one request in the layer's data_format.
class Walk {
 public:
  Walk(const Conv1D& layer, const InputShape& shape, absl::Span<const float> input)
      : layer_(layer), shape_(shape), input_(input) {
    kernel_channels_ = layer.input_channels() / layer.config().groups;
    group_filters_ = layer.config().filters / layer.config().groups;
  }

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
        const double w = layer_.kernel()[(k * kernel_channels_ + c) * filters + f];
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
  absl::Span<const float> input_;
  int64_t kernel_channels_;
  int64_t group_filters_;
};

double Activate(const Activation& activation, double value) {
  if (activation.kind == ActivationKind::kRelu) return value < 0.0 ? 0.0 : value;
  return value;
}

}  // namespace

ReferenceResult ReferenceConv1D(const Conv1D& layer, const InputShape& shape,
                                absl::Span<const float> input) {
  const int64_t filters = layer.config().filters;
  const Walk walk(layer, shape, input);
  ReferenceResult result;
  result.output.resize(shape.sequences * shape.frames.output * filters);
  result.magnitude.resize(result.output.size());
  for (int64_t n = 0; n < shape.sequences; ++n) {
    for (int64_t o = 0; o < shape.frames.output; ++o) {
      for (int64_t f = 0; f < filters; ++f) {
        const size_t at = walk.OutputIndex(n, o, f);
        const double bias = layer.bias().empty() ? 0.0 : layer.bias()[f];
        walk.Convolve(n, o, f, result.output[at], result.magnitude[at]);
        result.output[at] = Activate(layer.config().activation, result.output[at] + bias);
        result.magnitude[at] += std::abs(bias);
      }
    }
  }
  return result;
}

}  // namespace convoy::layer
