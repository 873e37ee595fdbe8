// The command line of `convoy`.
#ifndef CONVOY_CLIENT_TOOL_TOOL_H_
#define CONVOY_CLIENT_TOOL_TOOL_H_

#include <istream>
#include <ostream>

namespace convoy::tool {

// Parses the arguments, runs the command and returns the exit code of
// tool/outcome.h. Errors are one line on `err`. `argv[0]` is not looked at.
int RunTool(int argc, const char* const* argv, std::istream& in, std::ostream& out,
            std::ostream& err, bool terminal = false);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_TOOL_H_
