// TLS for gRPC's connections.
#ifndef CONVOY_SERVER_RPC_TLS_CREDENTIALS_H_
#define CONVOY_SERVER_RPC_TLS_CREDENTIALS_H_

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "server/tls/certificate_files.h"

namespace convoy::rpc {

// Each handshake takes the certificates that are current; connections that stand go on.
// A client is asked for a certificate where there is a client CA, and may have none: what
// it shows is verified, and whether it must have shown one is decided call by call.
//
// gRPC has a provider of its own that follows files. It takes a certificate and a key that
// do not belong together as they are, and refuses all connections until they do.
//
// `files` must outlive the server.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const tls::CertificateFiles& files);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TLS_CREDENTIALS_H_
