// The queue with workers, callers and a clock that are all made up.
#ifndef CONVOY_TESTS_SERVER_BATCHING_SIMULATION_H_
#define CONVOY_TESTS_SERVER_BATCHING_SIMULATION_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "server/batching/fair_queue.h"
#include "server/batching/tenant.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::batching {

// What one layer's callers bring.
struct SimulatedLoad {
  BatchingOptions options;
  int callers = 1;              // who come again when they are answered
  double think_seconds = 0;     // on average, in between
  double small_seconds = 1e-4;  // estimated work of a small task, up to twice that
  double large_share = 0;       // of the tasks
  int large_parts = 10;         // at most
  double part_seconds = 2e-3;   // of a large one, at most
  double error = 1;             // how long work takes against its estimate
  bool by_priority = false;     // tasks of all levels
  double deadline_share = 0;    // of the tasks: within deadline_seconds
  double deadline_seconds = 0.05;
  double cancel_share = 0;  // of the tasks: before they are answered, perhaps
  double starts_at = 0;     // seconds
  Tenant* tenant = nullptr;
};

struct SimulatedServer {
  int workers = 1;
  // Work that a thread beside the workers takes; 0: there is no such thread.
  double small_seconds = 0;
  int64_t max_bytes = int64_t{1} << 40;
  double max_queue_seconds = 1e9;
};

// Runs on one thread, each step at once. After every step it checks what must hold
// whatever happens; the first thing that does not is told by failure().
class Simulation {
 public:
  Simulation(const SimulatedServer& server, std::vector<SimulatedLoad> loads, unsigned seed);

  // Callers call until the clock shows so many seconds; what was taken is then run to
  // its end.
  void Run(double seconds);

  const std::string& failure() const { return failure_; }

  // Of a layer: tasks that were answered, dropped for their deadline, cancelled and
  // refused; seconds of a worker's time that it received; and how long its tasks took
  // from their arrival to their answer, in order.
  struct Figures {
    int answered = 0;
    int late = 0;
    int cancelled = 0;
    int refused = 0;
    double received = 0;
    std::vector<double> latencies;
  };
  const Figures& figures(size_t layer) const { return layers_[layer].figures; }

 private:
  struct SimulatedTask {
    uint64_t id = 0;
    Entry entry;
    std::vector<PartCost> parts;
    size_t layer = 0;
    bool cancelled = false;
    bool waits = false;  // a part of it does
    int level = 0;       // its priority, or a more urgent one
    // For so long more urgent ones have waited and nothing of it was taken.
    Clock::duration passed{0};
    // For the bound of TurnOrder: what it brought to its level, what had been taken
    // there before, and how many waited there at most, itself included.
    double brought = 0;
    double left = 0;  // what of it was not taken
    double taken_before = 0;
    size_t most_beside = 0;
  };
  struct Level {
    std::vector<SimulatedTask*> waiting;
    double taken_seconds = 0;  // of all parts that were ever taken
    double longest_part = 0;
  };
  struct Layer {
    SimulatedLoad load;
    std::shared_ptr<LayerHandle> handle;
    std::array<Level, kPriorityLevels> levels;
    Figures figures;
    int waiting = 0;  // tasks
    // What other layers have received while this one waited and was given nothing.
    double passed_seconds = 0;
  };
  struct Thread {
    bool busy = false;
    bool awake = true;
    Batch batch;
    double seconds = 0;
  };
  struct Event {
    Clock::time_point at;
    uint64_t number;  // equal times keep their order
    std::function<void()> happens;
    bool operator<(const Event& other) const {
      return at > other.at || (at == other.at && number > other.number);
    }
  };

  void At(double seconds_from_now, std::function<void()> happens);
  double Uniform(double low, double high);
  bool Chance(double share) { return share > 0 && Uniform(0, 1) < share; }

  void Call(size_t layer);
  std::unique_ptr<SimulatedTask> MakeTask(size_t layer);
  void CallAgain(size_t layer);
  void Cancel(uint64_t id);
  // Lets every thread that is free and awake take what it may.
  void Dispatch();
  void TakeForWorker(Thread& thread);
  void Begin(Thread& thread, Batch batch);
  void End(Thread& thread);
  void Done(Entry& entry);

  SimulatedTask& TaskOf(Entry& entry);
  Level& LevelOf(const SimulatedTask& task) { return layers_[task.layer].levels[task.level]; }
  // The most urgent level at which a task of the layer waits.
  static int MostUrgent(const Layer& layer);
  void Join(SimulatedTask& task, int level);
  void Waits(SimulatedTask& task);
  void WaitsNoMore(SimulatedTask& task);

  // The clock goes on.
  void NoteTime(Clock::time_point now);
  // Before a batch of the layer is formed: who was passed for long counts as more urgent.
  void MoveUp(size_t layer);
  // What must hold when a batch was taken, before it is noted here.
  void CheckDropped(const Batch& batch);
  // Those are called back when what runs of them has ended.
  void NoteDroppedWhileTheyRun(const Batch& batch, bool of_batch);
  void CheckLimits(const Batch& batch);
  // Notes the parts in their order.
  void NoteParts(const Batch& batch);
  double TurnsBeside(const Layer& layer) const;
  void NoteShares(size_t layer, double seconds);
  void CheckSums();
  void Check(bool holds, const char* what);

  SimulatedServer server_;
  testing::Random random_;
  FairQueue queue_;
  Clock::time_point now_{std::chrono::hours(1)};
  Clock::time_point last_call_;  // callers call until then
  std::vector<Layer> layers_;
  std::vector<Thread> threads_;  // the workers, and perhaps one for small work
  std::priority_queue<Event> events_;
  uint64_t events_made_ = 0;
  std::vector<std::unique_ptr<SimulatedTask>> tasks_;  // that the queue has
  double longest_batch_ = 0;                           // in true seconds
  std::string failure_;
};

}  // namespace convoy::batching

#endif  // CONVOY_TESTS_SERVER_BATCHING_SIMULATION_H_
