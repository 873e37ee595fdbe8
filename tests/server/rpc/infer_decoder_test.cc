#include "server/rpc/infer_decoder.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {
namespace {

using google::protobuf::util::MessageDifferencer;
using inference::ModelInferRequest;
using namespace std::string_literals;
using testing::HasSubstr;

ModelInferRequest Metadata() {
  ModelInferRequest request;
  request.set_model_name("speech");
  request.set_model_version("3");
  request.set_id("request-7");
  (*request.mutable_parameters())["priority"].set_int64_param(9);
  auto& input = *request.add_inputs();
  input.set_name("input");
  input.set_datatype("FP32");
  for (const int64_t size : {1, 3, 2}) input.add_shape(size);
  request.add_outputs()->set_name("output");
  return request;
}

constexpr size_t kNoLimit = size_t{1} << 30;

const char kPayload[] = "0123456789abcdefghijklmn";

// Field 7 with `payload`, as protobuf writes it.
std::string RawField(const std::string& payload) {
  ModelInferRequest raw;
  raw.add_raw_input_contents(payload);
  return raw.SerializeAsString();
}

void ExpectDecodes(const std::string& bytes, const std::vector<size_t>& cuts,
                   InferDecoder& decoder) {
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer(bytes, cuts)).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(decoder.message(), Metadata()));
  EXPECT_EQ(decoder.raw_contents(), 1u);
  EXPECT_EQ(decoder.raw_bytes(), sizeof(kPayload) - 1);
  EXPECT_EQ(TextOf(decoder.raw_pieces()), kPayload);
}

TEST(InferDecoderTest, ReadsAMessageCutInTwoAtEveryPlace) {
  const std::string bytes = Metadata().SerializeAsString() + RawField(kPayload);
  InferDecoder decoder(kNoLimit);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) ExpectDecodes(bytes, {cut}, decoder);
}

TEST(InferDecoderTest, ReadsAMessageCutIntoSingleBytesAndIntoEveryThree) {
  const std::string bytes = Metadata().SerializeAsString() + RawField(kPayload);
  InferDecoder decoder(kNoLimit);
  std::vector<size_t> all(bytes.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  ExpectDecodes(bytes, all, decoder);
  for (size_t first = 0; first <= bytes.size(); first += 3) {
    for (size_t second = first; second <= bytes.size(); ++second) {
      ExpectDecodes(bytes, {first, second}, decoder);
    }
  }
}

TEST(InferDecoderTest, RawContentsMayStandBeforeAndBetweenTheOtherFields) {
  const std::string metadata = Metadata().SerializeAsString();
  // Ends of the top-level fields.
  std::vector<size_t> boundaries = {0};
  std::string prefix;
  ModelInferRequest parsed;
  for (size_t end = 1; end <= metadata.size(); ++end) {
    if (parsed.ParseFromString(metadata.substr(0, end))) boundaries.push_back(end);
  }
  ASSERT_GE(boundaries.size(), 7u);
  InferDecoder decoder(kNoLimit);
  for (const size_t boundary : boundaries) {
    const std::string bytes =
        metadata.substr(0, boundary) + RawField(kPayload) + metadata.substr(boundary);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) ExpectDecodes(bytes, {cut}, decoder);
  }
}

TEST(InferDecoderTest, ThePayloadStaysWhereTheNetworkPutIt) {
  const grpc::Slice slice(std::string(4096, 'x'));
  const std::string head = Metadata().SerializeAsString() + "\x3A\x80\x20";
  const grpc::Slice slices[] = {grpc::Slice(head), slice};
  InferDecoder decoder(kNoLimit);
  ASSERT_TRUE(decoder.Decode(grpc::ByteBuffer(slices, 2)).ok());
  ASSERT_EQ(decoder.raw_pieces().size(), 1u);
  EXPECT_EQ(static_cast<const void*>(decoder.raw_pieces()[0].data()), slice.begin());
}

TEST(InferDecoderTest, CountsRawContentsAndKeepsTheFirst) {
  const std::string bytes =
      RawField("first") + Metadata().SerializeAsString() + RawField("second") + RawField("");
  InferDecoder decoder(kNoLimit);
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer(bytes)).ok());
  EXPECT_EQ(decoder.raw_contents(), 3u);
  EXPECT_EQ(TextOf(decoder.raw_pieces()), "first");
}

TEST(InferDecoderTest, AnEmptyMessageAndEmptyContentsAreMessages) {
  InferDecoder decoder(kNoLimit);
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer("")).ok());
  EXPECT_EQ(decoder.raw_contents(), 0u);
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer(RawField(""))).ok());
  EXPECT_EQ(decoder.raw_contents(), 1u);
  EXPECT_EQ(decoder.raw_bytes(), 0u);
}

TEST(InferDecoderTest, NothingOfTheMessageBeforeIsLeft) {
  InferDecoder decoder(kNoLimit);
  ASSERT_TRUE(
      decoder.Decode(MakeByteBuffer(Metadata().SerializeAsString() + RawField(kPayload))).ok());
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer("\x0A\x01x")).ok());
  EXPECT_EQ(decoder.message().model_name(), "x");
  EXPECT_EQ(decoder.message().ByteSizeLong(), 3u);
  EXPECT_EQ(decoder.raw_contents(), 0u);
  EXPECT_EQ(decoder.raw_bytes(), 0u);
  EXPECT_TRUE(decoder.raw_pieces().empty());
  ASSERT_FALSE(decoder.Decode(MakeByteBuffer("\x0A\x05x")).ok());
  EXPECT_EQ(decoder.message().ByteSizeLong(), 0u);
}

TEST(InferDecoderTest, TypedContentsAreSetApartThroughAnyCut) {
  ModelInferRequest request = Metadata();
  for (int i = 0; i < 5000; ++i) {
    request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(static_cast<float>(i));
  }
  const std::string bytes = request.SerializeAsString();
  InferDecoder decoder(kNoLimit);
  for (size_t cut = 0; cut <= bytes.size(); cut += 997) {
    ASSERT_TRUE(decoder.Decode(MakeByteBuffer(bytes, {cut})).ok());
    EXPECT_TRUE(MessageDifferencer::Equals(decoder.message(), Metadata()));
    const auto tensor = decoder.typed_contents().ToTensor(layer::DType::kFloat32, 5000);
    ASSERT_TRUE(tensor.ok()) << tensor.status();
    EXPECT_EQ(
        std::memcmp(tensor->data(), request.inputs(0).contents().fp32_contents().data(), 20000), 0);
  }
  ASSERT_TRUE(decoder.Decode(MakeByteBuffer(Metadata().SerializeAsString())).ok());
  EXPECT_TRUE(decoder.typed_contents().empty());
}

TEST(InferDecoderTest, ContentsThatAreNoneAreRefused) {
  // Half an element, and a field that ends too early.
  for (const std::string& contents : {"\x32\x03"
                                      "abc"s,
                                      "\x32\x05"
                                      "abcd"s,
                                      "\x0C"s}) {
    const std::string input = "\x2A"s + static_cast<char>(contents.size()) + contents;
    const std::string bytes = "\x2A"s + static_cast<char>(input.size()) + input;
    InferDecoder decoder(kNoLimit);
    EXPECT_EQ(decoder.Decode(MakeByteBuffer(bytes)).code(), absl::StatusCode::kInvalidArgument);
  }
}

// `count` times `field`.
std::string Repeated(const std::string& field, size_t count) {
  std::string bytes;
  bytes.reserve(field.size() * count);
  for (size_t i = 0; i < count; ++i) bytes += field;
  return bytes;
}

TEST(InferDecoderTest, WhatIsNoTensorIsBoundedBeforeItIsParsed) {
  const std::string long_name = "\x0A\x80\x80\x04" + std::string(65536, 'n');
  const std::string unknown = "\xA2\x06\x80\x80\x04" + std::string(65536, 'u');
  const std::string parameters = "\x2A\x84\x80\x02\x22\x80\x80\x02" + std::string(32768, 'p');
  for (const std::string& bytes :
       {Repeated("\x2A\x00"s, 100'000), Repeated("\x3A\x00\x1A\x00"s, 100'000),
        "\x2A\xC0\x9A\x0C"s + Repeated("\x2A\x00"s, 100'000), Repeated("\x3A\x00"s, 100'000),
        long_name, unknown, parameters}) {
    InferDecoder decoder(kNoLimit);
    const absl::Status status = decoder.Decode(MakeByteBuffer(bytes + RawField(kPayload)));
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("16384 bytes beside the tensor"));
    EXPECT_EQ(decoder.message().ByteSizeLong(), 0u);
  }
}

TEST(InferDecoderTest, TheBoundBesideTheTensorIsExactAndPayloadsDoNotCount) {
  const std::string raw = RawField(std::string(100'000, 'x'));
  const size_t raw_head = raw.size() - 100'000;
  const size_t room = InferDecoder::kMaxMetadataBytes - raw_head;
  for (const size_t over : {size_t{0}, size_t{1}}) {
    ModelInferRequest request;
    request.set_id(std::string(room + over - 3, 'i'));  // and its head
    ASSERT_EQ(request.ByteSizeLong(), room + over);
    InferDecoder decoder(kNoLimit);
    EXPECT_EQ(decoder.Decode(MakeByteBuffer(raw + request.SerializeAsString())).ok(), over == 0);
  }
}

TEST(InferDecoderTest, TypedContentsAreBoundedBeforeTheyAreRead) {
  ModelInferRequest request = Metadata();
  auto& contents = *request.mutable_inputs(0)->mutable_contents();
  contents.mutable_fp32_contents()->Resize(TypedContents::kMaxBytes / 4 - 2, 0);
  InferDecoder decoder(kNoLimit);
  EXPECT_TRUE(decoder.Decode(MakeByteBuffer(request.SerializeAsString())).ok());
  contents.mutable_fp32_contents()->Resize(TypedContents::kMaxBytes / 4, 0);
  const absl::Status status = decoder.Decode(MakeByteBuffer(request.SerializeAsString()));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("raw_input_contents"));
}

TEST(InferDecoderTest, AMessageMayBeAsLargeAsTheLimitAndNotLarger) {
  const std::string bytes = RawField(kPayload);
  InferDecoder fits(bytes.size());
  EXPECT_TRUE(fits.Decode(MakeByteBuffer(bytes)).ok());
  InferDecoder over(bytes.size() - 1);
  EXPECT_EQ(over.Decode(MakeByteBuffer(bytes)).code(), absl::StatusCode::kResourceExhausted);
}

TEST(InferDecoderTest, UnknownFieldsOfEveryWireTypeAreSkipped) {
  const std::string unknown =
      "\xA0\x06\xFF\x01"s  // field 100, varint
      "\xA1\x06"
      "12345678"s  // fixed 64
      "\xA2\x06\x03"
      "abc"s                                        // bytes
      "\xA3\x06\x3A\x01z\xAB\x06\xAC\x06\xA4\x06"s  // group with "field 7" and a group inside
      "\xA5\x06"
      "1234"s       // fixed 32
      "\x38\x01"s;  // field 7 as a varint is not raw contents
  InferDecoder decoder(kNoLimit);
  const std::string bytes = unknown + RawField(kPayload) + unknown;
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_TRUE(decoder.Decode(MakeByteBuffer(bytes, {cut})).ok()) << cut;
    EXPECT_EQ(decoder.raw_contents(), 1u);
    EXPECT_EQ(TextOf(decoder.raw_pieces()), kPayload);
  }
}

TEST(InferDecoderTest, WrongBytesAreRefusedWithAMessage) {
  std::string nested;
  for (int i = 0; i < 150; ++i) nested += "\xA3\x06";
  for (int i = 0; i < 150; ++i) nested += "\xA4\x06";
  for (const std::string& bytes :
       {"\x00"s, "\x3A\x05xy"s, "\x0A"s, "\x0C"s, "\x0F"s, "\x0E"s, "\xA3\x06"s,
        "\xA3\x06\xAC\x06"s, "\x3A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s, nested,
        "\x0A\x02\xC3\x28"s, "\x2A\x02\x0A\x05"s}) {
    InferDecoder decoder(kNoLimit);
    const absl::Status status = decoder.Decode(MakeByteBuffer(bytes));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << testing::PrintToString(bytes);
    EXPECT_THAT(std::string(status.message()), HasSubstr("ModelInferRequest"));
  }
}

// Protobuf's own parser is the judge of what is a message and what is in it.
void ExpectAgreesWithProtobuf(const std::string& bytes, const std::vector<size_t>& cuts,
                              InferDecoder& decoder) {
  ModelInferRequest expected;
  const bool valid = expected.ParseFromString(bytes);
  ASSERT_EQ(decoder.Decode(MakeByteBuffer(bytes, cuts)).ok(), valid)
      << testing::PrintToString(bytes);
  if (!valid) return;
  ASSERT_EQ(decoder.raw_contents(), static_cast<size_t>(expected.raw_input_contents_size()));
  if (decoder.raw_contents() > 0) {
    ASSERT_EQ(TextOf(decoder.raw_pieces()), expected.raw_input_contents(0));
  }
  expected.clear_raw_input_contents();
  for (auto& input : *expected.mutable_inputs()) input.clear_contents();
  ASSERT_EQ(decoder.message().SerializeAsString().size(), expected.SerializeAsString().size());
  ASSERT_TRUE(MessageDifferencer::Equals(decoder.message(), expected));
}

TEST(InferDecoderTest, EveryTruncationIsJudgedAsProtobufDoes) {
  const std::string bytes = RawField("early") + Metadata().SerializeAsString() + RawField(kPayload);
  InferDecoder decoder(kNoLimit);
  for (size_t size = 0; size <= bytes.size(); ++size) {
    for (size_t cut = 0; cut <= size; cut += 5) {
      ExpectAgreesWithProtobuf(bytes.substr(0, size), {cut}, decoder);
    }
  }
}

TEST(InferDecoderTest, RandomAndMutatedBytesAreJudgedAsProtobufDoes) {
  google::protobuf::SetLogHandler(nullptr);  // it reports every invalid string
  std::mt19937 random(20240611);
  const std::string good = RawField("early") + Metadata().SerializeAsString() + RawField(kPayload);
  InferDecoder decoder(kNoLimit);
  for (int i = 0; i < 100000; ++i) {
    std::string bytes = good;
    if (i % 2 == 0) {
      bytes.resize(random() % 24);
      for (char& byte : bytes) byte = static_cast<char>(random());
    } else {
      for (int n = 1 + static_cast<int>(random() % 3); n > 0; --n) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    std::vector<size_t> cuts = {random() % (bytes.size() + 1), random() % (bytes.size() + 1)};
    std::sort(cuts.begin(), cuts.end());
    ExpectAgreesWithProtobuf(bytes, cuts, decoder);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace convoy::rpc
