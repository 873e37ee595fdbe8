// A tensor that travels element by element.
#ifndef CONVOY_SERVER_RPC_TYPED_CONTENTS_H_
#define CONVOY_SERVER_RPC_TYPED_CONTENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "inference/grpc_predict_v2.pb.h"
#include "kernel/layer/dtype.h"
#include "server/rpc/slice_cursor.h"

namespace convoy::rpc {

// An InferTensorContents where it lies in its message, and the tensor that is made
// of it. The generated parser is not asked: it makes eight bytes of one, and
// dozens of an empty string.
//
// Used again for the next message. Not thread-safe. Refers to the message's slices
// until Clear.
class TypedContents {
 public:
  // As sent and as a tensor: an element may take ten times as much in one form as in
  // the other.
  static constexpr size_t kMaxBytes = size_t{8} << 20;

  // Adds what is under the cursor, as protobuf merges a field that comes twice.
  // Returns false if it is no InferTensorContents.
  // REQUIRES: all that is added is at most kMaxBytes.
  bool Add(const SliceCursor& contents);

  // Forgets everything, and gives back what a large tensor took.
  void Clear();

  // There is not one element.
  bool empty() const { return elements_ == std::array<int64_t, kFields>{}; }

  // The elements as `dtype`, row-major. Valid until Clear.
  //   INVALID_ARGUMENT    they are not `count` elements in the field of that dtype,
  //                       the dtype has no field, or an element is out of its range.
  //   RESOURCE_EXHAUSTED  the tensor would be larger than kMaxBytes.
  absl::StatusOr<absl::Span<const std::byte>> ToTensor(layer::DType dtype, int64_t count);

 private:
  static constexpr int kFields = inference::InferTensorContents::kBytesContentsFieldNumber + 1;

  absl::Status CheckElements(layer::DType dtype, int64_t count) const;

  absl::InlinedVector<SliceCursor, 1> parts_;
  std::array<int64_t, kFields> elements_ = {};  // by field number
  std::vector<std::byte> tensor_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TYPED_CONTENTS_H_
