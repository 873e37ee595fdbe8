#include "server/rpc/infer_method.h"

#include "grpcpp/impl/rpc_service_method.h"

namespace convoy::rpc {

InferMethod::InferMethod() {
  // What the generated code does for a raw method.
  AddMethod(new grpc::internal::RpcServiceMethod(kPath, grpc::internal::RpcMethod::NORMAL_RPC,
                                                 /*handler=*/nullptr));  // owned by the service
  MarkMethodRaw(0);
}

void InferMethod::Request(grpc::ServerContext* context, grpc::ByteBuffer* request,
                          grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* responder,
                          grpc::ServerCompletionQueue* queue, void* tag) {
  RequestAsyncUnary(0, context, request, responder, queue, queue, tag);
}

}  // namespace convoy::rpc
