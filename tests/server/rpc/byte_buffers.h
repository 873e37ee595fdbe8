// Messages as byte buffers, cut into slices as a network may cut them.
#ifndef CONVOY_TESTS_SERVER_RPC_BYTE_BUFFERS_H_
#define CONVOY_TESTS_SERVER_RPC_BYTE_BUFFERS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "server/rpc/slice_cursor.h"

namespace convoy::rpc {

// `bytes` cut before each of the ascending positions in `cuts`.
inline std::vector<grpc::Slice> CutIntoSlices(std::string_view bytes,
                                              const std::vector<size_t>& cuts = {}) {
  std::vector<grpc::Slice> slices;
  size_t begin = 0;
  for (const size_t cut : cuts) {
    slices.emplace_back(bytes.data() + begin, cut - begin);
    begin = cut;
  }
  slices.emplace_back(bytes.data() + begin, bytes.size() - begin);
  return slices;
}

inline grpc::ByteBuffer MakeByteBuffer(std::string_view bytes,
                                       const std::vector<size_t>& cuts = {}) {
  const std::vector<grpc::Slice> slices = CutIntoSlices(bytes, cuts);
  return grpc::ByteBuffer(slices.data(), slices.size());
}

inline std::string TextOf(const BytePieces& pieces) {
  std::string text;
  for (const absl::Span<const std::byte> piece : pieces) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  return text;
}

inline std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_BYTE_BUFFERS_H_
