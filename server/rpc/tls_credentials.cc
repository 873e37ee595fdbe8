#include "server/rpc/tls_credentials.h"

#include <grpc/grpc_security.h>

#include <string>

namespace convoy::rpc {
namespace {

class Credentials final : public grpc::ServerCredentials {
 public:
  explicit Credentials(const tls::CertificateFiles& files) : files_(files) {
    const auto asks = files.asks_clients() ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
                                           : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(asks, &Fetch, this));
  }

  ~Credentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // gRPC calls it before each handshake, one at a time.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<Credentials*>(self)->Fetch(*config);
  }

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config*& config) {
    std::shared_ptr<const tls::Certificates> current = files_.current();
    if (current == fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {current->key.c_str(), current->chain.c_str()};
    // gRPC insists on some; without requests for certificates they mean nothing.
    const std::string& trusted = files_.asks_clients() ? current->client_ca : current->chain;
    config = grpc_ssl_server_certificate_config_create(trusted.c_str(), &pair, 1);
    fetched_ = std::move(current);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const tls::CertificateFiles& files_;
  grpc_server_credentials* credentials_;
  std::shared_ptr<const tls::Certificates> fetched_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const tls::CertificateFiles& files) {
  return std::make_shared<Credentials>(files);
}

}  // namespace convoy::rpc
