// A dense row-major tensor in host memory, little-endian: what a request
// carries and an answer brings.
#ifndef CONVOY_CLIENT_TENSOR_H_
#define CONVOY_CLIENT_TENSOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/dtype.h"

namespace convoy::client {

// Borrows shape and bytes: both must outlive the view.
struct TensorView {
  DType dtype = DType::kFp32;
  absl::Span<const int64_t> shape;
  std::string_view bytes;
};

// Owns shape and bytes. The fields are free to set; CheckTensor says whether
// they agree.
struct Tensor {
  DType dtype = DType::kFp32;
  std::vector<int64_t> shape;
  std::string bytes;

  TensorView view() const { return {dtype, shape, bytes}; }
};

// An FP32 view of `values`. Borrows both arguments.
TensorView FloatView(absl::Span<const int64_t> shape, absl::Span<const float> values);

// The product of `shape`; 1 for rank 0. INVALID_ARGUMENT for a negative size
// or a product over 2^63 - 1 bytes at `dtype`.
absl::StatusOr<int64_t> ByteSize(DType dtype, absl::Span<const int64_t> shape);

// INVALID_ARGUMENT unless the number of bytes is the one that shape and dtype
// ask for.
absl::Status CheckTensor(const TensorView& tensor);

// Elements in `tensor.bytes`.
int64_t ElementCount(const TensorView& tensor);

// The element at a row-major position. 64-bit integers beyond 2^53 are
// rounded.
// REQUIRES: 0 <= index < ElementCount(tensor).
double ElementAt(const TensorView& tensor, int64_t index);

// The elements as float, rounded to nearest where the dtype is wider.
std::vector<float> ToFloats(const TensorView& tensor);

// The same elements as FP32 or FP64, the only targets; INVALID_ARGUMENT for
// any other, unless it is the tensor's own.
absl::StatusOr<Tensor> Cast(const TensorView& tensor, DType dtype);

// "(1, 998, 128)"; a free dimension (-1) reads None, as in Keras.
std::string ShapeString(absl::Span<const int64_t> shape);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_TENSOR_H_
