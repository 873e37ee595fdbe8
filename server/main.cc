// convoy-server: reads its options, serves until a signal, exits.
#include <malloc.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/base/available_cores.h"
#include "server/base/cgroup.h"
#include "server/base/logging.h"
#include "server/options/memory_shares.h"
#include "server/options/server_options.h"
#include "server/server.h"
#include "server/version_report.h"

namespace convoy {
namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// glibc gives nearly every thread an arena, and each keeps the most that its
// thread ever had: a third more memory after requests of many lengths, for no
// less processor time. A set variable wins.
void ShareArenas() {
#ifdef M_ARENA_MAX
  constexpr int kCoresPerArena = 8;
  // NOLINTBEGIN(concurrency-mt-unsafe): no other thread yet.
  if (std::getenv("MALLOC_ARENA_MAX") != nullptr) return;
  mallopt(M_ARENA_MAX, std::max(1, AvailableCores() / kCoresPerArena));
  // NOLINTEND(concurrency-mt-unsafe)
#endif
}

// Ends the process at once when one of `signals` comes. Not by its default action: the
// first process of a container has none.
void ExitAtOnceOn(const sigset_t& signals) {
  std::thread([signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    std::_Exit(128 + signal);  // what shells say of who was ended by it
  }).detach();
}

// Waits for one of `termination`, and returns it. Until then SIGHUP has the server read
// its option file again.
int WaitForTermination(const sigset_t& termination, Server& server) {
  sigset_t signals = termination;
  sigaddset(&signals, SIGHUP);
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) return signal;
    spdlog::info("received signal=SIGHUP");
    server.ReloadOptions();
  }
}

// Before any thread starts, so that all inherit it and only sigwait sees them: shutting
// gRPC down on a signal handler's stack would deadlock.
void BlockSignals(sigset_t signals) {
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int Serve(const ParsedOptions& options) {
  ShareArenas();
  const sigset_t signals = TerminationSignals();
  BlockSignals(signals);
#ifdef NDEBUG
  // 2-3 % of a small request's processor time in gRPC.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  // gRPC writes about a taken port in its own words and format; what matters
  // comes back as a status. A set variable wins.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  SetUpLogging(options.values.log);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options);
  if (!server.ok()) {
    std::fprintf(stderr, "convoy-server: %s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  const int signal = WaitForTermination(signals, **server);
  spdlog::info("received signal={}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  ExitAtOnceOn(signals);
  (*server)->Shutdown();
  return 0;
}

}  // namespace
}  // namespace convoy

int main(int argc, char** argv) {
  const auto parsed = convoy::ParseServerOptions(
      argc, argv,
      [](const char* name) -> const char* {
        return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread yet.
      },
      convoy::VersionReport());
  if (const auto* exit = std::get_if<convoy::OptionsExit>(&parsed)) {
    if (exit->code == 0) {
      std::fputs(exit->text.c_str(), stdout);
    } else {
      std::fprintf(stderr, "convoy-server: %s\n", exit->text.c_str());
    }
    return exit->code;
  }
  auto options = std::get<convoy::ParsedOptions>(parsed);
  if (const auto memory = convoy::Cgroup::OfThisProcess().MemoryBytes()) {
    convoy::FitInMemory(*memory, options);
  }
  return convoy::Serve(options);
}
