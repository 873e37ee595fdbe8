// Takes a ModelInferRequest apart without copying its tensor.
#ifndef CONVOY_SERVER_RPC_INFER_DECODER_H_
#define CONVOY_SERVER_RPC_INFER_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "inference/grpc_predict_v2.pb.h"
#include "server/rpc/slice_cursor.h"
#include "server/rpc/typed_contents.h"

namespace convoy::rpc {

// Holds one decoded request and is used again for the next: the message and the
// vectors keep their memory, up to a bound, so a steady stream of like requests
// allocates nothing here.
//
// Not thread-safe. Holds references to the network slices until Reset, the next
// Decode or destruction; everything it returns is valid as long.
//
// The subtle idea: what is not tensor is a few dozen bytes, wherever it stands in
// the message and however the network cut it. Copied end to end it is a valid
// ModelInferRequest, and the only thing that the generated parser sees.
class InferDecoder {
 public:
  // Everything but the tensor: names, shape, parameters, and what no field of ours
  // is. What a message of it is parsed into may be 50 times as large.
  static constexpr size_t kMaxMetadataBytes = 16 * 1024;

  explicit InferDecoder(size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}
  ~InferDecoder() { Reset(); }
  InferDecoder(const InferDecoder&) = delete;
  InferDecoder& operator=(const InferDecoder&) = delete;

  //   INVALID_ARGUMENT    the bytes are not a ModelInferRequest.
  //   RESOURCE_EXHAUSTED  they are more than max_message_bytes, or those beside the
  //                       tensor or those of its typed contents are too many.
  // message() is empty then.
  absl::Status Decode(const grpc::ByteBuffer& buffer);

  // Lets go of the slices. message() stays as it is until the next Decode unless
  // it is unusually large.
  void Reset();

  // Everything but raw_input_contents and inputs[].contents, which are empty here.
  const inference::ModelInferRequest& message() const { return message_; }

  // How many raw_input_contents there were. Only the first one is kept: a layer
  // has one input.
  size_t raw_contents() const { return raw_contents_; }
  const BytePieces& raw_pieces() const { return raw_pieces_; }
  size_t raw_bytes() const { return raw_bytes_; }

  // The contents of all inputs together.
  TypedContents& typed_contents() { return typed_contents_; }

 private:
  absl::Status DecodeAll(const grpc::ByteBuffer& buffer);
  bool WalkRequest(SliceCursor& cursor);
  // Each takes one field, of which the tag has been read. They return false where
  // the bytes are not what is expected, or too many.
  bool WalkInput(SliceCursor& cursor);
  bool TakeRawContents(SliceCursor& cursor);
  bool TakeTypedContents(SliceCursor& cursor);
  // `field` is where the tag begins.
  bool TakeMetadata(SliceCursor field, uint32_t tag, SliceCursor& cursor);
  // Up to the cursor.
  bool MetadataIsBounded(const SliceCursor& cursor);

  const size_t max_message_bytes_;
  inference::ModelInferRequest message_;
  std::vector<grpc::Slice> slices_;
  std::string metadata_;
  TypedContents typed_contents_;
  BytePieces raw_pieces_;
  size_t raw_bytes_ = 0;
  size_t raw_contents_ = 0;
  size_t typed_bytes_ = 0;    // as sent
  size_t payload_bytes_ = 0;  // all raw and typed contents, as sent
  absl::Status too_much_;     // why a walk gave up, if not for broken bytes
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_DECODER_H_
