// The layers that the benchmarks time, and where they come from.
#ifndef CONVOY_TESTS_BENCH_SHAPES_H_
#define CONVOY_TESTS_BENCH_SHAPES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace convoy::bench {

// (n, length, channels) -> filters.
struct Shape {
  const char* name;
  int64_t n, length, channels, filters, kernel_size;
  int64_t strides = 1, dilation = 1, groups = 1;
  // Keras' words, or "explicit" with `pad` on both sides.
  const char* padding = "valid";
  int64_t pad = 0;
};

inline std::vector<Shape> EngineShapes() {
  return {
      {"documented example", 4, 10, 128, 32, 3},
      {"tiny", 1, 10, 128, 32, 3},
      {"speech features", 1, 1000, 64, 128, 5},
      {"speech features x16", 16, 1000, 64, 128, 5},
      {"vad stft", 1, 640, 1, 258, 256, 128},
      {"vad encoder 0", 1, 4, 129, 128, 3, 1, 1, 1, "explicit", 1},
      {"vad encoder 1", 1, 4, 128, 64, 3, 2, 1, 1, "explicit", 1},
      {"whisper conv1", 1, 3000, 80, 384, 3, 1, 1, 1, "same"},
      {"whisper conv2", 1, 3000, 384, 384, 3, 2, 1, 1, "explicit", 1},
      {"wav2vec conv0", 1, 16000, 1, 512, 10, 5},
      {"wav2vec conv1", 1, 3199, 512, 512, 3, 2},
      {"wav2vec conv5", 1, 199, 512, 512, 2, 2},
      {"raw audio K=80 s=4", 1, 16000, 1, 64, 80, 4, 1, 1, "explicit", 38},
      {"sinc filters K=251", 1, 16000, 1, 80, 251},
      {"log-mel K=400 s=160", 1, 16000, 1, 80, 400, 160},
      {"depthwise K=31", 1, 1000, 256, 256, 31, 1, 1, 256, "same"},
      {"depthwise K=31 x16", 16, 1000, 256, 256, 31, 1, 1, 256, "same"},
      {"depthwise K=3", 1, 2000, 128, 128, 3, 1, 1, 128, "causal"},
      {"tcn d=1", 1, 4096, 64, 64, 3, 1, 1, 1, "causal"},
      {"tcn d=16", 1, 4096, 64, 64, 3, 1, 16, 1, "causal"},
      {"tcn d=64 x16", 16, 500, 64, 64, 3, 1, 64, 1, "causal"},
      {"wavenet d=1", 1, 8000, 32, 64, 2, 1, 1, 1, "causal"},
      {"wavenet d=512", 1, 8000, 32, 64, 2, 1, 512, 1, "causal"},
      {"wavenet 1x1", 1, 8000, 32, 256, 1},
      {"1x1 C=512", 1, 1000, 512, 512, 1},
      {"1x1 C=64 x16", 16, 250, 64, 64, 1},
      {"ecg first", 1, 5000, 12, 64, 17, 2, 1, 1, "same"},
      {"ecg first x16", 16, 5000, 12, 64, 17, 2, 1, 1, "same"},
      {"ecg deep", 1, 312, 256, 256, 17, 2, 1, 1, "same"},
      {"eeg temporal", 16, 512, 22, 40, 25},
      {"vibration wide first", 1, 2048, 1, 16, 64, 16, 1, 1, "same"},
      {"vibration x16", 16, 2048, 1, 16, 64, 16, 1, 1, "same"},
      {"vibration deep x16", 16, 128, 64, 64, 3, 1, 1, 1, "same"},
      {"market window", 16, 60, 8, 32, 5, 1, 1, 1, "causal"},
      {"grouped", 1, 1000, 256, 256, 9, 1, 1, 8, "same"},
      {"long window overload", 1, 60, 512, 512, 9},
  };
}

}  // namespace convoy::bench

#endif  // CONVOY_TESTS_BENCH_SHAPES_H_
