#include "server/tls/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace convoy::tls {
namespace {

std::string TextOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string))};
}

void AppendCommonName(const X509* certificate, std::vector<std::string>& names) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return;
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return;
  names.emplace_back(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
  OPENSSL_free(text);
}

void AppendAlternativeNames(const X509* certificate, std::vector<std::string>& names) {
  auto* const all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* const one = sk_GENERAL_NAME_value(all, i);
    if (one->type != GEN_DNS && one->type != GEN_URI && one->type != GEN_EMAIL) continue;
    names.push_back(TextOf(one->d.ia5));
  }
  GENERAL_NAMES_free(all);
}

}  // namespace

void Session::Free::operator()(ssl_st* session) const { SSL_free(session); }

Session::Session(const Certificates& certificates, int socket)
    : context_(certificates.context), session_(SSL_new(context_.get())) {
  SSL_set_accept_state(session_.get());
  SSL_set_fd(session_.get(), socket);
}

ssize_t Session::Result(int result) {
  waits_ = Waits::kNothing;
  if (result > 0) return result;
  const int error = SSL_get_error(session_.get(), result);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
      waits_ = Waits::kToRead;
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_WANT_WRITE:
      waits_ = Waits::kToWrite;
      errno = EAGAIN;
      return -1;
    default:
      broken_ = true;
      errno = ECONNRESET;
      return -1;
  }
}

ssize_t Session::Read(char* bytes, size_t size) {
  ERR_clear_error();
  return Result(SSL_read(session_.get(), bytes, static_cast<int>(size)));
}

ssize_t Session::Write(std::string_view bytes) {
  constexpr size_t kMost = std::numeric_limits<int>::max();
  ERR_clear_error();
  return Result(
      SSL_write(session_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kMost))));
}

void Session::End() {
  if (broken_) return;  // OpenSSL wants nothing more to be sent then
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

std::vector<std::string> Session::ClientNames() const {
  std::vector<std::string> names;
  const X509* const certificate = SSL_get0_peer_certificate(session_.get());
  if (certificate == nullptr || SSL_get_verify_result(session_.get()) != X509_V_OK) return names;
  AppendCommonName(certificate, names);
  AppendAlternativeNames(certificate, names);
  return names;
}

}  // namespace convoy::tls
