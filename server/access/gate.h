// Lets in who belongs.
#ifndef CONVOY_SERVER_ACCESS_GATE_H_
#define CONVOY_SERVER_ACCESS_GATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/access/access_list.h"
#include "server/access/caller.h"
#include "server/access/permission.h"
#include "server/base/settled_files.h"
#include "server/batching/tenant.h"

namespace convoy::access {

struct AccessOptions {
  // File of those who may call (AccessList); empty: everybody may do everything.
  std::string tokens;
  // Metrics need no token.
  bool open_metrics = false;
  // Tokens are taken over TCP without TLS beyond this machine.
  bool allow_plaintext_tokens = false;
};

// What a call says of its caller.
struct Credentials {
  std::string_view authorization;              // the header; empty for none
  std::vector<std::string> certificate_names;  // of a verified certificate
  bool is_local = false;                       // over a Unix socket, where there is no TLS
};

// Decides by the token file as it is now, and by certificates where they are asked for.
// Thread-safe but for Look.
class Gate {
 public:
  // `needs_certificates`: every call needs a verified certificate, but for those that are
  // open or come over a Unix socket.
  //   NOT_FOUND, INVALID_ARGUMENT, ...  the token file cannot be used; names it.
  static absl::StatusOr<std::unique_ptr<Gate>> Open(const AccessOptions& options,
                                                    bool needs_certificates);

  // Whether `credentials` of Admit need the names of certificates.
  bool needs_certificates() const { return needs_certificates_; }

  // The caller, who may do it at least with some layer.
  //   UNAUTHENTICATED    no token or certificate that is known. Neither tells which of the
  //                      two parts of a token is wrong.
  //   PERMISSION_DENIED  it may not.
  absl::StatusOr<Caller> Admit(Permission permission, const Credentials& credentials) const;

  // All that were ever in the file, sorted. They live as long as the gate.
  std::vector<const batching::Tenant*> tenants() const;

  // Takes what has changed of the token file. To be called a few times a second, by one
  // thread. A file that cannot be used is logged, and the old content stays in force.
  void Look();

  // How often the file's content was replaced, and how often it could not be used.
  int64_t replaced() const;
  int64_t refused() const;

 private:
  Gate(const AccessOptions& options, bool needs_certificates);

  // Puts a list in force, with tenants that have its limits.
  void Use(AccessList list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The list in force; null without tokens.
  std::shared_ptr<const AccessList> list() const;
  absl::StatusOr<Caller> Find(const Credentials& credentials) const;

  const AccessOptions options_;
  const bool needs_certificates_;
  SettledFiles file_;

  mutable Mutex mutex_;
  std::shared_ptr<const AccessList> list_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<batching::Tenant>> tenants_ ABSL_GUARDED_BY(mutex_);
  int64_t replaced_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_GATE_H_
