// What the server shows of itself beside its layers.
#ifndef CONVOY_SERVER_SERVER_METRICS_H_
#define CONVOY_SERVER_SERVER_METRICS_H_

#include "kernel/engine/tile/byte_budget.h"
#include "server/access/gate.h"
#include "server/batching/scheduler.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/rpc/grpc_server.h"
#include "server/tls/certificate_files.h"

namespace convoy {

// The three others must outlive the use of `metrics`.
void AddServerMetrics(const registry::Registry& registry, const batching::Scheduler& scheduler,
                      const engine::ByteBudget& primitives, metrics::Metrics& metrics);

// The same of the connections and of what comes on them.
void AddCallMetrics(const rpc::GrpcServer& server, metrics::Metrics& metrics);

// The same of the certificates.
void AddCertificateMetrics(const tls::CertificateFiles& certificates, metrics::Metrics& metrics);

// The same of the token file.
void AddTokenMetrics(const access::Gate& gate, metrics::Metrics& metrics);

// The same of those who are in it.
void AddTenantMetrics(const access::Gate& gate, metrics::Metrics& metrics);

}  // namespace convoy

#endif  // CONVOY_SERVER_SERVER_METRICS_H_
