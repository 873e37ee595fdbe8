#include "server/tls/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernel/base/status_macros.h"
#include "server/tls/openssl_error.h"

namespace convoy::tls {
namespace {

// Of TLS 1.2; those of TLS 1.3 are all modern. The same as gRPC's own, and ChaCha20 for
// machines without instructions for AES.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

absl::Status Invalid(const char* what, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", why));
}

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Keys with a password cannot be used, and nobody is asked for it.
int NoPassword(char*, int, int, void*) { return 0; }

int64_t Count(absl::string_view word, absl::string_view text) {
  int64_t count = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

// OpenSSL passes over a last block that was cut off.
bool IsWhole(const std::string& pem, size_t certificates) {
  return Count("-----BEGIN ", pem) == Count("-----END ", pem) &&
         Count("CERTIFICATE-----", pem) == static_cast<int64_t>(2 * certificates);
}

// All certificates of the text, at least one.
absl::StatusOr<std::vector<Certificate>> ReadCertificates(const char* what,
                                                          const std::string& pem) {
  const Bio text = Reading(pem);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (X509* const one = PEM_read_bio_X509(text.get(), nullptr, NoPassword, nullptr)) {
    certificates.emplace_back(one);
  }
  // What reading ends with: there is no further block, or a block that is broken.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = TakeOpensslError();
  if (!at_end) return Invalid(what, absl::StrCat("a certificate cannot be read: ", why));
  if (certificates.empty()) return Invalid(what, "expected certificates in PEM, got none");
  if (!IsWhole(pem, certificates.size())) return Invalid(what, "the last one was cut off");
  return certificates;
}

absl::StatusOr<Key> ReadKey(const std::string& pem) {
  const Bio text = Reading(pem);
  Key key(PEM_read_bio_PrivateKey(text.get(), nullptr, NoPassword, nullptr));
  if (key != nullptr) return key;
  return Invalid("key", absl::StrCat("expected a private key in PEM without a password: ",
                                     TakeOpensslError()));
}

Certificates::Time ExpiryOf(const std::vector<Certificate>& chain) {
  auto expiry = Certificates::Time::max();
  for (const Certificate& one : chain) {
    std::tm end = {};
    ASN1_TIME_to_tm(X509_get0_notAfter(one.get()), &end);
    expiry = std::min(expiry, std::chrono::system_clock::from_time_t(timegm(&end)));
  }
  return expiry;
}

std::string SubjectOf(const X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

std::shared_ptr<SSL_CTX> NewContext() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphers);
  // Nothing of a connection outlives it: no session goes on after certificates changed.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

absl::Status Use(const std::vector<Certificate>& chain, EVP_PKEY* key, SSL_CTX* context) {
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return Invalid("certificate", TakeOpensslError());
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return Invalid("certificate", TakeOpensslError());
    }
  }
  if (SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1) {
    return absl::OkStatus();
  }
  return Invalid("key", absl::StrCat("it is not the certificate's: ", TakeOpensslError()));
}

absl::Status TrustClientsOf(const std::vector<Certificate>& authorities, SSL_CTX* context) {
  for (const Certificate& one : authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1 ||
        SSL_CTX_add_client_CA(context, one.get()) != 1) {
      return Invalid("client CA", TakeOpensslError());
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Certificates> ParseCertificates(std::string chain, std::string key,
                                               std::string client_ca) {
  CONVOY_ASSIGN_OR_RETURN(const std::vector<Certificate> certificates,
                          ReadCertificates("certificate", chain));
  CONVOY_ASSIGN_OR_RETURN(const Key private_key, ReadKey(key));
  std::shared_ptr<SSL_CTX> context = NewContext();
  CONVOY_RETURN_IF_ERROR(Use(certificates, private_key.get(), context.get()));
  if (!client_ca.empty()) {
    CONVOY_ASSIGN_OR_RETURN(const std::vector<Certificate> authorities,
                            ReadCertificates("client CA", client_ca));
    CONVOY_RETURN_IF_ERROR(TrustClientsOf(authorities, context.get()));
  }
  return Certificates{.chain = std::move(chain),
                      .key = std::move(key),
                      .client_ca = std::move(client_ca),
                      .subject = SubjectOf(certificates.front().get()),
                      .expiry = ExpiryOf(certificates),
                      .context = std::move(context)};
}

}  // namespace convoy::tls
