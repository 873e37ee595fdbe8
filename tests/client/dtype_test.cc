#include "client/dtype.h"

#include <gtest/gtest.h>

namespace convoy::client {
namespace {

TEST(DType, EveryNameOfTheProtocolIsReadBackAsItself) {
  for (const char* name : {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
                           "INT64", "FP16", "BF16", "FP32", "FP64"}) {
    const auto dtype = DTypeFromName(name);
    ASSERT_TRUE(dtype.ok()) << name;
    EXPECT_EQ(DTypeName(*dtype), name);
  }
}

TEST(DType, SizesAreThoseOfTheElements) {
  EXPECT_EQ(DTypeSize(DType::kBool), 1u);
  EXPECT_EQ(DTypeSize(DType::kInt8), 1u);
  EXPECT_EQ(DTypeSize(DType::kUint16), 2u);
  EXPECT_EQ(DTypeSize(DType::kBf16), 2u);
  EXPECT_EQ(DTypeSize(DType::kFp16), 2u);
  EXPECT_EQ(DTypeSize(DType::kFp32), 4u);
  EXPECT_EQ(DTypeSize(DType::kUint64), 8u);
  EXPECT_EQ(DTypeSize(DType::kFp64), 8u);
}

TEST(DType, UnknownNamesAreRefusedByName) {
  for (const char* name : {"", "fp32", "FP8", "BYTES"}) {
    const auto dtype = DTypeFromName(name);
    ASSERT_FALSE(dtype.ok()) << name;
    EXPECT_EQ(dtype.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(dtype.status().message().find("got \"" + std::string(name) + "\""),
              absl::string_view::npos);
  }
}

}  // namespace
}  // namespace convoy::client
