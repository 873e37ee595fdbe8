#include "server/server.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tile/machine.h"
#include "server/base/available_cores.h"
#include "server/base/host_port.h"
#include "server/base/logging.h"
#include "server/base/version.h"
#include "server/memory_bound.h"
#include "server/metrics/process_stats.h"
#include "server/options/exposure.h"
#include "server/rpc/config_methods.h"
#include "server/rpc/log_settings.h"
#include "server/server_metrics.h"
#include "server/version_report.h"

namespace convoy {
namespace {

// One poller serves about eight cores' worth of small requests; a second one
// costs throughput where there are few.
constexpr int kCoresPerPoller = 8;

// At least: what is loaded and timed beside serving stands back, with time to spare.
constexpr int kNicenessOfLoading = 10;

int NicenessOfLoading(const ServerOptions& options) {
  return std::max(options.scheduler.worker_nice, kNicenessOfLoading);
}

// So that what changed is in force within a second: it counts when it was seen twice.
constexpr std::chrono::milliseconds kLookAtFiles{300};

// With the threads that follow from the machine.
ServerOptions Resolved(ServerOptions options) {
  int& workers = options.scheduler.workers;
  int& pollers = options.grpc.pollers;
  if (workers == 0) workers = AvailableCores();
  if (pollers == 0) pollers = std::max(1, AvailableCores() / kCoresPerPoller);
  return options;
}

nlohmann::ordered_json About(const ServerOptions& options) {
  return {{"version", kVersion},
          {"libraries", LibraryVersions()},
          {"instruction_set", engine::InstructionSet()},
          {"grpc_address", ""},  // is known later
          {"workers", options.scheduler.workers},
          {"pollers", options.grpc.pollers}};
}

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

// Has the heap give back the pages that it does not use, where it can.
void TrimHeap() {
#ifdef M_TRIM_THRESHOLD
  malloc_trim(0);
#endif
}

MemoryReclaimer::Hooks ReclaimingFrom(batching::Scheduler& scheduler,
                                      std::function<void()> release_others) {
  return {.release =
              [&scheduler, release_others = std::move(release_others)] {
                release_others();
                return scheduler.ReleaseIdle();
              },
          .resident = []() -> int64_t {
            const auto stats = metrics::ReadProcessStats();
            return stats.has_value() ? stats->resident_bytes : 0;
          },
          .trim = TrimHeap};
}

}  // namespace

Server::Server(const ParsedOptions& options)
    : options_(Resolved(options.values)),
      memory_limit_(MemoryLimit()),
      primitives_(static_cast<size_t>(options_.primitive_cache_bytes)),
      registry_(options_.required_layers),
      scheduler_(options_.scheduler),
      backend_(scheduler_),
      loader_(options_.loading, {.registry = registry_,
                                 .metrics = metrics_,
                                 .primitives = primitives_,
                                 .overrides = &overrides_,
                                 .has_idle_worker = [this] { return scheduler_.HasIdleWorker(); },
                                 .threads = options_.scheduler.workers,
                                 .niceness = NicenessOfLoading(options_)}),
      reclaimer_(ReclaimingFrom(scheduler_,
                                [this] {
                                  if (administration_.has_value()) administration_->ExpireUploads();
                                })),
      configuration_(options, About(options_), {registry_, scheduler_, primitives_, overrides_}) {}

Server::~Server() { Close(std::chrono::nanoseconds(0)); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ParsedOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  CONVOY_RETURN_IF_ERROR(server->loader_.Open());
  AddServerMetrics(server->registry_, server->scheduler_, server->primitives_, server->metrics_);
  CONVOY_RETURN_IF_ERROR(server->OpenSecrets());
  CONVOY_RETURN_IF_ERROR(server->Listen());
  server->reclaimer_.Start();
  server->registry_.AddListener([&server = *server] { server.LogReadiness(); });
  server->loader_.Start();
  return server;
}

// Once all is loaded, and whenever it changes from then on.
void Server::LogReadiness() {
  if (registry_.draining() || !registry_.snapshot()->complete()) return;
  if (!std::exchange(told_of_sections_, true)) configuration_.WarnOfUnknownLayers();
  const absl::Status readiness = registry_.readiness();
  if (readiness == logged_readiness_) return;
  logged_readiness_ = readiness;
  if (!readiness.ok()) {
    return spdlog::warn("not ready error={}", Quoted(std::string(readiness.message())));
  }
  const registry::LayerCounts counts = registry_.snapshot()->Count();
  spdlog::info("convoy ready grpc={} http={} layers={} broken={} workers={} pollers={} version={}",
               grpc_address(), http_address(), counts.callable, counts.broken,
               options_.scheduler.workers, options_.grpc.pollers, kVersion);
}

absl::Status Server::OpenSecrets() {
  const std::string warning = WarningOfExposure(options_);
  if (!warning.empty()) spdlog::warn("{}", warning);
  const bool needs_certificates = !options_.tls.client_ca.empty();
  if (options_.tls.on()) {
    CONVOY_ASSIGN_OR_RETURN(certificates_, tls::CertificateFiles::Open(options_.tls));
    AddCertificateMetrics(*certificates_, metrics_);
  }
  if (needs_certificates || !options_.access.tokens.empty()) {
    CONVOY_ASSIGN_OR_RETURN(gate_, access::Gate::Open(options_.access, needs_certificates));
    AddTokenMetrics(*gate_, metrics_);
    if (!options_.access.tokens.empty()) AddTenantMetrics(*gate_, metrics_);
  }
  if (certificates_ == nullptr && gate_ == nullptr) return absl::OkStatus();
  file_looks_.Start("convoy-secrets", kLookAtFiles, [this] { LookAtSecrets(); });
  return absl::OkStatus();
}

void Server::LookAtSecrets() {
  if (certificates_ != nullptr) certificates_->Look(std::chrono::system_clock::now());
  if (gate_ != nullptr) gate_->Look();
}

absl::Status Server::Listen() {
  administration_.emplace(
      registry_, loader_,
      LayerAdministration::Options{.max_message_bytes = options_.grpc.max_message_bytes,
                                   .max_upload_bytes = options_.max_upload_bytes,
                                   .niceness = NicenessOfLoading(options_)});
  control_.emplace(registry_, loader_,
                   RepositoryControl::Options{
                       .max_message_bytes = static_cast<size_t>(options_.grpc.max_message_bytes),
                       .niceness = NicenessOfLoading(options_)});
  const access::Entrance entrance{certificates_.get(), gate_.get()};
  rpc::GrpcServerOptions grpc = options_.grpc;
  grpc.memory_excess = [this] { return MemoryExcess(); };
  CONVOY_ASSIGN_OR_RETURN(grpc_,
                          rpc::GrpcServer::Start(
                              grpc, registry_, backend_, metrics_,
                              [this](rpc::MethodTable& table) { AddMethods(table); }, entrance));
  configuration_.Attach(grpc_address(), grpc_->call_log());
  AddCallMetrics(*grpc_, metrics_);
  CONVOY_ASSIGN_OR_RETURN(admin_, http::AdminServer::Start(options_.http_address, registry_,
                                                           metrics_, configuration_, entrance));
  spdlog::info("convoy listening grpc={} http={}", grpc_address(), http_address());
  return absl::OkStatus();
}

int64_t Server::MemoryExcess() const {
  const std::optional<metrics::ProcessStats> stats = metrics::ReadProcessStats();
  if (!stats.has_value()) return 0;
  return stats->resident_bytes -
         MemoryBound(options_, registry_.snapshot()->Count().weight_bytes, memory_limit_);
}

void Server::AddMethods(rpc::MethodTable& table) {
  administration_->AddMethods(table);
  control_->AddMethods(table);
  rpc::AddConfigMethods(configuration_, administration_->readers(), table);
  rpc::AddLogSettingsMethod(configuration_, table);
}

std::string Server::grpc_address() const { return grpc_->address(); }

std::string Server::http_address() const { return WithPort(options_.http_address, admin_->port()); }

void Server::Shutdown() {
  if (admin_ == nullptr) return;
  loader_.RequestStop();
  // Whoever has not been ready was sent no calls: there is nothing to drain.
  const bool was_ready = registry_.ready();
  const ServerConfiguration::ShutdownTimes times = configuration_.shutdown_times();
  const double drain_seconds = was_ready ? times.drain_seconds : 0;
  spdlog::info("draining ready={} drain_seconds={} shutdown_seconds={}", was_ready, drain_seconds,
               times.shutdown_seconds);
  registry_.Drain();
  // Calls are still taken: load balancers see NOT_SERVING and go elsewhere.
  std::this_thread::sleep_for(Seconds(drain_seconds));
  Close(Seconds(times.shutdown_seconds));
  spdlog::info("stopped");
}

void Server::Close(std::chrono::nanoseconds grace) {
  loader_.Stop();
  reclaimer_.Stop();
  file_looks_.Stop();
  if (grpc_ != nullptr) grpc_->Shutdown(grace);
  scheduler_.Shutdown();
  admin_.reset();
}

}  // namespace convoy
