// The result of `convoy bench` as text and as JSON.
#ifndef CONVOY_CLIENT_TOOL_BENCH_REPORT_H_
#define CONVOY_CLIENT_TOOL_BENCH_REPORT_H_

#include <ostream>

#include "client/tool/bench_command.h"
#include "client/tool/load_tally.h"

namespace convoy::tool {

// One line for people: what the last second did, `second` seconds into the
// run.
void PrintProgress(int64_t second, const LoadTally& tally, std::ostream& out);

// The whole run for people.
void PrintReport(const BenchArguments& arguments, const LoadTally& tally, std::ostream& out);

// The whole run as one JSON object on one line; latencies in milliseconds,
// null when no request was answered.
void PrintJsonReport(const BenchArguments& arguments, const LoadTally& tally, std::ostream& out);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_BENCH_REPORT_H_
