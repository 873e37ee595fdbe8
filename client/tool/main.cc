#include <unistd.h>

#include <iostream>

#include "client/tool/tool.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return convoy::tool::RunTool(argc, argv, std::cin, std::cout, std::cerr,
                               isatty(STDERR_FILENO) == 1);
}
