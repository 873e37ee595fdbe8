#include "server/batching/turn_order.h"

#include <algorithm>

namespace convoy::batching {

void TurnOrder::Push(Entry& entry) {
  heap_.push_back(&entry);
  entry.number = pushed_++;
  entry.received = clock_;
  entry.turn = clock_ + entry.parts[entry.next_part].seconds;
  Place(entry, heap_.size() - 1);
  MoveUp(entry);
}

void TurnOrder::TakePart() {
  Entry& entry = front();
  const double seconds = entry.parts[entry.next_part].seconds;
  // Nobody who comes is to be before all that wait.
  clock_ = std::max(clock_, entry.received) + seconds / static_cast<double>(heap_.size());
  entry.received += seconds;
  if (++entry.next_part == entry.parts.size()) return Remove(entry);
  entry.turn = entry.received + entry.parts[entry.next_part].seconds;
  MoveDown(entry);
}

void TurnOrder::Remove(Entry& entry) {
  Entry* const last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) clock_ = 0;
  if (last == &entry) return;
  Place(*last, entry.place);
  MoveUp(*last);
  MoveDown(*last);
}

bool TurnOrder::IsBefore(const Entry& a, const Entry& b) {
  return a.turn < b.turn || (a.turn == b.turn && a.number < b.number);
}

void TurnOrder::Place(Entry& entry, size_t place) {
  heap_[place] = &entry;
  entry.place = place;
}

void TurnOrder::MoveUp(Entry& entry) {
  while (entry.place > 0) {
    const size_t parent = (entry.place - 1) / 2;
    if (!IsBefore(entry, *heap_[parent])) return;
    Place(*heap_[parent], entry.place);
    Place(entry, parent);
  }
}

void TurnOrder::MoveDown(Entry& entry) {
  while (true) {
    size_t child = 2 * entry.place + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && IsBefore(*heap_[child + 1], *heap_[child])) ++child;
    if (!IsBefore(*heap_[child], entry)) return;
    Place(*heap_[child], entry.place);
    Place(entry, child);
  }
}

}  // namespace convoy::batching
