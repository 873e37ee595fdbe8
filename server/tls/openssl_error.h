// What OpenSSL says went wrong.
#ifndef CONVOY_SERVER_TLS_OPENSSL_ERROR_H_
#define CONVOY_SERVER_TLS_OPENSSL_ERROR_H_

#include <string>

namespace convoy::tls {

// The reason of the calling thread's first error, which is forgotten with all others.
std::string TakeOpensslError();

}  // namespace convoy::tls

#endif  // CONVOY_SERVER_TLS_OPENSSL_ERROR_H_
