#include "server/rpc/credentials.h"

#include <grpc/grpc_security_constants.h>

#include <memory>
#include <string_view>

#include "grpcpp/security/auth_context.h"

namespace convoy::rpc {
namespace {

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// gRPC has verified a certificate that it shows.
void AddNames(const grpc::AuthContext& connection, const char* property,
              access::Credentials& credentials) {
  for (const grpc::string_ref& name : connection.FindPropertyValues(property)) {
    credentials.certificate_names.emplace_back(View(name));
  }
}

bool IsTls(const grpc::AuthContext& connection) {
  for (const grpc::string_ref& type :
       connection.FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME)) {
    if (View(type) == GRPC_SSL_TRANSPORT_SECURITY_TYPE) return true;
  }
  return false;
}

void AddCertificate(const grpc::ServerContext& context, access::Credentials& credentials) {
  const std::shared_ptr<const grpc::AuthContext> connection = context.auth_context();
  // Where there is TLS, all of TCP has it.
  credentials.is_local = connection == nullptr || !IsTls(*connection);
  if (credentials.is_local) return;
  AddNames(*connection, GRPC_X509_CN_PROPERTY_NAME, credentials);
  AddNames(*connection, GRPC_X509_SAN_PROPERTY_NAME, credentials);
}

}  // namespace

absl::StatusOr<access::Caller> Admit(const access::Gate& gate, access::Permission permission,
                                     const grpc::ServerContext& context) {
  access::Credentials credentials;
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found != metadata.end()) credentials.authorization = View(found->second);
  if (gate.needs_certificates()) AddCertificate(context, credentials);
  return gate.Admit(permission, credentials);
}

}  // namespace convoy::rpc
