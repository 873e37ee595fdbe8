// The certificates on disk, as they are now.
#ifndef CONVOY_SERVER_TLS_CERTIFICATE_FILES_H_
#define CONVOY_SERVER_TLS_CERTIFICATE_FILES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/base/settled_files.h"
#include "server/tls/certificates.h"

namespace convoy::tls {

struct TlsOptions {
  // Files in PEM: the server's certificate and those that signed it, its key, and who may
  // sign clients' certificates. Both of the first two, or none for no TLS.
  std::string certificate;
  std::string key;
  std::string client_ca;

  bool on() const { return !certificate.empty(); }
};

// Certificates that follow their files. What does not fit together, because it is half
// written or wrong, is logged and does not take the place of what is in use.
//
// Thread-safe but for Look.
class CertificateFiles {
 public:
  // REQUIRES: options.on().
  //   NOT_FOUND, INVALID_ARGUMENT, ...  as SettledFiles and ParseCertificates.
  static absl::StatusOr<std::unique_ptr<CertificateFiles>> Open(const TlsOptions& options);

  // For new connections; those that stand keep what they began with.
  std::shared_ptr<const Certificates> current() const;

  // Whether clients are asked for certificates.
  bool asks_clients() const { return !options_.client_ca.empty(); }

  // How often certificates were replaced, and how often what was found could not be used.
  int64_t replaced() const;
  int64_t refused() const;

  // Takes what has changed. To be called a few times a second, by one thread; `now` is
  // for what is logged of certificates that end soon.
  void Look(std::chrono::system_clock::time_point now);

 private:
  explicit CertificateFiles(const TlsOptions& options);

  absl::StatusOr<Certificates> Parse(SettledFiles::Contents contents) const;
  void WarnOfExpiry(const Certificates& certificates, std::chrono::system_clock::time_point now);

  const TlsOptions options_;
  SettledFiles files_;
  std::chrono::system_clock::duration warned_at_;  // the least time left that was logged

  mutable Mutex mutex_;
  std::shared_ptr<const Certificates> current_ ABSL_GUARDED_BY(mutex_);
  int64_t replaced_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace convoy::tls

#endif  // CONVOY_SERVER_TLS_CERTIFICATE_FILES_H_
