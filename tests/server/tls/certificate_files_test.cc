#include "server/tls/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/server/tls/made_certificates.h"

namespace convoy::tls {
namespace {

using std::chrono::system_clock;

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() : folder_(::testing::TempDir() + "certificate_files_test") {
    std::filesystem::create_directories(folder_);
    Write("pem", one_.pem());
    Write("key", one_.key());
  }
  ~CertificateFilesTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::unique_ptr<CertificateFiles> Open(const std::string& client_ca = "") const {
    auto opened = CertificateFiles::Open({folder_ + "/pem", folder_ + "/key", client_ca});
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  static void LookTwice(CertificateFiles& files) {
    files.Look(system_clock::now());
    files.Look(system_clock::now());
  }

  const std::string folder_;
  const MadeCertificate one_{"one"};
  const MadeCertificate other_{"other"};
};

TEST_F(CertificateFilesTest, WhatHasChangedAndSettledIsTaken) {
  const auto files = Open();
  const auto before = files->current();
  EXPECT_EQ(before->subject, "CN = one");
  LookTwice(*files);
  EXPECT_EQ(files->current(), before);
  Write("pem", other_.pem());
  Write("key", other_.key());
  files->Look(system_clock::now());
  EXPECT_EQ(files->current(), before) << "it may still be written";
  files->Look(system_clock::now());
  EXPECT_EQ(files->current()->subject, "CN = other");
  EXPECT_EQ(files->replaced(), 1);
  EXPECT_EQ(files->refused(), 0);
}

TEST_F(CertificateFilesTest, WhatCannotBeUsedIsCountedOnceAndLeavesTheOldOne) {
  const auto files = Open();
  Write("pem", other_.pem());
  LookTwice(*files);
  LookTwice(*files);
  EXPECT_EQ(files->current()->subject, "CN = one");
  EXPECT_EQ(files->refused(), 1);
  Write("key", other_.key());
  LookTwice(*files);
  EXPECT_EQ(files->current()->subject, "CN = other");
}

TEST_F(CertificateFilesTest, AnEmptyClientAuthorityDoesNotMeanThatNoneIsAsked) {
  Write("ca", one_.pem());
  const auto files = Open(folder_ + "/ca");
  EXPECT_TRUE(files->asks_clients());
  Write("ca", "");
  LookTwice(*files);
  EXPECT_EQ(files->refused(), 1);
  EXPECT_EQ(files->current()->client_ca, one_.pem());
}

TEST_F(CertificateFilesTest, FilesThatAreGoneLeaveTheOldOne) {
  const auto files = Open();
  std::filesystem::remove(folder_ + "/key");
  LookTwice(*files);
  EXPECT_EQ(files->current()->subject, "CN = one");
  EXPECT_EQ(CertificateFiles::Open({folder_ + "/pem", folder_ + "/key", ""}).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace convoy::tls
