#include "client/tool/message_json.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "convoy/v1/layer_service.pb.h"
#include "gtest/gtest.h"

namespace convoy::tool {
namespace {

TEST(MessageJsonTest, IsOneLineWithTheNamesOfTheProtocolAndDefaults) {
  convoy::v1::DeleteLayerRequest message;
  message.set_name("layers/a\nb");
  std::ostringstream out;
  PrintJson(message, out);
  EXPECT_EQ(out.str().find('\n'), out.str().size() - 1);
  EXPECT_EQ(nlohmann::json::parse(out.str()), (nlohmann::json{{"name", "layers/a\nb"},
                                                              {"etag", ""},
                                                              {"delete_foreign", false},
                                                              {"validate_only", false}}));
}

}  // namespace
}  // namespace convoy::tool
