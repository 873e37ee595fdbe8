// The tool as a shell would run it, in the test's own process.
#ifndef CONVOY_TESTS_CLIENT_TOOL_RUN_CONVOY_H_
#define CONVOY_TESTS_CLIENT_TOOL_RUN_CONVOY_H_

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "client/tool/tool.h"

namespace convoy::tool {

struct Ran {
  int code;
  std::string out;
  std::string err;
};

// The same where `out` goes; nothing is captured of it.
inline Ran RunConvoyInto(std::ostream& out, const std::vector<std::string>& arguments,
                         const std::string& input = "") {
  std::vector<const char*> argv = {"convoy"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::istringstream in(input);
  std::ostringstream err;
  const int code = RunTool(static_cast<int>(argv.size()), argv.data(), in, out, err);
  return {code, "", err.str()};
}

inline Ran RunConvoy(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::ostringstream out;
  Ran ran = RunConvoyInto(out, arguments, input);
  ran.out = out.str();
  return ran;
}

}  // namespace convoy::tool

#endif  // CONVOY_TESTS_CLIENT_TOOL_RUN_CONVOY_H_
