#include "server/rpc/message_slices.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <zlib.h>

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {
namespace {

constexpr size_t kNoLimit = size_t{1} << 30;

std::string Deflated(const std::string& text, grpc_compression_algorithm algorithm) {
  z_stream stream = {};
  const int window = algorithm == GRPC_COMPRESS_GZIP ? 15 + 16 : 15;
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A message as gRPC hands over one that was sent compressed.
grpc::ByteBuffer Compressed(const std::string& packed, grpc_compression_algorithm algorithm,
                            const std::vector<size_t>& cuts = {}) {
  std::vector<grpc_slice> raw;
  const std::vector<grpc::Slice> slices = CutIntoSlices(packed, cuts);
  for (const grpc::Slice& slice : slices) raw.push_back(slice.c_slice());
  grpc_byte_buffer* buffer =
      grpc_raw_compressed_byte_buffer_create(raw.data(), raw.size(), algorithm);
  for (const grpc_slice& slice : raw) grpc_slice_unref(slice);
  grpc::ByteBuffer message;
  // It is a pointer and nothing else.
  *reinterpret_cast<grpc_byte_buffer**>(&message) = buffer;
  return message;
}

std::string Text(const std::vector<grpc::Slice>& slices) {
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::string Noise(size_t size) {
  std::mt19937 random(11);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

TEST(MessageSlicesTest, APlainMessageStaysWhereItIs) {
  const grpc::Slice slice(std::string(5000, 'x'));
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(TakeSlices(grpc::ByteBuffer(&slice, 1), 5000, slices).ok());
  ASSERT_EQ(slices.size(), 1u);
  EXPECT_EQ(slices[0].begin(), slice.begin());
  ASSERT_TRUE(TakeSlices(MakeByteBuffer(""), 0, slices).ok());
  EXPECT_EQ(Text(slices), "");
}

TEST(MessageSlicesTest, CompressedMessagesAreInflatedThroughAnyCut) {
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    for (const std::string& text : {std::string(), std::string("short"), std::string(300'000, 'z'),
                                    Noise(4096), Noise(200'001)}) {
      const std::string packed = Deflated(text, algorithm);
      for (size_t cut = 0; cut <= packed.size(); cut += 1 + packed.size() / 7) {
        std::vector<grpc::Slice> slices;
        const absl::Status status =
            TakeSlices(Compressed(packed, algorithm, {cut}), kNoLimit, slices);
        ASSERT_TRUE(status.ok()) << status;
        ASSERT_TRUE(Text(slices) == text) << text.size() << " cut at " << cut;
      }
    }
  }
}

TEST(MessageSlicesTest, TheLimitIsOfWhatIsSentAndOfWhatIsInflated) {
  const std::string text(100'000, 'z');
  const std::string packed = Deflated(text, GRPC_COMPRESS_GZIP);
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(TakeSlices(Compressed(packed, GRPC_COMPRESS_GZIP), text.size(), slices).ok());
  EXPECT_EQ(TakeSlices(Compressed(packed, GRPC_COMPRESS_GZIP), text.size() - 1, slices).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(TakeSlices(MakeByteBuffer(text), text.size(), slices).ok());
  EXPECT_EQ(TakeSlices(MakeByteBuffer(text), text.size() - 1, slices).code(),
            absl::StatusCode::kResourceExhausted);
  const std::string noise = Noise(1000);
  const std::string larger = Deflated(noise, GRPC_COMPRESS_GZIP);
  ASSERT_GT(larger.size(), noise.size());
  EXPECT_EQ(TakeSlices(Compressed(larger, GRPC_COMPRESS_GZIP), noise.size(), slices).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(MessageSlicesTest, WhatCannotBeInflatedIsRefused) {
  const std::string packed = Deflated(Noise(1000), GRPC_COMPRESS_GZIP);
  std::string broken = packed;
  broken[packed.size() / 2] ^= 0x55;
  for (const std::string& bytes :
       {std::string(), std::string("no gzip"), packed.substr(0, packed.size() - 1), packed + "x",
        packed + packed, broken, Deflated("x", GRPC_COMPRESS_DEFLATE)}) {
    std::vector<grpc::Slice> slices;
    EXPECT_EQ(TakeSlices(Compressed(bytes, GRPC_COMPRESS_GZIP), kNoLimit, slices).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace convoy::rpc
