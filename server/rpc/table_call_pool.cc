#include "server/rpc/table_call_pool.h"

#include <memory>
#include <vector>

namespace convoy::rpc {
namespace {

// As many may begin in one read of a socket before the poller can post again;
// those that find none posted wait in gRPC for the next.
constexpr int kPostedCalls = 16;

}  // namespace

TableCallPool::TableCallPool(grpc::AsyncGenericService& service, const MethodTable& table,
                             grpc::ServerCompletionQueue& queue, LiveCalls& live_calls)
    : service_(service),
      table_(table),
      queue_(queue),
      live_calls_(live_calls),
      doorbell_(queue, static_cast<QueueEvent&>(*this)) {}

void TableCallPool::Start() {
  for (int i = 0; i < kPostedCalls; ++i) PostNext();
}

void TableCallPool::End() {
  ending_.store(true, std::memory_order_release);
  doorbell_.Ring();
}

bool TableCallPool::OnEvent(bool /*ok*/) {
  doorbell_.Answer();
  // None is deleted meanwhile: that takes an event of its own.
  for (TableCall* call : begun_) call->EndWithServer();
  return false;
}

void TableCallPool::PostNext() {
  live_calls_.Add();
  // Belongs to gRPC until OnBegun or Remove.
  std::make_unique<TableCall>(*this).release()->Post(service_, queue_);
}

void TableCallPool::OnBegun(TableCall* call) {
  begun_.insert(call);
  PostNext();
}

void TableCallPool::Remove(TableCall* call) {
  begun_.erase(call);
  std::unique_ptr<TableCall> owned(call);
  owned.reset();
  live_calls_.Remove();
}

}  // namespace convoy::rpc
