#include "server/tls/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/server/tls/made_certificates.h"

namespace convoy::tls {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;
using ::testing::HasSubstr;

std::string ErrorOf(const std::string& chain, const std::string& key,
                    const std::string& client_ca = "") {
  const auto parsed = ParseCertificates(chain, key, client_ca);
  return parsed.ok() ? "" : std::string(parsed.status().message());
}

TEST(CertificatesTest, SayWhoseTheyAreAndWhenTheFirstOfTheChainEnds) {
  const MadeCertificate authority("authority", 10);
  const MadeCertificate server("server", 20, &authority);
  const auto parsed = ParseCertificates(server.pem() + authority.pem(), server.key(), "");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->subject, "CN = server");
  const auto left = parsed->expiry - system_clock::now();
  EXPECT_GT(left, hours(9 * 24));
  EXPECT_LT(left, hours(11 * 24));
  EXPECT_NE(parsed->context, nullptr);
}

TEST(CertificatesTest, RefuseAKeyOfAnotherCertificate) {
  const MadeCertificate one("one");
  const MadeCertificate other("other");
  EXPECT_THAT(ErrorOf(one.pem(), other.key()), HasSubstr("not the certificate's"));
}

TEST(CertificatesTest, RefuseWhatWasCutOffAtAnyByte) {
  const MadeCertificate authority("authority");
  const MadeCertificate server("server", 20, &authority);
  const std::string chain = server.pem() + authority.pem();
  const size_t whole_first = server.pem().size();
  // Until the last line is whole; only between two blocks nobody can tell.
  for (size_t size = 0; size + 2 < chain.size(); ++size) {
    if (size + 2 > whole_first && size < whole_first + 12) continue;
    EXPECT_NE(ErrorOf(chain.substr(0, size), server.key()), "") << size;
  }
  const std::string key = server.key();
  for (size_t size = 0; size + 2 < key.size(); ++size) {
    EXPECT_THAT(ErrorOf(chain, key.substr(0, size)), HasSubstr("private key")) << size;
  }
}

TEST(CertificatesTest, AskNobodyForAPassword) {
  const MadeCertificate one("one");
  EXPECT_THAT(ErrorOf(one.pem(), one.locked_key()), HasSubstr("without a password"));
}

TEST(CertificatesTest, RefuseClientAuthoritiesThatAreNone) {
  const MadeCertificate one("one");
  EXPECT_EQ(ErrorOf(one.pem(), one.key(), one.pem()), "");
  EXPECT_THAT(ErrorOf(one.pem(), one.key(), "none"), HasSubstr("client CA"));
}

}  // namespace
}  // namespace convoy::tls
