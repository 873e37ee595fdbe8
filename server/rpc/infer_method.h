// The way in for ModelInfer.
#ifndef CONVOY_SERVER_RPC_INFER_METHOD_H_
#define CONVOY_SERVER_RPC_INFER_METHOD_H_

#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace convoy::rpc {

// The only method that gRPC itself knows, so that its calls come with their
// message, as raw bytes, in one event (InferCall). All others are found in the
// MethodTable. The generated service is not used: it brings a synchronous form of
// every other method, with threads of gRPC's own that callers can exhaust.
class InferMethod final : public grpc::Service {
 public:
  static constexpr char kPath[] = "/inference.GRPCInferenceService/ModelInfer";

  InferMethod();

  // `tag` comes from `queue` when a call has come, or with false when none will.
  void Request(grpc::ServerContext* context, grpc::ByteBuffer* request,
               grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* responder,
               grpc::ServerCompletionQueue* queue, void* tag);
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_METHOD_H_
