#include "client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/token_interceptor.h"
#include "inference/grpc_predict_v2.grpc.pb.h"

namespace convoy::client {
namespace {

bool IsLoopback(std::string_view target) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"127.", "localhost:", "[::1]:", "unix:"};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return target.starts_with(prefix); });
}

// Why the channel does not connect. Only a call gets to know, and while the
// channel is in failure a call fails at once.
std::string FailureReason(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  inference::ServerLiveResponse response;
  const grpc::Status status = stub->ServerLive(&context, {}, &response);
  // "failed to connect to all addresses; last error: UNKNOWN: ipv4:...: Failed
  // to connect to remote host: Connection refused": the end says it.
  constexpr std::string_view kNoise = "remote host: ";
  const std::string message = status.ok() ? "connection lost" : status.error_message();
  const size_t at = message.rfind(kNoise);
  return at == std::string::npos ? message : message.substr(at + kNoise.size());
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Security& security) {
  if (!security.tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({security.ca, security.key, security.certificate});
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& target, const Security& security) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else equal ones share a connection
  if (IsLoopback(target)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (security.tls && !security.server_name.empty()) {
    arguments.SetSslTargetNameOverride(security.server_name);
  }
  const auto credentials = CredentialsOf(security);
  if (security.token.empty()) return grpc::CreateCustomChannel(target, credentials, arguments);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<TokenInterceptorFactory>(security.token));
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, credentials, arguments,
                                                                 std::move(interceptors));
}

absl::Status CouldNotConnect(const std::string& target, const std::string& reason) {
  return absl::UnavailableError(absl::StrCat("could not connect to ", target, ": ", reason));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& target,
                                                           absl::Duration deadline,
                                                           const Security& security) {
  const std::shared_ptr<grpc::Channel> channel = NewChannel(target, security);
  const auto give_up = absl::ToChronoTime(absl::Now() + deadline);
  grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) {
      return CouldNotConnect(target, FailureReason(channel));
    }
    if (!channel->WaitForStateChange(state, give_up)) {
      return CouldNotConnect(target,
                             absl::StrCat("no answer within ", absl::FormatDuration(deadline)));
    }
    state = channel->GetState(/*try_to_connect=*/true);
  }
  return channel;
}

}  // namespace convoy::client
