#include "server/status/diagnosis.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/status/words.h"

namespace convoy::status {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
// From here on, so many of the calls are not a few unlucky ones any more.
constexpr double kMany = 0.01;
// Workers that compute for so much of their time have no room for more.
constexpr double kBusy = 0.9;
// Cores that workers kept busy for which it is worth asking whether they had them, and the
// share that they should have got. Packets and system calls make it less than all.
constexpr double kWorthAsking = 0.2;
constexpr double kEnoughCores = 0.5;
constexpr double kNearMemoryLimit = 0.9;

struct Finding {
  Level level = Level::kOk;
  std::string sentence;
};
using Findings = std::vector<Finding>;

// A message that becomes the end of a sentence.
absl::string_view WithoutStop(absl::string_view message) { return absl::StripSuffix(message, "."); }

double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// How fast it is, of what was answered lately: "half within ..."; empty when nothing was.
std::string Speed(const Span& recent) {
  const Buckets& answered = recent.figures.answered_nanoseconds;
  const auto half = answered.Quantile(0.5);
  const auto nearly_all = answered.Quantile(0.99);
  if (!half || !nearly_all) return "";
  return absl::StrCat("half of them are answered within ", Duration(*half / kNanosecondsPerSecond),
                      ", 99 % within ", Duration(*nearly_all / kNanosecondsPerSecond));
}

// Where the time goes of what was answered lately, the most first; empty when nothing was.
std::string WhereTimeGoes(const Span& recent) {
  constexpr const char* kWords[] = {"to read it", "in the queue", "to compute", "to answer"};
  std::vector<std::pair<double, const char*>> stages;
  double all = 0;
  for (const Stage stage : kAllStages) {
    const auto mean = recent.figures.NanosecondsIn(stage).Mean();
    if (!mean) continue;
    all += *mean;
    stages.emplace_back(*mean, kWords[static_cast<size_t>(stage)]);
  }
  if (stages.empty()) return "";
  std::stable_sort(stages.begin(), stages.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> parts;
  for (const auto& [mean, word] : stages) {
    parts.push_back(absl::StrCat(Duration(mean / kNanosecondsPerSecond), " ", word));
  }
  return absl::StrCat("A mean call takes ", Duration(all / kNanosecondsPerSecond), ": ",
                      absl::StrJoin(parts, ", "), ".");
}

void AddState(const Facts& facts, Findings& findings) {
  if (facts.draining) {
    findings.push_back({Level::kDraining,
                        absl::StrCat("Draining: it finishes what it has, and health says that new "
                                     "calls belong elsewhere; ",
                                     Counted(static_cast<uint64_t>(facts.queue_requests), "call"),
                                     " in the queue.")});
  } else if (!facts.complete) {
    findings.push_back(
        {Level::kStarting, absl::StrCat("Starting: ", Counted(facts.layers.callable, "layer"),
                                        " can be called so far.")});
  } else if (!facts.readiness.ok()) {
    findings.push_back({Level::kCritical,
                        absl::StrCat("Not ready: ", WithoutStop(facts.readiness.message()), ".")});
  }
}

void AddErrors(const Facts& facts, Findings& findings) {
  const Figures& minute = facts.minute.figures;
  const auto add = [&](const Figures& figures, Outcome outcome, const char* word,
                       const char* what) {
    const uint64_t count = figures.Requests(outcome);
    if (count == 0) return;
    const double share = Share(count, figures.AllRequests());
    findings.push_back({share >= kMany ? Level::kCritical : Level::kWarning,
                        absl::StrCat(word, ": ", Percent(share), " of calls (", Count(count),
                                     " of ", Count(figures.AllRequests()), ") ", what, ".")});
  };
  add(minute, Outcome::kFailed, "Failing", "ended with an error of the server in the last minute");
  add(facts.recent.figures, Outcome::kRefused, "Overloaded",
      "were turned away in the last seconds, because too much waits or is unread");
  add(facts.recent.figures, Outcome::kLate, "Too slow for its callers",
      "passed their deadline or were given up in the last seconds");
}

// Whether batches took long because the workers had no processor to run on.
bool LacksCores(const Facts& facts) {
  const double busy = Utilisation(facts.recent, facts.workers) * facts.workers;
  return busy >= kWorthAsking &&
         facts.recent.PerSecond(facts.recent.cpu_seconds) < kEnoughCores * busy;
}

void AddLoad(const Facts& facts, Findings& findings) {
  const double utilisation = Utilisation(facts.recent, facts.workers);
  if (LacksCores(facts)) {
    findings.push_back(
        {Level::kWarning,
         absl::StrCat("Short of processors: the workers were at it for ",
                      Rate(utilisation * facts.workers), " cores' time, and the process got ",
                      Rate(facts.recent.PerSecond(facts.recent.cpu_seconds)),
                      ": something else has the machine, or a limit holds it back.")});
  } else if (utilisation >= kBusy) {
    findings.push_back(
        {Level::kWarning, absl::StrCat("Busy: the workers compute for ", Percent(utilisation),
                                       " of their time, and ",
                                       Counted(static_cast<uint64_t>(facts.queue_requests), "call"),
                                       " wait in the queue.")});
  }
  if (facts.memory_limit_bytes > 0 &&
      facts.resident_bytes >= kNearMemoryLimit * facts.memory_limit_bytes) {
    findings.push_back(
        {Level::kWarning, absl::StrCat("Memory is near its limit: ",
                                       Percent(facts.resident_bytes / facts.memory_limit_bytes),
                                       " of it is in use.")});
  }
}

void AddLayers(const Facts& facts, Findings& findings) {
  if (!facts.repository_readable) {
    findings.push_back(
        {Level::kWarning,
         "The repository cannot be read: what is live stays, and nothing new comes."});
  }
  if (facts.layers.broken > 0) {
    findings.push_back({Level::kWarning,
                        absl::StrCat(Counted(facts.layers.broken, "layer"), " of ",
                                     Count(facts.layers.broken + facts.layers.callable),
                                     " cannot be called: ", WithoutStop(facts.broken_layer), ".")});
  } else if (!facts.load_error.empty()) {
    findings.push_back(
        {Level::kWarning, absl::StrCat("A version could not be loaded, an older one serves: ",
                                       WithoutStop(facts.load_error), ".")});
  }
  if (facts.minute.unknown_layer_requests > 0) {
    findings.push_back(
        {Level::kOk, absl::StrCat(Counted(facts.minute.unknown_layer_requests, "call"),
                                  " of the last minute named a layer that is not there, or could "
                                  "not be read.")});
  }
}

// What it does when nothing is wrong.
std::string Normal(const Facts& facts) {
  const Span& recent = facts.recent;
  if (recent.figures.AllRequests() == 0) {
    return facts.layers.callable == 0
               ? "Up, with no layer to call: the repository has none."
               : absl::StrCat("Up and idle: no calls in the last seconds, ",
                              Counted(facts.layers.callable, "layer"), " ready.");
  }
  const std::string speed = Speed(recent);
  return absl::StrCat(
      "Up: ", Rate(recent.PerSecond(static_cast<double>(recent.figures.AllRequests()))),
      " calls per second", speed.empty() ? "" : "; ", speed, ".");
}

}  // namespace

const char* NameOf(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kStarting:
      return "starting";
    case Level::kDraining:
      return "draining";
    case Level::kWarning:
      return "warning";
    case Level::kCritical:
      return "critical";
  }
  return "";
}

Diagnosis Diagnose(const Facts& facts) {
  Findings findings;
  AddState(facts, findings);
  AddErrors(facts, findings);
  AddLoad(facts, findings);
  AddLayers(facts, findings);
  // Starting and draining say why everything else is as it is.
  const auto gravity = [](const Finding& finding) {
    const bool first = finding.level == Level::kStarting || finding.level == Level::kDraining;
    return first ? static_cast<int>(Level::kCritical) + 1 : static_cast<int>(finding.level);
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) { return gravity(a) > gravity(b); });
  Diagnosis diagnosis{.sentence = Normal(facts)};
  if (!findings.empty() && findings.front().level != Level::kOk) {
    diagnosis.level = findings.front().level;
    if (facts.recent.figures.AllRequests() > 0) diagnosis.also.push_back(diagnosis.sentence);
    diagnosis.sentence = std::move(findings.front().sentence);
    findings.erase(findings.begin());
  }
  std::string why = WhereTimeGoes(facts.recent);
  if (!why.empty()) diagnosis.also.push_back(std::move(why));
  for (Finding& finding : findings) diagnosis.also.push_back(std::move(finding.sentence));
  return diagnosis;
}

double Utilisation(const Span& span, int workers) {
  if (span.seconds <= 0) return 0;
  const double worked = static_cast<double>(span.figures.work_nanoseconds) / kNanosecondsPerSecond;
  return std::min(1.0, worked / (span.seconds * std::max(1, workers)));
}

}  // namespace convoy::status
