// What Convoy calls a layer's tensors, and parameters of requests, in the Open
// Inference Protocol.
#ifndef CONVOY_SERVER_RPC_TENSOR_NAMES_H_
#define CONVOY_SERVER_RPC_TENSOR_NAMES_H_

namespace convoy::rpc {

inline constexpr char kInputName[] = "input";
inline constexpr char kOutputName[] = "output";

inline constexpr char kActivityLossParameter[] = "activity_loss";
inline constexpr char kPriorityParameter[] = "priority";
inline constexpr char kTimeoutParameter[] = "timeout";

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TENSOR_NAMES_H_
