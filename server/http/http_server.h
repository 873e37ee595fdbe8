// The HTTP port's event loop.
#ifndef CONVOY_SERVER_HTTP_HTTP_SERVER_H_
#define CONVOY_SERVER_HTTP_HTTP_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/base/descriptor.h"
#include "server/base/listening_socket.h"
#include "server/http/connection.h"
#include "server/http/page_threads.h"
#include "server/http/router.h"
#include "server/http/stream.h"
#include "server/tls/certificate_files.h"

namespace convoy::http {

// Serves a router's pages. One thread moves the bytes of all connections and never
// waits for one of them; pages that take time are made on a few others.
//
// Connections, pages in work and bytes are bounded. When there are too many connections,
// the one that has been silent for longest gives way, so that half-open ones, however
// many, keep nobody out; when callers do not take their answers, large new ones are
// refused.
//
// Thread-safe but for Stop. Owns its threads.
class HttpServer {
 public:
  // `address` as ListeningSocket::Open reads it, with its errors. Over TCP callers speak
  // TLS where there are certificates, which must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const std::string& address, Router router,
      const tls::CertificateFiles* certificates = nullptr);

  // Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  const Router& router() const { return router_; }

  // Not 0, except for a Unix socket.
  int port() const { return port_; }

  // Answers the requests that have arrived, closes everything and joins the loop.
  // Callers that do not take their answers delay it by at most two seconds. Idempotent.
  void Stop();

 private:
  struct Caller {
    Caller(Stream stream, const Router& router, Clock::time_point now)
        : connection(std::move(stream), router, now) {}
    Connection connection;
    uint32_t watched = 0;       // the events that epoll reports of it
    bool page_in_work = false;  // only then its phase stays answering
  };
  using Callers = std::map<uint64_t, Caller>;  // by number, in the order of their arrival

  HttpServer(std::vector<ListeningSocket> listening, Router router);
  absl::Status Open();

  // On the loop's thread.
  void Loop();
  int UntilNextDeadline() const;
  void StartAccepting();
  void PauseAccepting();
  void Accept(const ListeningSocket& listening);
  bool MakeRoom();
  void Go(Callers::iterator caller);
  void MakePage(uint64_t number, Caller& caller);
  void OnWake();
  Response Bounded(Response response) const;
  void Expire();
  void Watch(uint64_t number, Caller& caller);
  void BeginStop();

  // Any thread.
  void Finish(uint64_t number, Response response);
  void Wake() const;

  const Router router_;
  std::vector<ListeningSocket> listening_;  // the loop's own while it runs
  const int port_;
  const tls::CertificateFiles* certificates_ = nullptr;
  const Descriptor epoll_;
  const Descriptor wake_;  // an eventfd: a page is finished, or Stop was called

  // The loop's own.
  Callers callers_;
  uint64_t next_number_;
  int pages_in_work_ = 0;
  Clock::time_point accept_again_;  // the epoch: it does accept
  bool ending_ = false;
  Clock::time_point end_;

  Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::pair<uint64_t, Response>> finished_ ABSL_GUARDED_BY(mutex_);

  std::thread loop_;
  std::unique_ptr<PageThreads> threads_;
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_HTTP_SERVER_H_
