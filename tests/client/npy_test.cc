#include "client/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace convoy::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A file of the given format version, as numpy lays it out.
std::string NpyBytes(char version, const std::string& dict, const std::string& data) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  const std::string header = dict + "\n";
  for (size_t i = 0; i < (version == 1 ? 2u : 4u); ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  }
  return bytes + header + data;
}

std::string Dict(const std::string& descr, bool fortran_order, const std::string& shape) {
  return absl::StrCat("{'descr': '", descr,
                      "', 'fortran_order': ", fortran_order ? "True" : "False",
                      ", 'shape': ", shape, ", }");
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

absl::StatusOr<Tensor> Read(const std::string& bytes) {
  std::istringstream in(bytes);
  return ReadNpy(in);
}

std::string Refusal(const std::string& bytes) {
  return std::string(Read(bytes).status().message());
}

TEST(Npy, AllThreeFormatVersionsAreRead) {
  for (const char version : {1, 2, 3}) {
    const auto tensor =
        Read(NpyBytes(version, Dict("<f4", false, "(3,)"), Bytes<float>({1, 2, 3})));
    ASSERT_TRUE(tensor.ok()) << tensor.status();
    EXPECT_THAT(ToFloats(tensor->view()), ElementsAre(1, 2, 3));
  }
  EXPECT_THAT(Refusal(NpyBytes(4, "{}", "")), HasSubstr("got 4"));
  EXPECT_THAT(Refusal(NpyBytes(0, "{}", "")), HasSubstr("got 0"));
}

TEST(Npy, BigEndianIsTurnedAround) {
  std::string data = Bytes<double>({1.25, -3});
  std::reverse(data.begin(), data.begin() + 8);
  std::reverse(data.begin() + 8, data.end());
  const auto tensor = Read(NpyBytes(1, Dict(">f8", false, "(2,)"), data));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(ToFloats(tensor->view()), ElementsAre(1.25f, -3));
}

TEST(Npy, ColumnMajorIsTurnedIntoRowMajor) {
  // Element (i, j, k) of shape (2, 3, 2) holds 100 i + 10 j + k.
  std::vector<int16_t> columns;
  for (int k = 0; k < 2; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) columns.push_back(static_cast<int16_t>(100 * i + 10 * j + k));
    }
  }
  const auto tensor = Read(NpyBytes(1, Dict("<i2", true, "(2, 3, 2)"), Bytes(columns)));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(ToFloats(tensor->view()),
              ElementsAre(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121));
}

TEST(Npy, ColumnMajorArraysWithoutElementsAreRead) {
  const auto tensor =
      Read(NpyBytes(1, Dict("<f4", true, "(4611686018427387904, 4611686018427387904, 0)"), ""));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_EQ(tensor->bytes, "");
}

TEST(Npy, EveryTruncationIsRefusedAndSaysWhatIsMissing) {
  for (const char version : {1, 3}) {
    const std::string whole =
        NpyBytes(version, Dict("<f4", false, "(2, 2)"), Bytes<float>({1, 2, 3, 4}));
    ASSERT_TRUE(Read(whole).ok());
    for (size_t size = 0; size < whole.size(); ++size) {
      const absl::Status status = Read(whole.substr(0, size)).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << size;
      EXPECT_THAT(std::string(status.message()), HasSubstr("the input ends after")) << size;
    }
  }
}

TEST(Npy, APromiseOfTerabytesCostsNoMemory) {
  EXPECT_THAT(Refusal(NpyBytes(1, Dict("<f4", false, "(1099511627776,)"), "abc")),
              HasSubstr("expected 4398046511104 bytes of data, the input ends after 3"));
}

TEST(Npy, AHeaderOfMegabytesIsRefused) {
  std::string bytes("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
  EXPECT_THAT(Refusal(bytes), HasSubstr("got 4294967295"));
}

TEST(Npy, OtherFilesAreRefused) { EXPECT_THAT(Refusal("RIFF....WAVEfmt "), HasSubstr("magic")); }

TEST(Npy, WhatIsWrittenIsReadBackBitByBit) {
  std::vector<float> values(24);
  std::iota(values.begin(), values.end(), -3.5f);
  const std::vector<int64_t> shape = {2, 3, 4};
  std::stringstream stream;
  ASSERT_TRUE(WriteNpy(FloatView(shape, values), stream).ok());
  const auto tensor = ReadNpy(stream);
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_EQ(tensor->dtype, DType::kFp32);
  EXPECT_EQ(tensor->shape, shape);
  EXPECT_EQ(tensor->bytes, Bytes(values));
}

TEST(Npy, TheWrittenHeaderIsNumpysWithDataAt64Bytes) {
  std::stringstream stream;
  ASSERT_TRUE(WriteNpy(FloatView({1}, {1.0f}), stream).ok());
  const std::string bytes = stream.str();
  EXPECT_EQ(bytes.size(), 128u + 4);
  EXPECT_THAT(bytes, StartsWith(std::string("\x93NUMPY\x01\x00\x76\x00", 10)));
  EXPECT_THAT(bytes.substr(10),
              StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }  "));
  EXPECT_EQ(bytes[127], '\n');
}

TEST(Npy, ArraysFollowEachOtherInOneStream) {
  std::stringstream stream;
  ASSERT_TRUE(WriteNpy(FloatView({1}, {1.0f}), stream).ok());
  ASSERT_TRUE(WriteNpy(FloatView({1}, {2.0f}), stream).ok());
  EXPECT_THAT(ToFloats(ReadNpy(stream)->view()), ElementsAre(1));
  EXPECT_THAT(ToFloats(ReadNpy(stream)->view()), ElementsAre(2));
}

TEST(Npy, AStreamThatTakesNoMoreIsAnError) {
  std::ofstream full("/dev/full");
  const std::vector<float> values(1 << 16);
  const std::vector<int64_t> shape = {1 << 16};
  EXPECT_EQ(WriteNpy(FloatView(shape, values), full).code(), absl::StatusCode::kUnknown);
}

TEST(Npy, FilesRoundTripAndErrorsBeginWithThePath) {
  const std::string path = testing::TempDir() + "npy_test.npy";
  ASSERT_TRUE(WriteNpyFile(FloatView({1}, {5.0f}), path).ok());
  EXPECT_THAT(ToFloats(ReadNpyFile(path)->view()), ElementsAre(5));
  std::filesystem::resize_file(path, 50);
  EXPECT_THAT(std::string(ReadNpyFile(path).status().message()), StartsWith(path + ": npy: "));
  std::filesystem::remove(path);
  EXPECT_EQ(ReadNpyFile(path).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadNpyFile(path).status().message()), StartsWith(path));
}

TEST(Npy, ADirectoryIsRefused) {
  EXPECT_FALSE(ReadNpyFile(testing::TempDir()).ok());
  EXPECT_FALSE(WriteNpyFile(FloatView({1}, {5.0f}), testing::TempDir()).ok());
}

}  // namespace
}  // namespace convoy::client
