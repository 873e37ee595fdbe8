// What the server shows in TLS, and whom it trusts.
#ifndef CONVOY_SERVER_TLS_CERTIFICATES_H_
#define CONVOY_SERVER_TLS_CERTIFICATES_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct ssl_ctx_st;

namespace convoy::tls {

// Certificates that fit together, and OpenSSL's form of them. Immutable.
struct Certificates {
  using Time = std::chrono::system_clock::time_point;

  // As the files have them, in PEM.
  std::string chain;      // the server's own certificate first
  std::string key;        // of the first one
  std::string client_ca;  // who may sign clients' certificates; empty: none are asked for

  std::string subject;  // of the server's own: "CN = convoy.example"
  Time expiry;          // of the first of the chain that ends

  // For the server's side of connections: TLS 1.2 and 1.3, ciphers with forward secrecy
  // and authenticated encryption. A client may show a certificate, which is verified, or
  // none.
  std::shared_ptr<ssl_ctx_st> context;
};

//   INVALID_ARGUMENT  something is no PEM or was cut off, the key does not belong to the
//                     certificate, or OpenSSL takes one of them for too weak; says which.
absl::StatusOr<Certificates> ParseCertificates(std::string chain, std::string key,
                                               std::string client_ca);

}  // namespace convoy::tls

#endif  // CONVOY_SERVER_TLS_CERTIFICATES_H_
