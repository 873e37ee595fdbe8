#include "kernel/engine/tuning/tuned_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace convoy::engine {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

// Every field of a Statement is another than by default.
constexpr Statement kUnusual{.spatial_dimensions = 2,
                             .implementation = 3,
                             .fold = 4,
                             .bfloat16 = true,
                             .matmul = true,
                             .points = 8};

TEST(TunedJsonTest, EveryFieldOfATileSurvivesTheWay) {
  const std::vector<TimedTile> tuning = {{{1, 1}, {}, 1e-6}, {{1, 64}, kUnusual, 2.5e-4}};
  const auto back = TuningFromJson(Json::parse(TuningToJson(tuning).dump()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, tuning);
}

// The form of files that are there already.
TEST(TunedJsonTest, ATileIsOneFlatObject) {
  EXPECT_EQ(TuningToJson({{{1, 64}, kUnusual, 0.5}}).dump(),
            R"([{"outputs":64,"spatial_dimensions":2,"implementation":3,"fold":4,)"
            R"("bfloat16":true,"matmul":true,"points":8,"seconds":0.5}])");
}

TEST(TunedJsonTest, AFieldThatIsMissingOrOfAnotherKindIsNamed) {
  const Json whole = TuningToJson({{{1, 64}, {}, 0.5}});
  for (const auto& [name, value] : whole[0].items()) {
    Json less = whole;
    less[0].erase(name);
    EXPECT_THAT(std::string(TuningFromJson(less).status().message()), HasSubstr(name + ": "));
    for (const Json& wrong :
         {Json("x"), Json(nullptr), Json::array(), value.is_boolean() ? Json(1) : Json(true)}) {
      Json other = whole;
      other[0][name] = wrong;
      EXPECT_THAT(std::string(TuningFromJson(other).status().message()), HasSubstr(name + ": "))
          << wrong;
    }
  }
}

TEST(TunedJsonTest, NumbersThatTheFieldCannotHoldAreRefused) {
  for (const char* number : {"2147483648", "-2147483649", "9223372036854775808", "1.5", "1e300"}) {
    Json json = TuningToJson({{{1, 64}, {}, 0.5}});
    json[0]["fold"] = Json::parse(number);
    EXPECT_EQ(TuningFromJson(json).status().code(), absl::StatusCode::kInvalidArgument) << number;
  }
}

TEST(TunedJsonTest, WhatIsNoListOfObjectsIsRefused) {
  for (const char* text : {"{}", "1", "null", "[1]", "[[]]", "[null]"}) {
    EXPECT_EQ(TuningFromJson(Json::parse(text)).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
  EXPECT_TRUE(TuningFromJson(Json::array())->empty());
}

}  // namespace
}  // namespace convoy::engine
