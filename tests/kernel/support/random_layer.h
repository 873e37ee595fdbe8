// Random layers and signals for tests of the kernel.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_RANDOM_LAYER_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_RANDOM_LAYER_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/layer/conv1d.h"
#include "tests/kernel/support/float_tensor.h"

namespace convoy::testing {

using Random = std::mt19937;

inline int64_t Between(Random& random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

inline std::vector<float> RandomFloats(Random& random, int64_t count) {
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

// The layer of `config` with random weights.
inline std::shared_ptr<const layer::Conv1D> LayerOf(const layer::Conv1DConfig& config,
                                                    int64_t input_channels, Random& random) {
  const int64_t inputs = input_channels / config.groups;
  const int64_t taps = config.window.kernel_size;
  layer::Conv1DWeights weights;
  weights.kernel = FloatTensor({taps, inputs, config.filters},
                               RandomFloats(random, taps * inputs * config.filters));
  if (config.use_bias) {
    weights.bias = FloatTensor({config.filters}, RandomFloats(random, config.filters));
  }
  auto built = layer::Conv1D::Build(config, input_channels, std::move(weights));
  if (!built.ok()) throw std::invalid_argument(std::string(built.status().message()));
  return std::make_shared<const layer::Conv1D>(*std::move(built));
}

// Any layer that Keras accepts, small, every argument varied.
inline std::shared_ptr<const layer::Conv1D> RandomLayer(Random& random) {
  layer::Conv1DConfig config;
  config.groups = Between(random, 0, 2) == 0 ? Between(random, 1, 6) : 1;
  const int64_t channels = config.groups * Between(random, 1, 9);
  config.filters = config.groups * Between(random, 1, 12);
  config.window.kernel_size = Between(random, 1, 9);
  if (Between(random, 0, 1) == 0) {
    config.window.strides = Between(random, 1, 12);
  } else {
    config.window.dilation_rate = Between(random, 1, 9);
  }
  using layer::PaddingMode;
  constexpr PaddingMode kModes[] = {PaddingMode::kValid, PaddingMode::kSame, PaddingMode::kCausal,
                                    PaddingMode::kExplicit};
  config.window.padding.mode = kModes[Between(random, 0, 3)];
  if (config.window.padding.mode == PaddingMode::kExplicit) {
    config.window.padding.left = Between(random, 0, 20);
    config.window.padding.right = Between(random, 0, 20);
  }
  if (Between(random, 0, 1) == 0) config.data_format = layer::DataFormat::kChannelsFirst;
  if (Between(random, 0, 1) == 0) config.activation.kind = layer::ActivationKind::kRelu;
  config.use_bias = Between(random, 0, 1) == 0;
  return LayerOf(config, channels, random);
}

// A request and the bytes it refers to.
struct Request {
  std::vector<float> values;  // in the layer's data_format
  batch::Input input;

  Request() = default;
  Request(Request&&) = default;
  Request(const Request&) = delete;
};

inline std::vector<int64_t> TensorShape(const layer::Conv1D& layer, int64_t sequences,
                                        int64_t length) {
  if (layer.config().data_format == layer::DataFormat::kChannelsFirst) {
    return {sequences, layer.input_channels(), length};
  }
  return {sequences, length, layer.input_channels()};
}

// A request over `values`, its payload cut at `cuts` random places.
// REQUIRES: the layer accepts the shape.
inline std::unique_ptr<Request> MakeRequest(const layer::Conv1D& layer, int64_t sequences,
                                            int64_t length, std::vector<float> values, int cuts,
                                            Random& random) {
  auto request = std::make_unique<Request>();
  request->values = std::move(values);
  request->input.shape = layer.CheckInput(TensorShape(layer, sequences, length)).value();
  const auto bytes = batch::Bytes(reinterpret_cast<const std::byte*>(request->values.data()),
                                  request->values.size() * sizeof(float));
  std::vector<size_t> ends = {bytes.size()};
  for (int i = 0; i < cuts; ++i) ends.push_back(Between(random, 0, bytes.size()));
  std::sort(ends.begin(), ends.end());
  size_t begin = 0;
  for (size_t end : ends) {
    request->input.payload.push_back(bytes.subspan(begin, end - begin));
    begin = end;
  }
  return request;
}

inline std::vector<float> Floats(const batch::Output& output) {
  std::vector<std::byte> bytes;
  batch::ForEachPiece(output, [&](const batch::Bytes& piece, const batch::BufferRef&) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  });
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_RANDOM_LAYER_H_
