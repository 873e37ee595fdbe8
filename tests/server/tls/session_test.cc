#include "server/tls/session.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "server/base/descriptor.h"
#include "tests/server/tls/made_certificates.h"

namespace convoy::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A session and a client of OpenSSL's, over a pair of sockets, on one thread.
class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> pair;
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data());
    server_socket_ = Descriptor(pair[0]);
    client_socket_ = Descriptor(pair[1]);
    client_context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  }

  void Begin(const std::string& client_ca) {
    auto parsed = ParseCertificates(authority_.pem(), authority_.key(), client_ca);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    session_.emplace(*parsed, server_socket_.get());
    client_.reset(SSL_new(client_context_.get()), SSL_free);
    SSL_set_fd(client_.get(), client_socket_.get());
  }

  void Show(const MadeCertificate& certificate) {
    const std::string pem = certificate.pem();
    const std::string key = certificate.key();
    const std::shared_ptr<BIO> pem_bio(BIO_new_mem_buf(pem.data(), -1), BIO_free);
    const std::shared_ptr<BIO> key_bio(BIO_new_mem_buf(key.data(), -1), BIO_free);
    const std::shared_ptr<X509> one(PEM_read_bio_X509(pem_bio.get(), nullptr, nullptr, nullptr),
                                    X509_free);
    const std::shared_ptr<EVP_PKEY> private_key(
        PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    SSL_CTX_use_certificate(client_context_.get(), one.get());
    SSL_CTX_use_PrivateKey(client_context_.get(), private_key.get());
  }

  // Both sides in turn, until the server has read something or is broken.
  ssize_t Exchange(std::string_view sent) {
    bool connected = false;
    bool written = false;
    for (int turn = 0; turn < 1000; ++turn) {
      connected = connected || SSL_connect(client_.get()) == 1;
      if (connected && !written) {
        written = SSL_write(client_.get(), sent.data(), static_cast<int>(sent.size())) > 0;
      }
      const ssize_t count = session_->Read(received_.data(), received_.size());
      if (count >= 0 || errno != EAGAIN) return count;
    }
    return -2;
  }

  const MadeCertificate authority_{"authority"};
  Descriptor server_socket_;
  Descriptor client_socket_;
  std::shared_ptr<SSL_CTX> client_context_;
  std::shared_ptr<SSL> client_;
  std::optional<Session> session_;
  std::array<char, 16> received_;
};

TEST_F(SessionTest, BytesGoBothWaysAndEnd) {
  Begin("");
  ASSERT_EQ(Exchange("hello"), 5);
  EXPECT_EQ(std::string(received_.data(), 5), "hello");
  EXPECT_EQ(session_->Write("world"), 5);
  ASSERT_EQ(SSL_read(client_.get(), received_.data(), 16), 5);
  EXPECT_THAT(session_->ClientNames(), IsEmpty());
  EXPECT_EQ(session_->Read(received_.data(), 16), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(session_->waits(), Session::Waits::kToRead);
  session_->End();
  EXPECT_EQ(SSL_read(client_.get(), received_.data(), 16), 0);
  SSL_shutdown(client_.get());
  EXPECT_EQ(session_->Read(received_.data(), 16), 0);
}

TEST_F(SessionTest, WhatDoesNotFitInTheSocketWaitsToWrite) {
  Begin("");
  ASSERT_EQ(Exchange("hello"), 5);
  const std::string much(size_t{64} << 10, 'x');
  ssize_t count = 0;
  while ((count = session_->Write(much)) > 0) {
  }
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(session_->waits(), Session::Waits::kToWrite);
}

TEST_F(SessionTest, NamesOfAVerifiedCertificateAreKnown) {
  Begin(authority_.pem());
  Show(MadeCertificate("team-a", 20, &authority_));
  client_.reset(SSL_new(client_context_.get()), SSL_free);
  SSL_set_fd(client_.get(), client_socket_.get());
  ASSERT_EQ(Exchange("hello"), 5);
  EXPECT_THAT(session_->ClientNames(), ElementsAre("team-a", "team-a.example", "spiffe://x/y"));
}

TEST_F(SessionTest, ACertificateOfSomebodyElseEndsTheConnection) {
  Begin(authority_.pem());
  Show(MadeCertificate("team-a"));
  client_.reset(SSL_new(client_context_.get()), SSL_free);
  SSL_set_fd(client_.get(), client_socket_.get());
  EXPECT_EQ(Exchange("hello"), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(SessionTest, BytesThatAreNoTlsEndTheConnection) {
  Begin("");
  const std::string_view plain = "GET / HTTP/1.1\r\n\r\n";
  ASSERT_GT(send(client_socket_.get(), plain.data(), plain.size(), 0), 0);
  EXPECT_EQ(session_->Read(received_.data(), 16), -1);
  EXPECT_EQ(errno, ECONNRESET);
  session_->End();
}

}  // namespace
}  // namespace convoy::tls
