// Certificates for tests, made on the spot.
#ifndef CONVOY_TESTS_SERVER_TLS_MADE_CERTIFICATES_H_
#define CONVOY_TESTS_SERVER_TLS_MADE_CERTIFICATES_H_

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace convoy::tls {

// A key and a certificate of it, signed by itself or by another one.
class MadeCertificate {
 public:
  explicit MadeCertificate(const std::string& common_name, int days = 20,
                           const MadeCertificate* authority = nullptr)
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
    X509* const one = certificate_.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), 1);
    X509_gmtime_adj(X509_getm_notBefore(one), -60);
    X509_gmtime_adj(X509_getm_notAfter(one), 86400L * days);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    X509_set_pubkey(one, key_.get());
    const MadeCertificate& signer = authority == nullptr ? *this : *authority;
    X509_set_issuer_name(one, X509_get_subject_name(signer.certificate_.get()));
    AddExtension(NID_basic_constraints, authority == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    AddExtension(NID_subject_alt_name, "DNS:" + common_name + ".example,URI:spiffe://x/y");
    X509_sign(one, signer.key_.get(), EVP_sha256());
  }

  std::string pem() const {
    return Text([this](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); });
  }
  std::string key() const {
    return Text([this](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  std::string locked_key() const {
    return Text([this](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key_.get(), EVP_aes_128_cbc(),
                               reinterpret_cast<const unsigned char*>("word"), 4, nullptr, nullptr);
    });
  }

 private:
  void AddExtension(int nid, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  template <typename Write>
  static std::string Text(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    write(bio.get());
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<size_t>(size)};
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace convoy::tls

#endif  // CONVOY_TESTS_SERVER_TLS_MADE_CERTIFICATES_H_
