#include "server/rpc/method_table.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MethodTable::HandlerFactory NoHandler() {
  return [](TableCall&) { return std::unique_ptr<CallHandler>(); };
}

// No handler of these tests looks at its call.
TableCall& NoCall() {
  alignas(TableCall) static std::byte memory[sizeof(TableCall)];
  return *reinterpret_cast<TableCall*>(memory);
}

std::string Refusal(const MethodTable& table, const std::string& path) {
  const auto handler = table.MakeHandler(path, NoCall());
  EXPECT_EQ(handler.status().code(), absl::StatusCode::kUnimplemented) << path;
  return std::string(handler.status().message());
}

TEST(MethodTableTest, AMethodIsFoundByItsWholePath) {
  MethodTable table;
  table.Add("/a.B/C", NoHandler());
  EXPECT_TRUE(table.MakeHandler("/a.B/C", NoCall()).ok());
  for (const char* path : {"", "/", "/a.B", "/a.B/", "/a.B/c", "/a.B/C/", "a.B/C", "/a.B/C2"}) {
    EXPECT_THAT(Refusal(table, path), HasSubstr(std::string("there is no method ") + path));
  }
}

TEST(MethodTableTest, ACallersPathIsShownShortAndPrintable) {
  const MethodTable table;
  EXPECT_THAT(Refusal(table, "/\n\xFF\"/x"), HasSubstr("/\\n\\xff\\\"/x;"));
  const std::string refusal = Refusal(table, std::string(1 << 20, 'x'));
  EXPECT_THAT(refusal, HasSubstr("xxx..."));
  EXPECT_LT(refusal.size(), 256u);
}

TEST(MethodTableTest, AMethodThatIsNotServedGivesItsReason) {
  MethodTable table;
  table.AddUnserved("/a.B/C", "not yet");
  EXPECT_EQ(Refusal(table, "/a.B/C"), "not yet");
}

TEST(MethodTableTest, CallsAreCountedByMethodAndStatus) {
  MethodTable table;
  table.Add("/a.B/C", NoHandler());
  table.AddUnserved("/a.B/D", "not yet");
  table.CountsOf("/a.B/C").Add(static_cast<size_t>(absl::StatusCode::kNotFound), 2);
  table.CountsOf("/a.B/D").Add(static_cast<size_t>(absl::StatusCode::kUnimplemented), 1);
  table.CountsOf("/invented").Add(static_cast<size_t>(absl::StatusCode::kUnimplemented), 1);
  std::vector<std::string> shown;
  for (const auto& [method, code, calls] : table.EndedCalls()) {
    shown.push_back(method + " " + absl::StatusCodeToString(code) + " " + std::to_string(calls));
  }
  EXPECT_THAT(
      shown, ElementsAre("a.B/C OK 0", "a.B/C NOT_FOUND 2", "other OK 0", "other UNIMPLEMENTED 2"));
}

TEST(MethodTableTest, ServicesAreThoseWithAServedMethod) {
  MethodTable table;
  table.Add("/z.Last/One", NoHandler());
  table.Add("/a.First/One", NoHandler());
  table.Add("/a.First/Two", NoHandler());
  table.AddUnserved("/m.None/One", "not yet");
  EXPECT_THAT(table.Services(), ElementsAre("a.First", "z.Last"));
}

TEST(MethodTableTest, APathIsServiceAndMethod) { EXPECT_EQ(MethodPath("a.B", "C"), "/a.B/C"); }

}  // namespace
}  // namespace convoy::rpc
