// What the tags of a completion queue point to.
#ifndef CONVOY_SERVER_RPC_QUEUE_EVENT_H_
#define CONVOY_SERVER_RPC_QUEUE_EVENT_H_

namespace convoy::rpc {

class QueueEvent {
 public:
  // The operation behind this tag ended; `ok` is gRPC's verdict on it. Runs on
  // the queue's poller, must not block, may delete the object. Returns whether
  // it gave the back end work that may be waiting for this thread.
  virtual bool OnEvent(bool ok) = 0;

 protected:
  ~QueueEvent() = default;  // never deleted through this type
};

// A tag of its own for one kind of event of an object that has several.
template <typename Owner, void (Owner::*kHandler)(bool ok)>
class MemberEvent final : public QueueEvent {
 public:
  explicit MemberEvent(Owner& owner) : owner_(owner) {}

  bool OnEvent(bool ok) override {
    (owner_.*kHandler)(ok);
    return false;
  }

  // gRPC carries tags as untyped pointers.
  void* tag() { return static_cast<QueueEvent*>(this); }

 private:
  Owner& owner_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_QUEUE_EVENT_H_
