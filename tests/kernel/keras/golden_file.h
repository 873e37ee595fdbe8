// Reads the files that tests/golden/generate.py wrote with Keras.
#ifndef CONVOY_TESTS_KERNEL_KERAS_GOLDEN_FILE_H_
#define CONVOY_TESTS_KERNEL_KERAS_GOLDEN_FILE_H_

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convoy::testing {

// Streams of `Wave`, as in the generator.
enum WaveStream : uint64_t {
  kInputWave,
  kKernelWave,
  kBiasWave,
  kLoraAWave,
  kLoraBWave,
  kAlphaWave
};

// The generator's `wave`: numbers in [-1, 1) without pattern, exact in float32.
inline std::vector<double> Wave(int64_t count, uint64_t stream) {
  std::vector<double> values(count);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t mixed = static_cast<uint64_t>(i + 1) * 2654435761u + stream * 40503u * 65537u;
    mixed = (mixed ^ (mixed >> 15)) * 2246822519u % (uint64_t{1} << 32);
    values[i] = static_cast<double>(mixed >> 8) / 8388608.0 - 1.0;
  }
  return values;
}

// "cases" of a golden file.
inline nlohmann::ordered_json GoldenCases(const std::string& name) {
  std::ifstream file(std::string(CONVOY_GOLDEN_DIR) + "/" + name);
  return nlohmann::ordered_json::parse(file)["cases"];
}

// A list of numbers in which NaN and infinities are text.
inline std::vector<double> GoldenNumbers(const nlohmann::ordered_json& list) {
  std::vector<double> numbers;
  for (const auto& element : list) {
    if (element.is_number()) {
      numbers.push_back(element.get<double>());
    } else if (element == "nan") {
      numbers.push_back(std::numeric_limits<double>::quiet_NaN());
    } else {
      numbers.push_back(element == "inf" ? INFINITY : -INFINITY);
    }
  }
  return numbers;
}

inline int64_t Elements(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t dimension : shape) count *= dimension;
  return count;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_KERAS_GOLDEN_FILE_H_
