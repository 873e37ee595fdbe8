#include "kernel/keras/input_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace convoy::keras {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What the arguments of `text` say; they keep their `filters` and nothing else.
std::vector<int64_t> Taken(const std::string& text) {
  json config = json::parse(R"({"filters": 3, )" + text + "}");
  const auto shape = TakeKeras2InputShape(config);
  EXPECT_TRUE(shape.ok()) << shape.status();
  EXPECT_EQ(config.dump(), R"({"filters":3})");
  return shape.value_or(std::vector<int64_t>());
}

std::string Refused(const std::string& text) {
  json config = json::parse("{" + text + "}");
  return std::string(TakeKeras2InputShape(config).status().message());
}

TEST(InputShapeTest, DimensionsThatAreNotKnownAreMinusOne) {
  EXPECT_THAT(*ParseInputShape("x", json::parse("[null, 10, 4]")), ElementsAre(-1, 10, 4));
  EXPECT_THAT(*ParseInputShape("x", nullptr), IsEmpty());
}

TEST(InputShapeTest, AnythingButThreeDimensionsIsRefusedByName) {
  for (const char* shape : {"[1, 2]", "[1, 2, 3, 4]", "3", "\"a\"", "[1, 2, -3]", "[1, 2, 3.0]",
                            "[1, 2, true]", "[1, 2, [3]]", "[1, 2, 9223372036854775808]"}) {
    const auto parsed = ParseInputShape("x.shape", json::parse(shape));
    EXPECT_THAT(std::string(parsed.status().message()),
                HasSubstr("x.shape: expected three dimensions, each a number or null"))
        << shape;
  }
}

TEST(InputShapeTest, EveryFormOfKeras2IsTaken) {
  EXPECT_THAT(Taken(R"("batch_input_shape": [null, 120, 2])"), ElementsAre(-1, 120, 2));
  EXPECT_THAT(Taken(R"("batch_shape": [8, null, 2])"), ElementsAre(8, -1, 2));
  EXPECT_THAT(Taken(R"("input_shape": [120, 2])"), ElementsAre(-1, 120, 2));
  EXPECT_THAT(Taken(R"("input_shape": [120, 2], "batch_size": 4)"), ElementsAre(4, 120, 2));
  EXPECT_THAT(Taken(R"("input_dim": 2, "input_length": 120)"), ElementsAre(-1, 120, 2));
  EXPECT_THAT(Taken(R"("input_dim": 2)"), ElementsAre(-1, -1, 2));
  EXPECT_THAT(Taken(R"("batch_input_shape": null, "input_length": null)"), IsEmpty());
}

TEST(InputShapeTest, TheShapeWithTheBatchCounts) {
  EXPECT_THAT(Taken(R"("input_shape": [7, 5], "batch_input_shape": [null, 120, 2],
                       "input_dim": 9)"),
              ElementsAre(-1, 120, 2));
}

TEST(InputShapeTest, FormsOfAnotherRankAreRefused) {
  EXPECT_THAT(Refused(R"("batch_input_shape": [null, 2])"), HasSubstr("batch_input_shape: "));
  EXPECT_THAT(Refused(R"("input_shape": [120, 2, 1])"), HasSubstr("input_shape: "));
  EXPECT_THAT(Refused(R"("input_shape": 120)"), HasSubstr("input_shape: "));
  EXPECT_THAT(Refused(R"("input_dim": "2")"), HasSubstr("input_length and input_dim: "));
}

}  // namespace
}  // namespace convoy::keras
