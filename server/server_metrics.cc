#include "server/server_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "kernel/engine/tile/block_counts.h"
#include "kernel/engine/tile/machine.h"
#include "server/base/repeat_limit.h"
#include "server/base/version.h"
#include "server/memory_bound.h"
#include "server/version_report.h"

namespace convoy {
namespace {

void AddLayerGauges(const registry::Registry& registry, metrics::Metrics& metrics) {
  metrics.AddGauge("convoy_ready", "1 while the server is ready, 0 before and while it drains.",
                   [&registry] { return registry.ready() ? 1.0 : 0.0; });
  const auto add = [&](const char* name, const char* help, int64_t registry::LayerCounts::*count) {
    metrics.AddGauge(name, help, [&registry, count] {
      return static_cast<double>(registry.snapshot()->Count().*count);
    });
  };
  using registry::LayerCounts;
  add("convoy_layers", "Layers that can be called.", &LayerCounts::callable);
  add("convoy_broken_layers", "Layers of which no version can be called.", &LayerCounts::broken);
  add("convoy_load_errors", "Folders and versions that could not be loaded.", &LayerCounts::errors);
  add("convoy_incomplete_versions", "Folders and versions that are not complete yet.",
      &LayerCounts::incomplete);
  add("convoy_live_versions", "Versions that can be called.", &LayerCounts::versions);
  add("convoy_weight_bytes", "Memory of the weights of versions that can be called.",
      &LayerCounts::weight_bytes);
}

void AddQueueGauges(const batching::Scheduler& scheduler, metrics::Metrics& metrics) {
  metrics.AddGauge("convoy_queue_requests", "Requests that wait for execution.",
                   [&scheduler] { return static_cast<double>(scheduler.stats().tasks); });
  metrics.AddGauge("convoy_queue_bytes", "Tensor bytes of requests that wait or run.",
                   [&scheduler] { return static_cast<double>(scheduler.stats().bytes); });
  metrics.AddGauge("convoy_unread_bytes",
                   "Memory of batches that run and of answers that callers have not read yet.",
                   [&scheduler] { return static_cast<double>(scheduler.buffers().used_bytes()); });
  metrics.AddGauge("convoy_idle_buffer_bytes",
                   "Memory of buffers that are kept for the next batches.",
                   [&scheduler] { return static_cast<double>(scheduler.buffers().idle_bytes()); });
  metrics.AddGauge("convoy_queue_seconds", "Estimated execution time of what waits.",
                   [&scheduler] { return scheduler.stats().seconds; });
}

void AddPrimitiveMetrics(const engine::ByteBudget& primitives, metrics::Metrics& metrics) {
  metrics.AddGauge("convoy_primitive_cache_bytes",
                   "Memory of compiled convolutions and packed weights, estimated.",
                   [&primitives] { return static_cast<double>(primitives.figures().bytes); });
  metrics.AddCounter("convoy_primitive_cache_hits_total",
                     "Lookups that found a compiled convolution.",
                     [&primitives] { return static_cast<double>(primitives.figures().hits); });
  metrics.AddCounter("convoy_primitive_cache_misses_total",
                     "Lookups that had to compile a convolution.",
                     [&primitives] { return static_cast<double>(primitives.figures().misses); });
  metrics.AddCounter("convoy_primitive_cache_evictions_total",
                     "Compiled convolutions that were given up for the budget.",
                     [&primitives] { return static_cast<double>(primitives.figures().evictions); });
}

// What statements that are not oneDNN's did.
void AddBlockMetrics(metrics::Metrics& metrics) {
  constexpr char kName[] = "convoy_toom_cook_blocks_total";
  constexpr char kHelp[] = "Blocks of outputs of Toom-Cook convolutions.";
  metrics.AddCounter(kName, kHelp,
                     [] {
                       const engine::BlockCounts& counts = engine::AllBlockCounts();
                       const uint64_t fell_back = counts.fell_back;  // before the others
                       return static_cast<double>(counts.blocks - fell_back);
                     },
                     {{"result", "exact"}});
  metrics.AddCounter(kName, kHelp,
                     [] { return static_cast<double>(engine::AllBlockCounts().fell_back); },
                     {{"result", "fell_back"}});
}

void AddConnectionMetrics(const rpc::Acceptor& acceptor, metrics::Metrics& metrics) {
  metrics.AddGauge("convoy_connections", "gRPC connections that are open.",
                   [&acceptor] { return static_cast<double>(acceptor.open()); });
  constexpr char kName[] = "convoy_refused_connections_total";
  constexpr char kHelp[] =
      "gRPC connections that the server closed: too many, a flood of frames, or memory held "
      "while there was too little.";
  metrics.AddCounter(kName, kHelp, [&acceptor] { return static_cast<double>(acceptor.refused()); },
                     {{"reason", "limit"}});
  metrics.AddCounter(kName, kHelp, [&acceptor] { return static_cast<double>(acceptor.floods()); },
                     {{"reason", "flood"}});
  metrics.AddCounter(kName, kHelp, [&acceptor] { return static_cast<double>(acceptor.hoarders()); },
                     {{"reason", "memory"}});
  metrics.AddCounter("convoy_delayed_connections_total",
                     "gRPC connections that were let in later, because one of their address was "
                     "cut a moment ago.",
                     [&acceptor] { return static_cast<double>(acceptor.delayed()); });
}

}  // namespace

void AddServerMetrics(const registry::Registry& registry, const batching::Scheduler& scheduler,
                      const engine::ByteBudget& primitives, metrics::Metrics& metrics) {
  metrics::Metrics::Labels build = {{"version", kVersion}};
  for (const auto& [library, version] : LibraryVersions()) {
    build.push_back({absl::AsciiStrToLower(library), version});
  }
  build.push_back({"instruction_set", engine::InstructionSet()});
  metrics.AddInfo("convoy_build_info", "What runs.", build);
  metrics.AddCounter("convoy_log_lines_left_out_total",
                     "Log lines that were not written because there were too many of their kind.",
                     [] { return static_cast<double>(RepeatLimit::LeftOut()); });
  metrics.TellBacklogsBy([&scheduler] { scheduler.TellBacklogs(); });
  metrics.AddGauge("convoy_memory_limit_bytes",
                   "Memory that the process may use: the container's limit, or the machine's.",
                   [] { return static_cast<double>(MemoryLimit()); });
  AddLayerGauges(registry, metrics);
  AddQueueGauges(scheduler, metrics);
  AddPrimitiveMetrics(primitives, metrics);
  AddBlockMetrics(metrics);
}

void AddCallMetrics(const rpc::GrpcServer& server, metrics::Metrics& metrics) {
  metrics.AddCounters(
      "convoy_calls_total", "Calls of methods but ModelInfer that ended, by gRPC status.",
      [&server] {
        std::vector<metrics::Metrics::Sample> samples;
        for (const auto& [method, code, calls] : server.EndedCalls()) {
          samples.push_back({{{"method", method}, {"code", absl::StatusCodeToString(code)}},
                             static_cast<double>(calls)});
        }
        return samples;
      });
  metrics.AddHistogram("convoy_poller_lag_seconds",
                       "How long an event waits until its poller looks at it, twice a second.",
                       server.loop_lag(), 1e9);
  AddConnectionMetrics(server.acceptor(), metrics);
}

void AddCertificateMetrics(const tls::CertificateFiles& certificates, metrics::Metrics& metrics) {
  metrics.AddGauge("convoy_tls_certificate_expiry_timestamp_seconds",
                   "When the first certificate of the server's chain ends, Unix time.",
                   [&certificates] {
                     const auto expiry = certificates.current()->expiry.time_since_epoch();
                     return std::chrono::duration<double>(expiry).count();
                   });
  constexpr char kName[] = "convoy_tls_certificate_changes_total";
  constexpr char kHelp[] = "Changes of the certificates' files: taken, or refused as unusable.";
  metrics.AddCounter(kName, kHelp,
                     [&certificates] { return static_cast<double>(certificates.replaced()); },
                     {{"result", "replaced"}});
  metrics.AddCounter(kName, kHelp,
                     [&certificates] { return static_cast<double>(certificates.refused()); },
                     {{"result", "refused"}});
}

void AddTokenMetrics(const access::Gate& gate, metrics::Metrics& metrics) {
  constexpr char kName[] = "convoy_token_file_changes_total";
  constexpr char kHelp[] = "Changes of the token file: taken, or refused as unusable.";
  metrics.AddCounter(kName, kHelp, [&gate] { return static_cast<double>(gate.replaced()); },
                     {{"result", "replaced"}});
  metrics.AddCounter(kName, kHelp, [&gate] { return static_cast<double>(gate.refused()); },
                     {{"result", "refused"}});
}

void AddTenantMetrics(const access::Gate& gate, metrics::Metrics& metrics) {
  using batching::Tenant;
  const auto each = [&gate](auto value) {
    return [&gate, value] {
      std::vector<metrics::Metrics::Sample> samples;
      for (const Tenant* tenant : gate.tenants()) {
        samples.push_back({{{"tenant", tenant->name()}}, static_cast<double>(value(*tenant))});
      }
      return samples;
    };
  };
  metrics.AddGauges("convoy_tenant_requests", "ModelInfer calls of a tenant under way.",
                    each([](const Tenant& tenant) { return tenant.in_flight(); }));
  metrics.AddGauges("convoy_tenant_bytes", "Tensor bytes of these.",
                    each([](const Tenant& tenant) { return tenant.bytes(); }));
  metrics.AddCounters("convoy_tenant_requests_total",
                      "ModelInfer calls of a tenant that ended, by outcome.", [&gate] {
                        constexpr std::pair<Tenant::Outcome, const char*> kOutcomes[] = {
                            {Tenant::kAnswered, "answered"},
                            {Tenant::kRefused, "refused"},
                            {Tenant::kFailed, "failed"}};
                        std::vector<metrics::Metrics::Sample> samples;
                        for (const Tenant* tenant : gate.tenants()) {
                          for (const auto& [outcome, name] : kOutcomes) {
                            samples.push_back({{{"tenant", tenant->name()}, {"outcome", name}},
                                               static_cast<double>(tenant->ended(outcome))});
                          }
                        }
                        return samples;
                      });
}

}  // namespace convoy
