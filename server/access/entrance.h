// How callers come in.
#ifndef CONVOY_SERVER_ACCESS_ENTRANCE_H_
#define CONVOY_SERVER_ACCESS_ENTRANCE_H_

#include "server/access/gate.h"
#include "server/tls/certificate_files.h"

namespace convoy::access {

// Both outlive the server that is given them.
struct Entrance {
  const tls::CertificateFiles* certificates = nullptr;  // null: no TLS
  const Gate* gate = nullptr;                           // null: everybody may do everything
};

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_ENTRANCE_H_
