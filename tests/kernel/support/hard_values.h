// Signals and kernels that fast convolutions get wrong where nothing guards them.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_HARD_VALUES_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_HARD_VALUES_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::testing {

inline float Uniform(Random& random, double low, double high) {
  return static_cast<float>(std::uniform_real_distribution<double>(low, high)(random));
}
inline float Normal(Random& random) { return std::normal_distribution<float>()(random); }
inline float Sign(Random& random) { return Between(random, 0, 1) == 0 ? -1.0f : 1.0f; }

// A value of the signal or of the kernel, by frame or tap and channel.
using Values = std::function<float(Random&, int64_t, int64_t)>;
struct Kind {
  const char* name;
  Values values;
};

// Of eight decades, and each frame of two, all channels alike.
inline float LogUniform(Random& random) {
  return Sign(random) * std::pow(10.0f, Uniform(random, -4, 4));
}
inline float Level(int64_t frame, int decades) {
  Random random(static_cast<uint32_t>(frame + 1) * 2654435761u);
  return std::pow(10.0f, Uniform(random, 0, decades));
}

inline const std::vector<Kind> kHardSignals = {
    {"noise", [](Random& r, int64_t, int64_t) { return Normal(r); }},
    {"rectified", [](Random& r, int64_t, int64_t) { return std::max(0.0f, Normal(r)); }},
    {"sparse", [](Random& r, int64_t, int64_t) { return Between(r, 0, 15) == 0 ? Normal(r) : 0; }},
    {"silence", [](Random&, int64_t, int64_t) { return 0.0f; }},
    {"constant", [](Random&, int64_t, int64_t) { return 0.37f; }},
    {"ramp", [](Random&, int64_t t, int64_t) { return 1e-3f * static_cast<float>(t); }},
    {"exponential ramp",
     [](Random& r, int64_t t, int64_t) {
       return Normal(r) * std::exp2(0.5f * static_cast<float>(t));
     }},
    {"clicks after silence",
     [](Random& r, int64_t t, int64_t) { return t % 37 == 5 ? 1e5f * Normal(r) : 0.0f; }},
    {"clicks over a quiet passage",
     [](Random& r, int64_t t, int64_t) { return (t % 23 == 5 ? 1e5f : 1.0f) * Normal(r); }},
    {"small clicks, alike in all channels",
     [](Random&, int64_t t, int64_t) { return t % 11 == 5 ? 30.0f : 1.0f; }},
    {"frames of two decades, alike in all channels",
     [](Random&, int64_t t, int64_t) { return Level(t, 2); }},
    {"frames of one decade", [](Random& r, int64_t t, int64_t) { return Level(t, 1) * Normal(r); }},
    {"eight decades", [](Random& r, int64_t, int64_t) { return LogUniform(r); }},
    {"one channel", [](Random& r, int64_t, int64_t c) { return c == 3 ? Normal(r) : 0.0f; }},
    {"another channel a frame",
     [](Random& r, int64_t t, int64_t c) { return c == t % 32 ? Normal(r) : 0.0f; }},
    {"denormal", [](Random& r, int64_t, int64_t) { return 1e-41f * Normal(r); }},
    {"hardly normal", [](Random& r, int64_t, int64_t) { return 3e-38f * Normal(r); }},
    {"tiny squares", [](Random& r, int64_t, int64_t) { return 1e-21f * Normal(r); }},
    {"huge squares", [](Random& r, int64_t, int64_t) { return 1e19f * Normal(r); }},
    {"near the largest", [](Random& r, int64_t, int64_t) { return Uniform(r, 1e34, 2e34); }},
};

inline const std::vector<Kind> kHardKernels = {
    {"noise", [](Random& r, int64_t, int64_t) { return Normal(r); }},
    {"uniform", [](Random& r, int64_t, int64_t) { return Uniform(r, -0.2, 0.2); }},
    {"positive", [](Random& r, int64_t, int64_t) { return Uniform(r, 0.5, 1.5); }},
    {"equal", [](Random&, int64_t, int64_t) { return 0.1f; }},
    {"one tap", [](Random& r, int64_t k, int64_t) { return k == 1 ? Normal(r) : 0.0f; }},
    {"all taps but one", [](Random& r, int64_t k, int64_t) { return k == 1 ? 0.0f : Normal(r); }},
    {"one channel", [](Random& r, int64_t, int64_t c) { return c == 3 ? Normal(r) : 0.0f; }},
    {"all channels but one",
     [](Random& r, int64_t, int64_t c) { return c == 3 ? 0.0f : Normal(r); }},
    {"one large tap",
     [](Random& r, int64_t k, int64_t) { return (k == 0 ? 1e3f : 1.0f) * Normal(r); }},
    {"eight decades", [](Random& r, int64_t, int64_t) { return LogUniform(r); }},
    {"zeros and ones",
     [](Random& r, int64_t, int64_t) { return Between(r, 0, 9) == 0 ? 0.0f : 1.0f; }},
    {"tiny", [](Random& r, int64_t, int64_t) { return 1e-30f * Normal(r); }},
};

// `count` frames or taps of values.
inline std::vector<float> Draw(const Values& values, int64_t count, int64_t channels,
                               Random& random) {
  std::vector<float> drawn;
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t c = 0; c < channels; ++c) drawn.push_back(values(random, t, c));
  }
  return drawn;
}

// (taps, channels, filters); each filter draws its own.
inline std::vector<float> DrawKernel(const Values& values, int64_t taps, int64_t channels,
                                     int64_t filters, Random& random) {
  std::vector<float> kernel;
  for (int64_t k = 0; k < taps; ++k) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t f = 0; f < filters; ++f) kernel.push_back(values(random, k, c));
    }
  }
  return kernel;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_HARD_VALUES_H_
