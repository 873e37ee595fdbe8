#include "server/options/exposure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convoy {
namespace {

using ::testing::HasSubstr;

TEST(ExposureTest, LoopbackAndUnixSocketsAreThisMachine) {
  for (const char* local :
       {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/x", "127.0.0.1:1,unix:/x"}) {
    EXPECT_FALSE(IsBeyondLoopback(local)) << local;
  }
  for (const char* beyond : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "convoy.example:1",
                             "127.0.0.1:1,0.0.0.0:2", "unix:/x,[::]:1"}) {
    EXPECT_TRUE(IsBeyondLoopback(beyond)) << beyond;
  }
}

ServerOptions Beyond() {
  ServerOptions options;
  options.http_address = "0.0.0.0:8002";
  return options;
}

TEST(ExposureTest, TokensNeedTlsBeyondThisMachine) {
  ServerOptions options = Beyond();
  EXPECT_EQ(ProblemOfExposure(options), "");
  options.access.tokens = "tokens.json";
  EXPECT_THAT(ProblemOfExposure(options), HasSubstr("--allow-plaintext-tokens"));
  options.access.allow_plaintext_tokens = true;
  EXPECT_EQ(ProblemOfExposure(options), "");
  options.access.allow_plaintext_tokens = false;
  options.tls.certificate = "server.pem";
  EXPECT_EQ(ProblemOfExposure(options), "");
  options = {};
  options.access.tokens = "tokens.json";
  EXPECT_EQ(ProblemOfExposure(options), "");
}

TEST(ExposureTest, WhatIsMissingIsSaid) {
  EXPECT_EQ(WarningOfExposure({}), "");
  ServerOptions options = Beyond();
  EXPECT_THAT(WarningOfExposure(options), HasSubstr("without TLS and without tokens"));
  options.tls.certificate = "server.pem";
  EXPECT_THAT(WarningOfExposure(options), HasSubstr("without tokens"));
  options.tls.client_ca = "ca.pem";
  EXPECT_EQ(WarningOfExposure(options), "");
  options.tls = {};
  options.access.tokens = "tokens.json";
  EXPECT_THAT(WarningOfExposure(options), HasSubstr("without TLS"));
}

}  // namespace
}  // namespace convoy
