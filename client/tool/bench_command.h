// `convoy bench`: load on one layer, and how it was answered.
#ifndef CONVOY_CLIENT_TOOL_BENCH_COMMAND_H_
#define CONVOY_CLIENT_TOOL_BENCH_COMMAND_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct BenchArguments {
  std::string layer;
  // Empty for the newest.
  std::string version;
  // (N, T, C) or (N, C, T), by the layer's data_format.
  std::vector<int64_t> shape;
  // Values of T that take turns; empty for the one in `shape`.
  std::vector<int64_t> lengths;
  // Requests per second; 0 for a new one whenever one is answered.
  double rate = 0;
  // 0 for 16, with a rate for 1024.
  int inflight = 0;
  // Over which they are spread.
  int connections = 1;
  double seconds = 5;
  // 0 for as many as fit into `seconds`.
  int64_t requests = 0;
  bool json = false;
};

// Requests that may be under way.
int Inflight(const BenchArguments& arguments);

// `arguments` must outlive the parsing of `app`.
CLI::App* AddBenchCommand(CLI::App& app, BenchArguments& arguments);

// Every shape is sent once before the clock starts, so that a wrong layer or
// shape is one error and not a thousand; only a full server, one that says when
// to come again, is measured all the same. The report goes to `context.out`,
// progress to `context.err`. Refused when any request failed.
Outcome RunBench(const ToolContext& context, const BenchArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_BENCH_COMMAND_H_
