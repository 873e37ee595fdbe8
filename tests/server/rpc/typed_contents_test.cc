#include "server/rpc/typed_contents.h"

#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {
namespace {

using inference::InferTensorContents;
using layer::DType;
using namespace std::string_literals;
using testing::ElementsAreArray;
using testing::HasSubstr;

class TypedContentsTest : public testing::Test {
 protected:
  bool Add(const std::string& bytes, const std::vector<size_t>& cuts = {}) {
    slices_.push_back(CutIntoSlices(bytes, cuts));
    return contents_.Add(SliceCursor(slices_.back()));
  }

  // What the tensor of `contents` is.
  template <typename T>
  std::vector<T> Tensor(const InferTensorContents& contents, DType dtype, int64_t count) {
    contents_.Clear();
    EXPECT_TRUE(Add(contents.SerializeAsString()));
    return Tensor<T>(dtype, count);
  }

  template <typename T>
  std::vector<T> Tensor(DType dtype, int64_t count) {
    const auto tensor = contents_.ToTensor(dtype, count);
    EXPECT_TRUE(tensor.ok()) << tensor.status();
    if (!tensor.ok()) return {};
    const size_t size = tensor->size() / sizeof(T);
    const auto elements = std::make_unique<T[]>(size);  // also of bool
    std::memcpy(elements.get(), tensor->data(), tensor->size());
    return std::vector<T>(elements.get(), elements.get() + size);
  }

  std::string Refusal(const InferTensorContents& contents, DType dtype, int64_t count,
                      absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    contents_.Clear();
    EXPECT_TRUE(Add(contents.SerializeAsString()));
    const absl::Status status = contents_.ToTensor(dtype, count).status();
    EXPECT_EQ(status.code(), code) << status;
    return std::string(status.message());
  }

  std::vector<std::vector<grpc::Slice>> slices_;
  TypedContents contents_;
};

template <typename Field>
InferTensorContents Contents(
    google::protobuf::RepeatedField<Field>* (InferTensorContents::*field)(),
    const std::vector<Field>& values) {
  InferTensorContents contents;
  (contents.*field)()->Add(values.begin(), values.end());
  return contents;
}

template <typename T>
std::vector<int32_t> Limits() {
  return {std::numeric_limits<T>::min(), -1, 0, 1, std::numeric_limits<T>::max()};
}

TEST_F(TypedContentsTest, EveryDatatypeTakesItsWholeRange) {
  using C = InferTensorContents;
  EXPECT_THAT(Tensor<int8_t>(Contents(&C::mutable_int_contents, Limits<int8_t>()), DType::kInt8, 5),
              ElementsAreArray(Limits<int8_t>()));
  EXPECT_THAT(
      Tensor<int16_t>(Contents(&C::mutable_int_contents, Limits<int16_t>()), DType::kInt16, 5),
      ElementsAreArray(Limits<int16_t>()));
  EXPECT_THAT(
      Tensor<int32_t>(Contents(&C::mutable_int_contents, Limits<int32_t>()), DType::kInt32, 5),
      ElementsAreArray(Limits<int32_t>()));
  const std::vector<int64_t> longs = {INT64_MIN, -1, 0, INT64_MAX};
  EXPECT_THAT(Tensor<int64_t>(Contents(&C::mutable_int64_contents, longs), DType::kInt64, 4),
              ElementsAreArray(longs));
  for (const auto& [dtype, most] :
       std::vector<std::pair<DType, uint32_t>>{{DType::kUint8, UINT8_MAX},
                                               {DType::kUint16, UINT16_MAX},
                                               {DType::kUint32, UINT32_MAX}}) {
    const C contents = Contents<uint32_t>(&C::mutable_uint_contents, {0, most});
    const std::string bytes(reinterpret_cast<const char*>(&most),
                            static_cast<size_t>(layer::SizeOf(dtype)));
    const std::vector<char> tensor = Tensor<char>(contents, dtype, 2);
    EXPECT_EQ(std::string(tensor.begin(), tensor.end()), std::string(bytes.size(), '\0') + bytes);
  }
  const std::vector<uint64_t> unsigned_longs = {0, UINT64_MAX};
  EXPECT_THAT(
      Tensor<uint64_t>(Contents(&C::mutable_uint64_contents, unsigned_longs), DType::kUint64, 2),
      ElementsAreArray(unsigned_longs));
  EXPECT_THAT(Tensor<uint8_t>(Contents(&C::mutable_bool_contents, {false, true}), DType::kBool, 2),
              ElementsAreArray({0, 1}));
  const std::vector<float> floats = {-0.5f, std::numeric_limits<float>::infinity(), 3e38f};
  EXPECT_THAT(Tensor<float>(Contents(&C::mutable_fp32_contents, floats), DType::kFloat32, 3),
              ElementsAreArray(floats));
  const std::vector<double> doubles = {-0.5, 1e300};
  EXPECT_THAT(Tensor<double>(Contents(&C::mutable_fp64_contents, doubles), DType::kFloat64, 2),
              ElementsAreArray(doubles));
}

TEST_F(TypedContentsTest, AnElementOutOfRangeIsNamed) {
  using C = InferTensorContents;
  EXPECT_EQ(Refusal(Contents(&C::mutable_int_contents, {1, 300}), DType::kInt8, 2),
            "inputs[0].contents.int_contents[1]: expected -128 to 127 for INT8, got 300");
  EXPECT_EQ(Refusal(Contents(&C::mutable_int_contents, {-32769}), DType::kInt16, 1),
            "inputs[0].contents.int_contents[0]: expected -32768 to 32767 for INT16, got -32769");
  EXPECT_EQ(Refusal(Contents<uint32_t>(&C::mutable_uint_contents, {0, 0, 256}), DType::kUint8, 3),
            "inputs[0].contents.uint_contents[2]: expected 0 to 255 for UINT8, got 256");
  EXPECT_EQ(Refusal(Contents<uint32_t>(&C::mutable_uint_contents, {65536}), DType::kUint16, 1),
            "inputs[0].contents.uint_contents[0]: expected 0 to 65535 for UINT16, got 65536");
}

TEST_F(TypedContentsTest, ElementsMayComeOneByOnePackedAndInPartsThroughAnyCut) {
  // int_contents: 5, packed (6, -1), 7; unknown fields between them.
  const std::string minus_one = std::string(9, '\xFF') + "\x01";
  const std::string bytes = "\x10\x05"s + "\x12\x0B\x06" + minus_one + "\xA2\x06\x01u" + "\x10\x07";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    contents_.Clear();
    ASSERT_TRUE(Add(bytes, {cut}));
    ASSERT_TRUE(Add("\x12\x00"s));  // none
    ASSERT_TRUE(Add("\x10\x08"s));
    EXPECT_THAT(Tensor<int16_t>(DType::kInt16, 5), ElementsAreArray({5, 6, -1, 7, 8}));
  }
}

TEST_F(TypedContentsTest, WhatIsNoContentsIsSaid) {
  for (const std::string& bytes : {"\x10"s, "\x12\x02\x01"s,
                                   "\x32\x03"
                                   "abc"s,
                                   "\x3A\x04"
                                   "abcd"s,
                                   "\x42\x05x"s, "\x0F"s, "\x0C"s, "\x00"s}) {
    contents_.Clear();
    EXPECT_FALSE(Add(bytes)) << testing::PrintToString(bytes);
  }
}

TEST_F(TypedContentsTest, FieldsThatAreNoneAreSkippedOrRefusedByTheirWireType) {
  EXPECT_TRUE(Add("\xA0\x06\x01\xA3\x06\xA4\x06"s));  // field 100: a number, an empty group
  EXPECT_TRUE(contents_.empty());
  EXPECT_FALSE(Add("\xA4\x06\x00"s));  // the end of a group that never began
  EXPECT_TRUE(contents_.empty());
}

TEST_F(TypedContentsTest, OnlyTheFieldOfTheDatatypeMayHaveElements) {
  InferTensorContents contents;
  contents.add_fp32_contents(1);
  contents.add_int_contents(2);
  EXPECT_EQ(Refusal(contents, DType::kFloat32, 1),
            "inputs[0].contents.int_contents: expected no elements for FP32, which travels in "
            "inputs[0].contents.fp32_contents, got 1");
  contents.clear_int_contents();
  contents.add_bytes_contents("x");
  EXPECT_THAT(Refusal(contents, DType::kFloat32, 1), HasSubstr("bytes_contents"));
  contents.Clear();
  EXPECT_EQ(Refusal(contents, DType::kBfloat16, 1),
            "inputs[0].contents: expected raw_input_contents for BF16, got none");
}

TEST_F(TypedContentsTest, TheElementsMustBeAsManyAsTheShapeHas) {
  const InferTensorContents two = Contents(&InferTensorContents::mutable_fp32_contents, {1.f, 2.f});
  EXPECT_THAT(Refusal(two, DType::kFloat32, 1), HasSubstr("fp32_contents: expected 1 elements"));
  EXPECT_THAT(Refusal(two, DType::kFloat32, INT64_MAX), HasSubstr("got 2"));
  EXPECT_THAT(Refusal({}, DType::kFloat32, 3), HasSubstr("expected 3 elements"));
  EXPECT_TRUE(Tensor<float>({}, DType::kFloat32, 0).empty());
}

TEST_F(TypedContentsTest, ATensorIsBoundedEvenWhereItsElementsTakeOneByte) {
  const int count = static_cast<int>(TypedContents::kMaxBytes / 8);
  InferTensorContents contents;
  contents.mutable_int64_contents()->Resize(count, 1);
  EXPECT_EQ(Tensor<int64_t>(contents, DType::kInt64, count).size(), static_cast<size_t>(count));
  contents.add_int64_contents(1);
  EXPECT_THAT(Refusal(contents, DType::kInt64, count + 1, absl::StatusCode::kResourceExhausted),
              HasSubstr("raw_input_contents"));
}

TEST_F(TypedContentsTest, EmptyFieldsAreNoElements) {
  EXPECT_TRUE(contents_.empty());
  EXPECT_TRUE(Add("\x12\x00"s));
  EXPECT_TRUE(contents_.empty());
  EXPECT_TRUE(Add("\x42\x00"s));  // an empty string is one
  EXPECT_FALSE(contents_.empty());
  contents_.Clear();
  EXPECT_TRUE(contents_.empty());
}

}  // namespace
}  // namespace convoy::rpc
