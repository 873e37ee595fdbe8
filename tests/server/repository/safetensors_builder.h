// Writes safetensors bytes for tests, right or deliberately wrong.
#ifndef CONVOY_TESTS_SERVER_REPOSITORY_SAFETENSORS_BUILDER_H_
#define CONVOY_TESTS_SERVER_REPOSITORY_SAFETENSORS_BUILDER_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace convoy::repository {

// The length, `header` as it is, and `data`.
inline std::string SafetensorsBytes(std::string_view header, std::string_view data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  bytes += header;
  bytes += data;
  return bytes;
}

inline std::string FloatBytes(const std::vector<float>& values) {
  // A memcpy from an empty vector's null pointer would be undefined.
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

// A kernel (K, Ig, F) of ones and a bias (F) of twos.
inline std::string KernelAndBias(int kernel_size, int channels, int filters) {
  const int kernel_bytes = kernel_size * channels * filters * 4;
  const int end = kernel_bytes + filters * 4;
  const std::string header = R"({"kernel":{"dtype":"F32","shape":[)" + std::to_string(kernel_size) +
                             "," + std::to_string(channels) + "," + std::to_string(filters) +
                             R"(],"data_offsets":[0,)" + std::to_string(kernel_bytes) +
                             R"(]},"bias":{"dtype":"F32","shape":[)" + std::to_string(filters) +
                             R"(],"data_offsets":[)" + std::to_string(kernel_bytes) + "," +
                             std::to_string(end) + "]}}";
  return SafetensorsBytes(header, FloatBytes(std::vector<float>(kernel_bytes / 4, 1.0f)) +
                                      FloatBytes(std::vector<float>(filters, 2.0f)));
}

}  // namespace convoy::repository

#endif  // CONVOY_TESTS_SERVER_REPOSITORY_SAFETENSORS_BUILDER_H_
