// Entries in a row, linked through themselves.
#ifndef CONVOY_SERVER_BATCHING_ENTRY_LIST_H_
#define CONVOY_SERVER_BATCHING_ENTRY_LIST_H_

#include "server/batching/entry.h"

namespace convoy::batching {

// Adds at the end and removes anywhere in constant time, without memory of its
// own. An entry is in at most one list. Not thread-safe.
class EntryList {
 public:
  bool empty() const { return first_ == nullptr; }
  // Null when empty.
  Entry* front() const { return first_; }

  void PushBack(Entry& entry) {
    entry.previous = last_;
    entry.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &entry;
    last_ = &entry;
  }

  // REQUIRES: `entry` is in this list.
  void Remove(Entry& entry) {
    (entry.previous == nullptr ? first_ : entry.previous->next) = entry.next;
    (entry.next == nullptr ? last_ : entry.next->previous) = entry.previous;
  }

 private:
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_ENTRY_LIST_H_
