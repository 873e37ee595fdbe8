#include "server/rpc/grpc_server.h"

#include <algorithm>
#include <climits>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "grpc/grpc.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "kernel/base/status_macros.h"
#include "server/base/host_port.h"
#include "server/base/listening_socket.h"
#include "server/rpc/library_log.h"
#include "server/rpc/thread_clock.h"
#include "server/rpc/tls_credentials.h"

namespace convoy::rpc {
namespace {

// How long calls may go on when their connection's age is up.
constexpr int kAgeGraceMilliseconds = 60'000;

// gRPC reads up to 4 MiB at a time unless it is told otherwise, which is what a flood
// can still cost when it has been cut: 130,000 streams.
constexpr int kMaxReadBytes = 64 << 10;

// How long a connection may stay when every call that was taken has been answered.
constexpr absl::Duration kFarewell = absl::Seconds(1);

int Milliseconds(double seconds) { return static_cast<int>(seconds * 1000); }

// gRPC's word for never is its largest number.
int MillisecondsOrNever(double seconds) { return seconds > 0 ? Milliseconds(seconds) : INT_MAX; }

void Configure(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  const auto set = [&](const char* name, int value) { builder.AddChannelArgument(name, value); };
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_streams);
  set(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.max_header_bytes));
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake_seconds));
  set(GRPC_ARG_KEEPALIVE_TIME_MS, MillisecondsOrNever(limits.keepalive_seconds));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout_seconds));
  // Both sides may ask while there is no call.
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(limits.min_ping_seconds));
  set(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kMaxReadBytes);
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, MillisecondsOrNever(limits.max_idle_seconds));
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, MillisecondsOrNever(limits.max_age_seconds));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kAgeGraceMilliseconds);
}

void Configure(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  Configure(options.connections, builder);
  // TakeSlices inflates and bounds messages, and what it refuses is counted.
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  grpc::ResourceQuota quota("convoy");
  quota.Resize(static_cast<size_t>(options.max_received_bytes));
  builder.SetResourceQuota(quota);
}

std::unique_ptr<Acceptor::Taker> AddTaker(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  return builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
}

// The threads that gRPC moves the reading of a connection to when several others
// work on the same one.
std::vector<Reader> LibraryReaders() {
  std::vector<Reader> readers;
  for (const pid_t id : ThreadsNamed("default-exec")) {
    readers.push_back({[] { return uint64_t{0}; }, [id] { return ThreadCpu(id); }});
  }
  return readers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, registry::Registry& registry, InferBackend& backend,
    metrics::Metrics& metrics, const AddMethods& add_methods, const access::Entrance& entrance) {
  CONVOY_RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<GrpcServer> server(new GrpcServer);
  server->call_log_ = std::make_unique<CallLog>(options.call_log);
  CONVOY_RETURN_IF_ERROR(server->Listen(options, entrance.certificates));
  server->StartLanes(options, registry, backend, metrics, add_methods, entrance.gate);
  server->StartAcceptor(options);
  return server;
}

absl::Status GrpcServer::Listen(const GrpcServerOptions& options,
                                const tls::CertificateFiles* certificates) {
  std::vector<ListeningSocket> sockets;
  std::vector<std::string> addresses;
  for (const absl::string_view text : absl::StrSplit(options.address, ',')) {
    const std::string address(text);
    CONVOY_ASSIGN_OR_RETURN(std::vector<ListeningSocket> opened, ListeningSocket::Open(address));
    const int port = opened.front().port();
    if (port_ == 0) port_ = port;
    addresses.push_back(port == 0 ? address : WithPort(address, port));
    std::move(opened.begin(), opened.end(), std::back_inserter(sockets));
  }
  address_ = absl::StrJoin(addresses, ",");
  RouteLibraryLogs();
  grpc::ServerBuilder builder;
  Configure(options, builder);
  Acceptor::Takers takers = {
      AddTaker(builder, certificates == nullptr ? grpc::InsecureServerCredentials()
                                                : TlsCredentials(*certificates)),
      AddTaker(builder, grpc::InsecureServerCredentials())};
  builder.RegisterService(&infer_method_);
  builder.RegisterAsyncGenericService(&other_methods_);
  for (int i = 0; i < options.pollers; ++i) {
    lanes_.push_back(std::make_unique<Lane>(builder.AddCompletionQueue()));
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start; its log says why");
  acceptor_ = std::make_unique<Acceptor>(std::move(sockets), std::move(takers),
                                         options.connections.max_connections);
  return absl::OkStatus();
}

void GrpcServer::StartLanes(const GrpcServerOptions& options, registry::Registry& registry,
                            InferBackend& backend, metrics::Metrics& metrics,
                            const AddMethods& add_methods, const access::Gate* gate) {
  const InferEnvironment environment{infer_method_,
                                     registry,
                                     backend,
                                     metrics,
                                     *call_log_,
                                     options.max_message_bytes,
                                     options.max_response_bytes,
                                     gate};
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i]->Start(absl::StrCat("convoy-poll-", i), environment, other_methods_, registry,
                     live_calls_, add_methods);
    loop_lag_.Add(lanes_[i]->queue());
  }
  loop_lag_.Start();
}

void GrpcServer::StartAcceptor(const GrpcServerOptions& options) {
  const auto readers = [this] {
    std::vector<Reader> readers = LibraryReaders();
    for (const auto& lane : lanes_) {
      for (const Reader& reader : lane->readers()) readers.push_back(reader);
    }
    return readers;
  };
  const auto look = [this] {
    for (const auto& lane : lanes_) lane->Look();
  };
  acceptor_->Start(
      {.flood_budget = std::chrono::milliseconds(options.connections.flood_milliseconds),
       .readers = readers,
       .memory_excess = options.memory_excess,
       .look = look});
}

std::vector<MethodTable::Ended> GrpcServer::EndedCalls() const {
  std::vector<MethodTable::Ended> sum = lanes_.front()->table().EndedCalls();
  const auto add = [&sum](const MethodTable::Ended& one) {
    for (MethodTable::Ended& ended : sum) {
      if (ended.method != one.method || ended.code != one.code) continue;
      ended.calls += one.calls;
      return;
    }
    sum.push_back(one);
  };
  for (size_t i = 1; i < lanes_.size(); ++i) {
    for (const MethodTable::Ended& one : lanes_[i]->table().EndedCalls()) add(one);
  }
  return sum;
}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::nanoseconds(0)); }

void GrpcServer::Shutdown(std::chrono::nanoseconds grace) {
  if (server_ == nullptr) return;
  const auto until = std::chrono::steady_clock::now() + grace;
  acceptor_->Close();
  loop_lag_.Close();
  for (const auto& lane : lanes_) lane->End();
  absl::Notification ended;
  std::thread farewell([this, &ended] { EndUntakenCalls(ended); });
  server_->Shutdown(std::chrono::system_clock::now() +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(grace));
  ended.Notify();
  // Calls that were cancelled are still computed, and their answers end on the
  // queues.
  farewell.join();
  for (const auto& lane : lanes_) lane->Close();
  acceptor_->WaitForPeers(until);
  acceptor_->Stop();
  for (const auto& lane : lanes_) lane->Stop();
  server_.reset();
}

void GrpcServer::EndUntakenCalls(const absl::Notification& ended) {
  live_calls_.WaitForNone();
  if (ended.WaitForNotificationWithTimeout(kFarewell)) return;
  grpc_server_cancel_all_calls(server_->c_server());
}

}  // namespace convoy::rpc
