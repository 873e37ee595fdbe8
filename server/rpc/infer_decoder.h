// Takes a ModelInferRequest apart without copying its tensor.
#ifndef CONVOY_SERVER_RPC_INFER_DECODER_H_
#define CONVOY_SERVER_RPC_INFER_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "inference/grpc_predict_v2.pb.h"
#include "server/rpc/slice_cursor.h"

namespace convoy::rpc {

// Holds one decoded request and is used again for the next: the message and the
// vectors keep their memory, so a steady stream of like requests allocates
// nothing here.
//
// Not thread-safe. Holds references to the network slices until Reset, the next
// Decode or destruction; everything it returns is valid as long.
//
// The subtle idea: the fields other than raw_input_contents, laid end to end,
// are themselves a valid ModelInferRequest. They go to the generated parser as
// they are, wherever they stand in the message and however the network cut them.
class InferDecoder {
 public:
  //   INVALID_ARGUMENT  the bytes are not a ModelInferRequest; message() is empty.
  absl::Status Decode(const grpc::ByteBuffer& buffer);

  // Lets go of the slices. message() stays as it is until the next Decode unless
  // it is unusually large.
  void Reset();

  // Everything but raw_input_contents, which is empty here.
  const inference::ModelInferRequest& message() const { return message_; }

  // How many raw_input_contents there were. Only the first one is kept: a layer
  // has one input.
  size_t raw_contents() const { return raw_contents_; }
  const BytePieces& raw_pieces() const { return raw_pieces_; }
  size_t raw_bytes() const { return raw_bytes_; }

 private:
  absl::Status DecodeAll(const grpc::ByteBuffer& buffer);
  bool Walk();
  bool TakeRawContents(SliceCursor& cursor);
  bool ParseMetadata();

  inference::ModelInferRequest message_;
  std::vector<grpc::Slice> slices_;
  BytePieces metadata_;  // all fields but raw_input_contents
  size_t metadata_bytes_ = 0;
  BytePieces raw_pieces_;
  size_t raw_bytes_ = 0;
  size_t raw_contents_ = 0;
  size_t broken_at_ = 0;  // where Walk gave up
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_DECODER_H_
