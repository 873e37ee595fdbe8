#include "server/repository/safetensors_header.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::repository {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

std::string MessageOf(std::string_view header, int64_t data_bytes) {
  const auto entries = ParseSafetensorsHeader(header, data_bytes);
  EXPECT_EQ(entries.status().code(), absl::StatusCode::kInvalidArgument) << header;
  return std::string(entries.status().message());
}

// One tensor "t" with the given fields.
std::string Tensor(std::string_view fields) { return R"({"t":{)" + std::string(fields) + "}}"; }

TEST(SafetensorsHeaderTest, ListsTensorsInTheOrderOfTheirBytes) {
  const auto entries =
      ParseSafetensorsHeader(R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[2,10]},)"
                             R"("a":{"data_offsets":[0,2],"shape":[1,2],"dtype":"U8"}})",
                             10);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries,
              ElementsAre(AllOf(Field(&TensorEntry::name, "a"),
                                Field(&TensorEntry::dtype, layer::DType::kUint8),
                                Field(&TensorEntry::shape, ElementsAre(1, 2)),
                                Field(&TensorEntry::begin, 0), Field(&TensorEntry::end, 2)),
                          AllOf(Field(&TensorEntry::name, "b"), Field(&TensorEntry::begin, 2),
                                Field(&TensorEntry::end, 10))));
}

TEST(SafetensorsHeaderTest, RefusesWhatIsNoJsonObject) {
  for (const std::string_view header : {"", " {}", "[]", "\xEF\xBB\xBF{}", "null"}) {
    EXPECT_THAT(MessageOf(header, 0), HasSubstr("begin with '{'"));
  }
  for (const std::string_view header : {"{", "{}x", "{\"\xFF\":1}", "{'a':1}"}) {
    EXPECT_THAT(MessageOf(header, 0), HasSubstr("not JSON"));
  }
  EXPECT_THAT(MessageOf(std::string_view("{}\0garbage", 10), 0), HasSubstr("byte 2"));
}

TEST(SafetensorsHeaderTest, RefusesDuplicateKeysAtEveryLevel) {
  EXPECT_THAT(MessageOf(R"({"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                        R"("t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                        0),
              HasSubstr(R"("t" occurs twice)"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0])"), 0),
              HasSubstr(R"("dtype" occurs twice)"));
  EXPECT_THAT(MessageOf(R"({"__metadata__":{"a":"1","a":"2"}})", 0),
              HasSubstr(R"("a" occurs twice)"));
}

TEST(SafetensorsHeaderTest, RefusesMissingAndUnknownFieldsByName) {
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[0],"data_offsets":[0,0])"), 0),
              HasSubstr("\"t\": dtype is missing"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"U8","data_offsets":[0,0])"), 0),
              HasSubstr("shape is missing"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"U8","shape":[0])"), 0),
              HasSubstr("data_offsets is missing"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtyp":"U8")"), 0), HasSubstr(R"(unknown key "dtyp")"));
}

TEST(SafetensorsHeaderTest, RefusesValuesOfTheWrongKind) {
  EXPECT_THAT(MessageOf(R"({"t":5})", 0), HasSubstr("expected an object, got the number 5"));
  EXPECT_THAT(MessageOf(R"({"t":[]})", 0), HasSubstr("expected an object, got an array"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":["U8"])"), 0), HasSubstr("dtype: expected a string"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":"3")"), 0), HasSubstr("shape: expected an array"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[[3]])"), 0), HasSubstr("got an array"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[true])"), 0), HasSubstr("got a boolean"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[-1])"), 0), HasSubstr("got the number -1"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[1.0])"), 0), HasSubstr("got the number 1.0"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[null])"), 0), HasSubstr("got null"));
  EXPECT_THAT(MessageOf(R"({"__metadata__":{"a":1}})", 0), HasSubstr("expected a string"));
  EXPECT_THAT(MessageOf(R"({"__metadata__":"a"})", 0), HasSubstr("expected an object"));
}

TEST(SafetensorsHeaderTest, RefusesTypesItCannotHold) {
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"F4","shape":[0],"data_offsets":[0,0])"), 0),
              HasSubstr(R"(dtype "F4" is not supported)"));
}

TEST(SafetensorsHeaderTest, RefusesNumbersBeyond64SignedBits) {
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[9223372036854775808])"), 0),
              HasSubstr("does not fit in 64 signed bits"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[99999999999999999999999])"), 0), HasSubstr("expected"));
  EXPECT_THAT(MessageOf(Tensor(R"("shape":[1e999])"), 0), HasSubstr("header"));
  // 2^4 x (2^60 + 2) wraps to 32, and 2^62 x 4 bytes wraps to 0.
  EXPECT_THAT(
      MessageOf(Tensor(R"("dtype":"U8","shape":[16,1152921504606846978],"data_offsets":[0,32])"),
                32),
      HasSubstr("does not fit in 64 bits"));
  EXPECT_THAT(
      MessageOf(Tensor(R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0])"), 0),
      HasSubstr("does not fit in 64 bits"));
}

TEST(SafetensorsHeaderTest, RefusesListsThatNoVariableHas) {
  std::string numbers = "1";
  for (int i = 0; i < 8; ++i) numbers += ",1";
  EXPECT_THAT(MessageOf(R"({"a":{"dtype":"F32","shape":[)" + numbers + "]}}", 4),
              HasSubstr("shape: expected at most 8 numbers"));
}

TEST(SafetensorsHeaderTest, RefusesOffsetsThatDoNotMatchTheShape) {
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,7])"), 7),
              HasSubstr("span 7 bytes, but F32 of shape [2] takes 8"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8),
              HasSubstr("span -8 bytes"));
  EXPECT_THAT(MessageOf(Tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8,16])"), 8),
              HasSubstr("expected 2 numbers, got 3"));
}

TEST(SafetensorsHeaderTest, RefusesHolesOverlapsAndDataThatDoesNotEndWithTheLastTensor) {
  const auto two = [](int begin, int end) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[)" +
           std::to_string(end - begin) + R"(],"data_offsets":[)" + std::to_string(begin) + "," +
           std::to_string(end) + "]}}";
  };
  EXPECT_TRUE(ParseSafetensorsHeader(two(4, 8), 8).ok());
  EXPECT_THAT(MessageOf(two(5, 8), 8), HasSubstr(R"("b" begins at byte 5 of the data, behind)"));
  EXPECT_THAT(MessageOf(two(3, 8), 8), HasSubstr(R"("b" begins at byte 3 of the data, inside)"));
  EXPECT_THAT(MessageOf(two(0, 4), 4), HasSubstr("inside another tensor"));
  EXPECT_THAT(MessageOf(two(4, 8), 7), HasSubstr("cut off"));
  EXPECT_THAT(MessageOf(two(4, 8), 9), HasSubstr("too long"));
}

TEST(SafetensorsHeaderTest, EndsAtTheFirstDeviationHoweverDeepTheRestIs) {
  const std::string deep = R"({"t":)" + std::string(5'000'000, '[');
  EXPECT_THAT(MessageOf(deep, 0), HasSubstr("expected an object, got an array"));
}

TEST(SafetensorsHeaderTest, KeepsAnInventedNameOnOneShortLine) {
  const std::string message = MessageOf(R"({"a\nb)" + std::string(1000, 'x') + R"(":1})", 0);
  EXPECT_THAT(message, HasSubstr(R"(a\nb)"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_LT(message.size(), 200u);
}

}  // namespace
}  // namespace convoy::repository
