#include "server/tls/certificate_files.h"

#include <spdlog/spdlog.h>

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "kernel/base/status_macros.h"
#include "server/base/logging.h"

namespace convoy::tls {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;

// The log tells when so much is left of a certificate, the most first.
constexpr std::array<hours, 5> kWarnings = {hours(30 * 24), hours(14 * 24), hours(7 * 24),
                                            hours(24), hours(0)};

std::string ShownTime(system_clock::time_point time) {
  return absl::FormatTime(absl::RFC3339_sec, absl::FromChrono(time), absl::UTCTimeZone());
}

}  // namespace

CertificateFiles::CertificateFiles(const TlsOptions& options)
    : options_(options),
      files_({options.certificate, options.key, options.client_ca}),
      warned_at_(system_clock::duration::max()) {}

absl::StatusOr<std::unique_ptr<CertificateFiles>> CertificateFiles::Open(
    const TlsOptions& options) {
  std::unique_ptr<CertificateFiles> files(new CertificateFiles(options));
  CONVOY_ASSIGN_OR_RETURN(SettledFiles::Contents contents, files->files_.Read());
  CONVOY_ASSIGN_OR_RETURN(Certificates certificates, files->Parse(std::move(contents)));
  spdlog::info("tls certificate subject={} expires={}", Quoted(certificates.subject),
               ShownTime(certificates.expiry));
  const MutexLock lock(files->mutex_);
  files->current_ = std::make_shared<const Certificates>(std::move(certificates));
  return files;
}

absl::StatusOr<Certificates> CertificateFiles::Parse(SettledFiles::Contents contents) const {
  if (!options_.client_ca.empty() && contents[2].empty()) {
    // As no client CA at all it would ask for none.
    return absl::InvalidArgumentError(absl::StrCat(options_.client_ca, ": the file is empty"));
  }
  absl::StatusOr<Certificates> parsed =
      ParseCertificates(std::move(contents[0]), std::move(contents[1]), std::move(contents[2]));
  if (parsed.ok()) return parsed;
  return absl::InvalidArgumentError(
      absl::StrCat(options_.certificate, ", ", options_.key,
                   options_.client_ca.empty() ? "" : absl::StrCat(", ", options_.client_ca), ": ",
                   parsed.status().message()));
}

std::shared_ptr<const Certificates> CertificateFiles::current() const {
  const MutexLock lock(mutex_);
  return current_;
}

int64_t CertificateFiles::replaced() const {
  const MutexLock lock(mutex_);
  return replaced_;
}

int64_t CertificateFiles::refused() const {
  const MutexLock lock(mutex_);
  return refused_;
}

void CertificateFiles::Look(system_clock::time_point now) {
  if (std::optional<SettledFiles::Contents> changed = files_.Look()) {
    absl::StatusOr<Certificates> parsed = Parse(*std::move(changed));
    const MutexLock lock(mutex_);
    if (parsed.ok()) {
      current_ = std::make_shared<const Certificates>(*std::move(parsed));
      ++replaced_;
      warned_at_ = system_clock::duration::max();
      spdlog::info("tls certificate replaced subject={} expires={}", Quoted(current_->subject),
                   ShownTime(current_->expiry));
    } else {
      ++refused_;
      spdlog::error("tls certificate not replaced error={}",
                    Quoted(std::string(parsed.status().message())));
    }
  }
  WarnOfExpiry(*current(), now);
}

void CertificateFiles::WarnOfExpiry(const Certificates& certificates,
                                    system_clock::time_point now) {
  const auto left = certificates.expiry - now;
  system_clock::duration reached = system_clock::duration::max();
  for (const hours limit : kWarnings) {
    if (left <= limit) reached = limit;
  }
  if (reached >= warned_at_) return;
  warned_at_ = reached;
  spdlog::log(left <= hours(24) ? spdlog::level::err : spdlog::level::warn,
              "tls certificate {} subject={} expires={}",
              left > hours(0) ? "expires soon" : "has expired", Quoted(certificates.subject),
              ShownTime(certificates.expiry));
}

}  // namespace convoy::tls
