#include "server/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/available_cores.h"
#include "server/http/host_port.h"
#include "server/live_layers.h"
#include "server/logging.h"
#include "server/repository/model_repository.h"
#include "server/version.h"

namespace convoy {
namespace {

// One poller serves about eight cores' worth of small requests; a second one
// costs throughput where there are few.
constexpr int kCoresAPoller = 8;

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

struct LayerCounts {
  int64_t callable = 0;
  int64_t broken = 0;  // not one version can be called
  int64_t errors = 0;
};

LayerCounts Count(const registry::Snapshot& snapshot) {
  LayerCounts counts;
  for (const registry::LayerEntry& entry : snapshot.entries()) {
    ++(entry.versions.empty() ? counts.broken : counts.callable);
    counts.errors += static_cast<int64_t>(entry.errors.size());
  }
  return counts;
}

void LogLayers(const registry::Snapshot& snapshot) {
  for (const registry::LayerEntry& entry : snapshot.entries()) {
    for (const auto& live : entry.versions) {
      spdlog::debug("layer loaded layer={} version={}", Quoted(entry.name), live->version);
    }
    const auto level = entry.versions.empty() ? spdlog::level::err : spdlog::level::warn;
    for (const absl::Status& error : entry.errors) {
      spdlog::log(level, "cannot load layer={} error={}", Quoted(entry.name),
                  Quoted(std::string(error.message())));
    }
  }
}

}  // namespace

Server::Server(const ServerOptions& options)
    : options_(options),
      workers_(options.workers > 0 ? options.workers : AvailableCores()),
      pollers_(options.pollers > 0 ? options.pollers
                                   : std::max(1, AvailableCores() / kCoresAPoller)),
      primitives_(static_cast<size_t>(options.primitive_cache_bytes)),
      scheduler_({.workers = workers_,
                  .worker_nice = options.worker_nice,
                  .max_queue_bytes = options.max_queue_bytes,
                  .max_unread_bytes = options.max_unread_bytes,
                  .max_queue_seconds = options.max_queue_seconds}),
      backend_(scheduler_) {}

Server::~Server() { Close(std::chrono::nanoseconds(0)); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ParsedOptions& options) {
  std::unique_ptr<Server> server(new Server(options.values));
  CONVOY_RETURN_IF_ERROR(server->LoadLayers());
  server->AddGauges();
  CONVOY_RETURN_IF_ERROR(server->Listen(options));
  const LayerCounts counts = Count(*server->registry_.snapshot());
  spdlog::info("convoy ready grpc={} http={} layers={} broken={} workers={} pollers={} version={}",
               server->grpc_address(), server->http_address(), counts.callable, counts.broken,
               server->workers_, server->pollers_, kVersion);
  return server;
}

absl::Status Server::LoadLayers() {
  CONVOY_ASSIGN_OR_RETURN(const repository::ModelRepository repository,
                          repository::ModelRepository::Open(options_.repository));
  CONVOY_ASSIGN_OR_RETURN(std::vector<repository::LoadedLayer> loaded, repository.Load());
  if (loaded.empty()) {
    spdlog::warn("the repository has no layers repository={}", Quoted(options_.repository));
  }
  LoadTuning();
  const engine::CompileOptions compile{
      .tune = options_.tuning == "load", .store = store(), .cache = &primitives_};
  auto snapshot = std::make_shared<const registry::Snapshot>(MakeLive(loaded, metrics_, compile));
  SaveTuning();
  LogLayers(*snapshot);
  registry_.Publish(std::move(snapshot));
  if (options_.tuning == "background") TuneInBackground(std::move(loaded));
  return absl::OkStatus();
}

void Server::TuneInBackground(std::vector<repository::LoadedLayer> loaded) {
  tuner_ = std::jthread([this, loaded = std::move(loaded)](const std::stop_token& stop) {
    std::vector<registry::LayerEntry> entries = registry_.snapshot()->entries();
    for (size_t i = 0; i < loaded.size() && !stop.stop_requested(); ++i) {
      std::vector<registry::LayerEntry> tuned =
          MakeLive({loaded[i]}, metrics_, {.tune = true, .store = store(), .cache = &primitives_});
      const auto same = [&](const registry::LayerEntry& entry) {
        return entry.name == tuned[0].name;
      };
      *std::find_if(entries.begin(), entries.end(), same) = std::move(tuned[0]);
      // Requests under way finish on the layers that they started with.
      registry_.Publish(std::make_shared<const registry::Snapshot>(entries));
    }
    SaveTuning();
    if (!stop.stop_requested()) spdlog::info("tuned layers={}", loaded.size());
  });
}

void Server::LoadTuning() {
  if (options_.tuning_file.empty()) return;
  tuning_file_.emplace(options_.tuning_file, engine::TuningMachine());
  const absl::Status status = tuning_file_->Load();
  if (!status.ok()) spdlog::warn("measuring anew error={}", Quoted(std::string(status.message())));
}

void Server::SaveTuning() {
  if (!tuning_file_.has_value()) return;
  const absl::Status status = tuning_file_->Save();
  if (!status.ok()) {
    spdlog::warn("the next start measures again error={}", Quoted(std::string(status.message())));
  }
}

void Server::AddGauges() {
  metrics_.AddInfo("convoy_build_info", "What runs.", {{"version", kVersion}});
  metrics_.AddGauge("convoy_ready", "1 while requests are taken, 0 while the server drains.",
                    [this] { return registry_.ready() ? 1.0 : 0.0; });
  metrics_.AddGauge("convoy_layers", "Layers that can be called.",
                    [this] { return static_cast<double>(Count(*registry_.snapshot()).callable); });
  metrics_.AddGauge("convoy_broken_layers", "Layers of which no version can be called.",
                    [this] { return static_cast<double>(Count(*registry_.snapshot()).broken); });
  metrics_.AddGauge("convoy_load_errors", "Folders and versions that could not be loaded.",
                    [this] { return static_cast<double>(Count(*registry_.snapshot()).errors); });
  metrics_.AddGauge("convoy_queue_requests", "Requests that wait for execution.",
                    [this] { return static_cast<double>(scheduler_.stats().tasks); });
  metrics_.AddGauge("convoy_queue_bytes", "Tensor bytes of requests that wait or run.",
                    [this] { return static_cast<double>(scheduler_.stats().bytes); });
  metrics_.AddGauge("convoy_unread_bytes",
                    "Memory of batches that run and of answers that callers have not read yet.",
                    [this] { return static_cast<double>(scheduler_.buffers().used_bytes()); });
  metrics_.AddGauge("convoy_queue_seconds", "Estimated execution time of what waits.",
                    [this] { return scheduler_.stats().seconds; });
  AddPrimitiveMetrics();
}

void Server::AddPrimitiveMetrics() {
  metrics_.AddGauge("convoy_primitive_cache_bytes",
                    "Memory of compiled convolutions and packed weights, estimated.",
                    [this] { return static_cast<double>(primitives_.figures().bytes); });
  metrics_.AddCounter("convoy_primitive_cache_hits_total",
                      "Lookups that found a compiled convolution.",
                      [this] { return static_cast<double>(primitives_.figures().hits); });
  metrics_.AddCounter("convoy_primitive_cache_misses_total",
                      "Lookups that had to compile a convolution.",
                      [this] { return static_cast<double>(primitives_.figures().misses); });
  metrics_.AddCounter("convoy_primitive_cache_evictions_total",
                      "Compiled convolutions that were given up for the budget.",
                      [this] { return static_cast<double>(primitives_.figures().evictions); });
}

absl::Status Server::Listen(const ParsedOptions& options) {
  rpc::GrpcServerOptions grpc;
  grpc.address = options_.grpc_address;
  grpc.pollers = pollers_;
  grpc.max_message_bytes = options_.max_message_bytes;
  grpc.max_response_bytes = options_.max_response_bytes;
  CONVOY_ASSIGN_OR_RETURN(grpc_, rpc::GrpcServer::Start(grpc, registry_, backend_, metrics_));
  CONVOY_ASSIGN_OR_RETURN(admin_,
                          http::AdminServer::Start(options_.http_address, registry_, metrics_,
                                                   {{"version", kVersion},
                                                    {"grpc_address", grpc_address()},
                                                    {"workers", workers_},
                                                    {"pollers", pollers_},
                                                    {"options", ToJson(options.in_force)}}));
  return absl::OkStatus();
}

std::string Server::grpc_address() const {
  absl::StatusOr<http::HostPort> address = http::ParseHostPort(options_.grpc_address);
  if (!address.ok()) return options_.grpc_address;  // a Unix socket
  address->port = grpc_->port();
  return http::ToString(*address);
}

std::string Server::http_address() const {
  absl::StatusOr<http::HostPort> address = http::ParseHostPort(options_.http_address);
  if (!address.ok()) return options_.http_address;
  address->port = admin_->port();
  return http::ToString(*address);
}

void Server::Shutdown() {
  if (admin_ == nullptr) return;
  spdlog::info("draining drain_seconds={} shutdown_seconds={}", options_.drain_seconds,
               options_.shutdown_seconds);
  registry_.Drain();
  // Calls are still taken: load balancers see NOT_SERVING and go elsewhere.
  std::this_thread::sleep_for(Seconds(options_.drain_seconds));
  Close(Seconds(options_.shutdown_seconds));
  spdlog::info("stopped");
}

void Server::Close(std::chrono::nanoseconds grace) {
  tuner_ = {};
  if (grpc_ != nullptr) grpc_->Shutdown(grace);
  scheduler_.Shutdown();
  admin_.reset();
}

}  // namespace convoy
