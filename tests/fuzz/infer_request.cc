// A ModelInferRequest: what is taken apart is what the generated parser reads, and what
// fits a layer has as many bytes as its shape tells.
#include "server/rpc/infer_request.h"

#include <limits>
#include <memory>
#include <string>

#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/infer_decoder.h"
#include "tests/fuzz/cut_bytes.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

constexpr size_t kMaxMessageBytes = 64 << 10;

void ExpectAsParsed(std::string_view bytes, const InferDecoder& decoder) {
  inference::ModelInferRequest parsed;
  testing::Require(parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
                   "the generated parser refuses what was taken apart");
  testing::Require(decoder.raw_contents() == static_cast<size_t>(parsed.raw_input_contents_size()),
                   "raw contents were lost or made up");
  if (decoder.raw_contents() > 0) {
    std::string raw;
    for (const auto piece : decoder.raw_pieces()) {
      raw.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    testing::Require(raw == parsed.raw_input_contents(0), "raw contents differ");
  }
  parsed.clear_raw_input_contents();
  for (auto& input : *parsed.mutable_inputs()) input.clear_contents();
  // Maps have no order: compared by what both of them write with sorted keys.
  testing::Require(parsed.DebugString() == decoder.message().DebugString(),
                   "what is not tensor differs from what the generated parser reads");
}

void ExpectFits(InferDecoder& decoder) {
  static const auto* const layer =
      new std::shared_ptr<const layer::Conv1D>(BuildLayer(TestConfig()));
  const auto request = CheckInferRequest(decoder, **layer, std::numeric_limits<int64_t>::max());
  if (!request.ok()) return;
  int64_t bytes = 0;
  for (const auto piece : request->payload) bytes += static_cast<int64_t>(piece.size());
  const int64_t elements = request->shape.sequences * request->shape.length * 2;
  testing::Require(bytes == request->payload_bytes, "the payload's pieces do not add up");
  testing::Require(bytes == elements * layer::SizeOf(request->dtype),
                   "the payload is not what the shape tells");
}

}  // namespace
}  // namespace convoy::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const convoy::testing::CutBytes cut = convoy::testing::Cut(data, size);
  static auto* const decoder = new convoy::rpc::InferDecoder(convoy::rpc::kMaxMessageBytes);
  const grpc::ByteBuffer buffer(cut.slices.data(), cut.slices.size());
  if (!decoder->Decode(buffer).ok()) return 0;
  convoy::rpc::ExpectAsParsed(cut.bytes, *decoder);
  convoy::rpc::ExpectFits(*decoder);
  return 0;
}
