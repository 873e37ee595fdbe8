#include "server/repository/layer_tensors.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::repository {
namespace {

using Json = nlohmann::ordered_json;

// "F32" for "FP32", "I8" for "INT8"; others are the same.
std::string SafetensorsName(layer::DType dtype) {
  const std::string name(layer::ProtocolName(dtype));
  if (name.starts_with("FP")) return absl::StrCat("F", name.substr(2));
  if (name.starts_with("INT")) return absl::StrCat("I", name.substr(3));
  if (name.starts_with("UINT")) return absl::StrCat("U", name.substr(4));
  return name;
}

}  // namespace

absl::StatusOr<layer::Conv1DWeights> TakeWeights(TensorMap&& tensors) {
  layer::Conv1DWeights weights;
  bool has_kernel = false;
  for (auto& [name, tensor] : tensors) {
    if (name == layer::kKernelName) {
      weights.kernel = std::move(tensor);
      has_kernel = true;
    } else if (name == layer::kBiasName) {
      weights.bias = std::move(tensor);
    } else if (name == layer::kLoraAName) {
      weights.lora_kernel_a = std::move(tensor);
    } else if (name == layer::kLoraBName) {
      weights.lora_kernel_b = std::move(tensor);
    } else if (name == layer::kActivationAlphaName) {
      weights.activation_alpha = std::move(tensor);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown tensor \"", name, "\"; expected kernel and bias"));
    }
  }
  if (!has_kernel) return absl::InvalidArgumentError("the tensor kernel is missing");
  return weights;
}

TensorMap TakeTensors(layer::Conv1DWeights&& weights) {
  TensorMap tensors;
  tensors[std::string(layer::kKernelName)] = std::move(weights.kernel);
  const auto add = [&tensors](std::string_view name, std::optional<layer::Tensor>& tensor) {
    if (tensor.has_value()) tensors[std::string(name)] = *std::move(tensor);
  };
  add(layer::kBiasName, weights.bias);
  add(layer::kLoraAName, weights.lora_kernel_a);
  add(layer::kLoraBName, weights.lora_kernel_b);
  add(layer::kActivationAlphaName, weights.activation_alpha);
  return tensors;
}

std::string WriteSafetensors(const TensorMap& tensors) {
  constexpr size_t kAlignment = 8;
  Json entries = Json::object();
  size_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    const size_t begin = std::exchange(end, end + tensor.data.size());
    entries[name] = {{"dtype", SafetensorsName(tensor.dtype)},
                     {"shape", tensor.shape},
                     {"data_offsets", {begin, end}}};
  }
  std::string header = entries.dump();
  header.resize((header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const auto length = static_cast<uint64_t>(header.size());
  std::string file(sizeof(length), '\0');
  file.reserve(sizeof(length) + header.size() + end);
  std::memcpy(file.data(), &length, sizeof(length));
  file += header;
  for (const auto& [name, tensor] : tensors) {
    file.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  }
  return file;
}

}  // namespace convoy::repository
