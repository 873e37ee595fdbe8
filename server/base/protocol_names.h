// What Convoy calls a layer, its tensors, and parameters of requests, in the Open
// Inference Protocol.
#ifndef CONVOY_SERVER_BASE_PROTOCOL_NAMES_H_
#define CONVOY_SERVER_BASE_PROTOCOL_NAMES_H_

namespace convoy {

inline constexpr char kPlatform[] = "convoy_conv1d";

// The only tensors that a layer has.
inline constexpr char kInputName[] = "input";
inline constexpr char kOutputName[] = "output";

inline constexpr char kActivityLossParameter[] = "activity_loss";
inline constexpr char kPriorityParameter[] = "priority";
inline constexpr char kTimeoutParameter[] = "timeout";
inline constexpr char kOutputDatatypeParameter[] = "convoy_output_datatype";
inline constexpr char kConvolutionOnlyParameter[] = "convoy_convolution_only";
inline constexpr char kTimingParameter[] = "convoy_timing";
inline constexpr char kChecksumParameter[] = "convoy_checksum";

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_PROTOCOL_NAMES_H_
