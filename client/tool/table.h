// Rows of text in columns.
#ifndef CONVOY_CLIENT_TOOL_TABLE_H_
#define CONVOY_CLIENT_TOOL_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

namespace convoy::tool {

// Collects rows and prints them left-aligned, each column as wide as its
// widest cell. Rows may be of different lengths; control characters in cells
// become spaces. Not thread-safe.
class Table {
 public:
  void AddRow(std::vector<std::string> cells);
  void Print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_TABLE_H_
