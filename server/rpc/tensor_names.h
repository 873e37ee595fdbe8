// What Convoy calls a layer's tensors in the Open Inference Protocol.
#ifndef CONVOY_SERVER_RPC_TENSOR_NAMES_H_
#define CONVOY_SERVER_RPC_TENSOR_NAMES_H_

namespace convoy::rpc {

inline constexpr char kInputName[] = "input";
inline constexpr char kOutputName[] = "output";

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TENSOR_NAMES_H_
