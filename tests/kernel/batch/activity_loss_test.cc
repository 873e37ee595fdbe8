#include "kernel/batch/activity_loss.h"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::batch {
namespace {

// Two filters over one channel.
layer::Conv1D MakeLayer(const std::optional<layer::Regularizer>& activity,
                        layer::DType dtype = layer::DType::kFloat32) {
  const layer::Conv1DConfig config = {
      .dtype_policy = {dtype, dtype}, .filters = 2, .activity_regularizer = activity};
  layer::Conv1DWeights weights;
  weights.kernel = {layer::DType::kFloat32, {1, 1, 2}, std::vector<std::byte>(8)};
  weights.bias = {layer::DType::kFloat32, {2}, std::vector<std::byte>(8)};
  return layer::Conv1D::Build(config, 1, std::move(weights)).value();
}

// An answer in two pieces.
Output TwoPieces(BufferPool& pool, const void* bytes, size_t size) {
  Output output;
  output.buffer = pool.Get(size);
  std::memcpy(output.buffer->data(), bytes, size);
  output.pieces.push_back(Bytes(output.buffer->data(), size / 2));
  output.pieces.push_back(Bytes(output.buffer->data() + size / 2, size - size / 2));
  return output;
}

const layer::Regularizer kL1L2 = {.l1 = 0.5, .l2 = 0.25};
const std::vector<float> kAnswer = {1.0f, -2.0f, 3.0f, -4.0f};

TEST(ActivityLossTest, IsThePenaltyOfAllPiecesOverTheSequences) {
  BufferPool pool(0);
  const Output output = TwoPieces(pool, kAnswer.data(), 16);
  // 0.5 * 10 + 0.25 * 30 = 12.5
  EXPECT_EQ(ActivityLoss(MakeLayer(kL1L2), {1, 2, 2}, output).value(), 12.5);
  EXPECT_EQ(ActivityLoss(MakeLayer(kL1L2), {2, 1, 2}, output).value(), 6.25);
}

TEST(ActivityLossTest, ReadsTheAnswersOwnDtype) {
  BufferPool pool(0);
  const std::vector<uint16_t> bits = {0x3F80, 0xC000, 0x4040, 0xC080};  // as kAnswer
  const Output output = TwoPieces(pool, bits.data(), 8);
  EXPECT_EQ(ActivityLoss(MakeLayer(kL1L2, layer::DType::kBfloat16), {1, 2, 2}, output).value(),
            12.5);
}

TEST(ActivityLossTest, IsZeroWithoutARegularizerAndForNoSequences) {
  BufferPool pool(0);
  const Output output = TwoPieces(pool, kAnswer.data(), 16);
  EXPECT_EQ(ActivityLoss(MakeLayer(std::nullopt), {1, 2, 2}, output).value(), 0.0);
  EXPECT_EQ(ActivityLoss(MakeLayer(kL1L2), {0, 2, 2}, Output()).value(), 0.0);
}

TEST(ActivityLossTest, AnOrthogonalRegularizerAnswersKerasError) {
  BufferPool pool(0);
  const Output output = TwoPieces(pool, kAnswer.data(), 16);
  const auto loss =
      ActivityLoss(MakeLayer(layer::Regularizer{.kind = layer::RegularizerKind::kOrthogonal}),
                   {1, 2, 2}, output);
  EXPECT_EQ(loss.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(loss.status().message()), ::testing::HasSubstr("rank 2"));
}

}  // namespace
}  // namespace convoy::batch
