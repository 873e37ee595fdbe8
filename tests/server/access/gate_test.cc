#include "server/access/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_replace.h"

namespace convoy::access {
namespace {

using ::testing::HasSubstr;

// The sum of "abc".
constexpr char kTokens[] = R"({"tokens": [
  {"name": "a", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
   "infer": ["x"]},
  {"name": "c", "certificate": "c.example", "read": true}]})";

class GateTest : public ::testing::Test {
 protected:
  GateTest() { Write(kTokens); }
  ~GateTest() override { std::filesystem::remove(path_); }

  void Write(const std::string& text) const { std::ofstream(path_) << text; }

  std::unique_ptr<Gate> Open(bool needs_certificates = false, bool open_metrics = false) const {
    auto gate = Gate::Open({.tokens = path_, .open_metrics = open_metrics}, needs_certificates);
    EXPECT_TRUE(gate.ok()) << gate.status();
    return *std::move(gate);
  }

  static absl::StatusCode Code(const Gate& gate, const std::string& authorization,
                               Permission permission = Permission::kInfer) {
    return gate.Admit(permission, {.authorization = authorization}).status().code();
  }

  const std::string path_ = ::testing::TempDir() + "gate_test.json";
};

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kPermissionDenied = absl::StatusCode::kPermissionDenied;

TEST_F(GateTest, OnlyTheWholeTokenIsLetIn) {
  const auto gate = Open();
  EXPECT_EQ(Code(*gate, "Bearer a.abc"), kOk);
  EXPECT_EQ(Code(*gate, "bearer a.abc"), kOk);
  for (const char* wrong :
       {"", "a.abc", "Bearer", "Bearer ", "Bearer a", "Bearer a.", "Bearer .abc", "Bearer a.abcd",
        "Bearer a.ab", "Bearer b.abc", "Bearer c.abc", "Bearer c.", "Bearer  a.abc",
        "Bearer a.abc ", "Basic a.abc", "Bearer A.abc"}) {
    EXPECT_EQ(Code(*gate, wrong), kUnauthenticated) << wrong;
  }
}

TEST_F(GateTest, TheReasonDoesNotTellWhetherTheNameIsKnown) {
  const auto gate = Open();
  const auto unknown = gate->Admit(Permission::kInfer, {.authorization = "Bearer b.abc"}).status();
  const auto wrong = gate->Admit(Permission::kInfer, {.authorization = "Bearer a.x"}).status();
  EXPECT_EQ(unknown, wrong);
  EXPECT_THAT(std::string(unknown.message()), ::testing::Not(HasSubstr("b")));
}

TEST_F(GateTest, WhatIsNotGrantedIsDenied) {
  const auto gate = Open();
  EXPECT_EQ(Code(*gate, "Bearer a.abc", Permission::kRead), kPermissionDenied);
  EXPECT_EQ(Code(*gate, "Bearer a.abc", Permission::kWrite), kPermissionDenied);
  EXPECT_EQ(Code(*gate, "Bearer a.abc", Permission::kMetrics), kPermissionDenied);
  EXPECT_EQ(Code(*gate, "", Permission::kOpen), kOk);
  EXPECT_EQ(Code(*gate, "Bearer a.wrong", Permission::kOpen), kOk);
  EXPECT_EQ(Code(*gate, "", Permission::kMetrics), kUnauthenticated);
  EXPECT_EQ(Code(*Open(false, true), "", Permission::kMetrics), kOk);
}

TEST_F(GateTest, CertificatesStandForTokensAndMustBeThere) {
  const auto gate = Open(/*needs_certificates=*/true);
  const auto code = [&](Credentials credentials) {
    return gate->Admit(Permission::kRead, credentials).status().code();
  };
  EXPECT_EQ(code({}), kUnauthenticated);
  EXPECT_EQ(code({.certificate_names = {"other", "c.example"}}), kOk);
  EXPECT_EQ(code({.certificate_names = {"other"}}), kUnauthenticated);
  EXPECT_EQ(code({.authorization = "Bearer a.abc"}), kUnauthenticated);
  // The token goes before the certificate.
  EXPECT_EQ(code({.authorization = "Bearer a.abc", .certificate_names = {"c.example"}}),
            kPermissionDenied);
  EXPECT_EQ(code({.authorization = "Bearer a.abc", .is_local = true}), kPermissionDenied);
  EXPECT_EQ(code({.is_local = true}), kUnauthenticated);
}

TEST_F(GateTest, WithoutTokensACertificateIsEnough) {
  const auto gate = Gate::Open({}, /*needs_certificates=*/true);
  ASSERT_TRUE(gate.ok());
  const auto write = Permission::kWrite;
  EXPECT_TRUE((*gate)->Admit(write, {.certificate_names = {"x"}}).ok());
  EXPECT_TRUE((*gate)->Admit(write, {.is_local = true}).ok());
  EXPECT_EQ((*gate)->Admit(write, {}).status().code(), kUnauthenticated);
}

TEST_F(GateTest, ChangesAreTakenWhatIsBrokenIsNot) {
  const auto gate = Open();
  const auto look = [&] {
    gate->Look();
    gate->Look();
  };
  Write("{");
  look();
  EXPECT_EQ(Code(*gate, "Bearer a.abc"), kOk);
  EXPECT_EQ(gate->refused(), 1);
  Write(R"({"tokens": []})");
  look();
  EXPECT_EQ(Code(*gate, "Bearer a.abc"), kUnauthenticated);
  EXPECT_EQ(gate->replaced(), 1);
}

TEST_F(GateTest, TenantsStayTheSameWhateverBecomesOfTheFile) {
  const auto gate = Open();
  const auto tenant = [&] {
    return gate->Admit(Permission::kInfer, {.authorization = "Bearer a.abc"})->tenant();
  };
  batching::Tenant* const before = tenant();
  ASSERT_NE(before, nullptr);
  EXPECT_EQ(before->name(), "a");
  EXPECT_EQ(before->weight(), 1);
  Write(absl::StrReplaceAll(kTokens, {{R"("infer")", R"("weight": 3, "infer")"}}));
  gate->Look();
  gate->Look();
  EXPECT_EQ(tenant(), before);
  EXPECT_EQ(before->weight(), 3);
  Write(R"({"tokens": []})");
  gate->Look();
  gate->Look();
  EXPECT_EQ(gate->tenants(), (std::vector<const batching::Tenant*>{before, gate->tenants()[1]}));
}

TEST_F(GateTest, AFileThatCannotBeUsedIsNamed) {
  Write("{}");
  const auto broken = Gate::Open({.tokens = path_}, false).status();
  EXPECT_THAT(std::string(broken.message()), HasSubstr(path_));
  EXPECT_EQ(Gate::Open({.tokens = "/no/such/file"}, false).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace convoy::access
