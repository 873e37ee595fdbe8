// Says with every call who calls.
#ifndef CONVOY_CLIENT_TOKEN_INTERCEPTOR_H_
#define CONVOY_CLIENT_TOKEN_INTERCEPTOR_H_

#include <grpcpp/support/client_interceptor.h>

#include <string>

namespace convoy::client {

// Adds "authorization: Bearer TOKEN" to the calls of a channel, whichever stub they come
// from. gRPC's own credentials for calls would do so over TLS only; a Unix socket or a
// proxy on the same machine needs none. Thread-safe.
class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(const std::string& token) : value_("Bearer " + token) {}

  // gRPC owns what it gets.
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* info) override;

 private:
  const std::string value_;
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_TOKEN_INTERCEPTOR_H_
