#include "server/tls/openssl_error.h"

#include <openssl/err.h>

namespace convoy::tls {

std::string TakeOpensslError() {
  const unsigned long error = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  ERR_clear_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace convoy::tls
